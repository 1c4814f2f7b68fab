// apps/v1 Deployment, ReplicaSet, StatefulSet, DaemonSet: recipes for pods.
import * as v from 'valibot';
import { count, labelSelector, metadata } from './meta.ts';
import { podTemplate } from './pod.ts';

const scaled = v.object({
  replicas: v.optional(count),
  selector: v.optional(labelSelector),
  template: podTemplate,
});

export const deployment = v.object({ kind: v.literal('Deployment'), metadata, spec: scaled });
export const replicaSet = v.object({ kind: v.literal('ReplicaSet'), metadata, spec: scaled });
export const statefulSet = v.object({
  kind: v.literal('StatefulSet'),
  metadata,
  spec: v.object({ ...scaled.entries, serviceName: v.optional(v.string()) }),
});
export const daemonSet = v.object({
  kind: v.literal('DaemonSet'),
  metadata,
  spec: v.object({ selector: v.optional(labelSelector), template: podTemplate }),
});

export type Workload =
  | v.InferOutput<typeof deployment>
  | v.InferOutput<typeof replicaSet>
  | v.InferOutput<typeof statefulSet>
  | v.InferOutput<typeof daemonSet>;
