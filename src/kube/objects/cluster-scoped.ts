// core/v1 Node, Namespace and ConfigMap. Nodes come from the cluster settings; a Node object adds labels and a pod CIDR to one.
import * as v from 'valibot';
import { metadata } from './meta.ts';

export const node = v.object({
  kind: v.literal('Node'),
  metadata,
  spec: v.optional(
    v.object({
      podCIDR: v.optional(v.string()),
      podCIDRs: v.optional(v.array(v.string())),
    }),
  ),
});

export const namespace = v.object({ kind: v.literal('Namespace'), metadata });

export const configMap = v.object({
  kind: v.literal('ConfigMap'),
  metadata,
  data: v.optional(v.record(v.string(), v.string())),
});
export type ConfigMap = v.InferOutput<typeof configMap>;
