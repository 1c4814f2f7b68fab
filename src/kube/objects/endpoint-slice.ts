// discovery.k8s.io/v1 EndpointSlice: the only thing that kube-proxy knows about pods.
import * as v from 'valibot';
import { metadata, port, protocol } from './meta.ts';

/** The label that ties a slice to its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

const named = v.object({ name: v.string() });

export const endpoint = v.object({
  addresses: v.array(v.string()),
  conditions: v.optional(
    v.object({
      ready: v.optional(v.boolean()),
      serving: v.optional(v.boolean()),
      terminating: v.optional(v.boolean()),
    }),
  ),
  nodeName: v.optional(v.string()),
  hostname: v.optional(v.string()),
  zone: v.optional(v.string()),
  targetRef: v.optional(
    v.object({
      kind: v.optional(v.string()),
      namespace: v.optional(v.string()),
      name: v.optional(v.string()),
    }),
  ),
  hints: v.optional(
    v.object({ forZones: v.optional(v.array(named)), forNodes: v.optional(v.array(named)) }),
  ),
});
export type Endpoint = v.InferOutput<typeof endpoint>;

export const endpointSlice = v.object({
  kind: v.literal('EndpointSlice'),
  metadata,
  addressType: v.optional(v.picklist(['IPv4', 'IPv6', 'FQDN'])),
  endpoints: v.optional(v.array(endpoint)),
  ports: v.optional(
    v.array(
      v.object({
        name: v.optional(v.string()),
        port: v.optional(v.union([v.literal(0), port])),
        protocol: v.optional(protocol),
        appProtocol: v.optional(v.string()),
      }),
    ),
  ),
});
export type EndpointSlice = v.InferOutput<typeof endpointSlice>;
