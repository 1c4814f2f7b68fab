// core/v1 Pod: what of it decides where a packet goes. Containers matter for the ports that they listen on.
import * as v from 'valibot';
import { condition, labels, metadata, port, protocol } from './meta.ts';

export const containerPort = v.object({
  name: v.optional(v.string()),
  containerPort: port,
  protocol: v.optional(protocol),
  hostPort: v.optional(v.union([v.literal(0), port])),
  hostIP: v.optional(v.string()),
});

export const container = v.object({
  name: v.string(),
  image: v.optional(v.string()),
  ports: v.optional(v.array(containerPort)),
});

export const podSpec = v.object({
  nodeName: v.optional(v.string()),
  nodeSelector: v.optional(labels),
  serviceAccountName: v.optional(v.string()),
  hostNetwork: v.optional(v.boolean()),
  hostname: v.optional(v.string()),
  subdomain: v.optional(v.string()),
  containers: v.pipe(v.array(container), v.minLength(1, 'a pod has at least one container')),
});

export const podTemplate = v.object({
  metadata: v.optional(v.object({ labels: v.optional(labels), annotations: v.optional(labels) })),
  spec: podSpec,
});
export type PodTemplate = v.InferOutput<typeof podTemplate>;

export const pod = v.object({
  kind: v.literal('Pod'),
  metadata,
  spec: podSpec,
  status: v.optional(
    v.object({
      phase: v.optional(v.string()),
      podIP: v.optional(v.string()),
      podIPs: v.optional(v.array(v.object({ ip: v.string() }))),
      conditions: v.optional(v.array(condition)),
    }),
  ),
});
export type Pod = v.InferOutput<typeof pod>;
