// The registry of Kubernetes kinds that are read. To add one: a schema in its own file, and one line here.
// A kind that is not here is named to the user by parse.ts.
import type * as v from 'valibot';
import { configMap, namespace, node } from './cluster-scoped.ts';
import { endpointSlice } from './endpoint-slice.ts';
import { networkPolicy } from './network-policy.ts';
import { pod } from './pod.ts';
import { service } from './service.ts';
import { daemonSet, deployment, replicaSet, statefulSet } from './workload.ts';

export const kinds = {
  Pod: pod,
  Service: service,
  EndpointSlice: endpointSlice,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Node: node,
  Namespace: namespace,
  NetworkPolicy: networkPolicy,
  ConfigMap: configMap,
} as const;

export type Kind = keyof typeof kinds;
export type KubeObject = { [K in Kind]: v.InferOutput<(typeof kinds)[K]> }[Kind];

export const isKind = (text: string): text is Kind => Object.hasOwn(kinds, text);
