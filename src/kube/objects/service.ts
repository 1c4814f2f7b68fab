// core/v1 Service. Every field that kube-proxy, the endpoint slice controller or DNS reads.
import * as v from 'valibot';
import { labels, metadata, port, portOrName, protocol } from './meta.ts';

/** 0 is how objects from an API server write "none". */
const nodePort = v.union([v.literal(0), port], 'expected a port number');

export const servicePort = v.object({
  name: v.optional(v.string()),
  protocol: v.optional(protocol),
  port,
  targetPort: v.optional(v.union([v.literal(0), portOrName])),
  nodePort: v.optional(nodePort),
  appProtocol: v.optional(v.string()),
});
export type ServicePortSpec = v.InferOutput<typeof servicePort>;

const policy = v.picklist(['Cluster', 'Local']);
export const ipFamily = v.picklist(['IPv4', 'IPv6']);
export type IpFamily = v.InferOutput<typeof ipFamily>;

export const service = v.object({
  kind: v.literal('Service'),
  metadata,
  spec: v.object({
    type: v.optional(v.picklist(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])),
    selector: v.optional(labels),
    clusterIP: v.optional(v.string()),
    clusterIPs: v.optional(v.array(v.string())),
    ipFamilies: v.optional(v.array(ipFamily)),
    ipFamilyPolicy: v.optional(v.picklist(['SingleStack', 'PreferDualStack', 'RequireDualStack'])),
    ports: v.optional(v.array(servicePort)),
    externalIPs: v.optional(v.array(v.string())),
    externalName: v.optional(v.string()),
    loadBalancerIP: v.optional(v.string()),
    loadBalancerSourceRanges: v.optional(v.array(v.string())),
    sessionAffinity: v.optional(v.picklist(['None', 'ClientIP'])),
    sessionAffinityConfig: v.optional(
      v.object({
        clientIP: v.optional(v.object({ timeoutSeconds: v.optional(v.number()) })),
      }),
    ),
    externalTrafficPolicy: v.optional(policy),
    internalTrafficPolicy: v.optional(policy),
    healthCheckNodePort: v.optional(nodePort),
    allocateLoadBalancerNodePorts: v.optional(v.boolean()),
    publishNotReadyAddresses: v.optional(v.boolean()),
  }),
  status: v.optional(
    v.object({
      loadBalancer: v.optional(
        v.object({
          ingress: v.optional(
            v.array(
              v.object({
                ip: v.optional(v.string()),
                hostname: v.optional(v.string()),
                ipMode: v.optional(v.picklist(['VIP', 'Proxy'])),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
});
export type Service = v.InferOutput<typeof service>;
