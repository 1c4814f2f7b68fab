// Workload endpoints: the pods that policy can select and hold to. A hostNetwork pod is none: its traffic is its node's.
import type { Labels } from '../objects/meta.ts';
import { workloadLabels } from './labels.ts';
import type { PolicyProtocol } from './convert.ts';

export interface NamedPort {
  readonly name: string;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

export interface Workload {
  /** `default/web-0` */
  readonly pod: string;
  readonly node: string;
  /** One of each family. */
  readonly ips: readonly string[];
  /** The host's end of its veth pair. */
  readonly iface: string;
  readonly labels: Labels;
  readonly ports: readonly NamedPort[];
  /** Names of the profiles that decide where no policy does: of its namespace, of its service account. */
  readonly profiles: readonly string[];
}

export interface WorkloadPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ips: readonly string[];
  readonly iface: string;
  readonly labels: Labels;
  readonly ports: readonly NamedPort[];
  readonly serviceAccount: string;
}

export const workloadOf = (pod: WorkloadPod, namespaceLabels: Labels): Workload => ({
  pod: `${pod.namespace}/${pod.name}`,
  node: pod.node,
  ips: pod.ips,
  iface: pod.iface,
  labels: workloadLabels(pod, namespaceLabels),
  ports: pod.ports,
  profiles: [`kns.${pod.namespace}`, `ksa.${pod.namespace}.${pod.serviceAccount}`],
});
