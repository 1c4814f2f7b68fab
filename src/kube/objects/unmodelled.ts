// Fields that would change the path of a packet and that are not modelled. Each is named to the user with its line, so that nobody
// trusts a picture that silently left something out. Everything else that is unknown (resources, probes, volumes) is quiet.
import type { Kind } from './index.ts';

export interface Unmodelled {
  /** Of the object; `*` stands for every item of a list or every key. */
  readonly path: readonly string[];
  readonly why: string;
  readonly fix: string | null;
}

const placement = 'is not used by the scheduler here';
const pin = 'name the node with `nodeName`, or narrow it with `nodeSelector`';
const podSpec = (prefix: readonly string[]): readonly Unmodelled[] => [
  { path: [...prefix, 'affinity'], why: placement, fix: pin },
  { path: [...prefix, 'topologySpreadConstraints'], why: placement, fix: pin },
  { path: [...prefix, 'dnsConfig'], why: 'is not modelled', fix: null },
  { path: [...prefix, 'hostAliases'], why: 'is not modelled', fix: null },
  {
    path: [...prefix, 'securityContext', 'sysctls'],
    why: 'is not modelled: the pod has the defaults of its namespace',
    fix: null,
  },
];
const template = podSpec(['spec', 'template', 'spec']);

export const unmodelled: Readonly<Record<Kind, readonly Unmodelled[]>> = {
  Pod: podSpec(['spec']),
  Deployment: template,
  ReplicaSet: template,
  StatefulSet: template,
  DaemonSet: template,
  Service: [
    {
      path: ['spec', 'trafficDistribution'],
      why: 'sets no hints here: endpoints are chosen from the whole cluster',
      fix: 'write EndpointSlices with hints by hand',
    },
    { path: ['spec', 'loadBalancerClass'], why: 'is not modelled', fix: null },
    {
      path: ['metadata', 'annotations', 'service.kubernetes.io/topology-mode'],
      why: 'sets no hints here: endpoints are chosen from the whole cluster',
      fix: 'write EndpointSlices with hints by hand',
    },
  ],
  EndpointSlice: [],
  Node: [
    { path: ['spec', 'taints'], why: placement, fix: pin },
    { path: ['spec', 'unschedulable'], why: placement, fix: pin },
  ],
  Namespace: [],
  NetworkPolicy: [],
  ConfigMap: [],
};

/** The concrete paths of a pattern that exist in a value. */
export function findPaths(
  value: unknown,
  pattern: readonly string[],
): readonly (readonly PropertyKey[])[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [[]];
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value)
    ? head === '*'
      ? value.map((_, i) => i)
      : []
    : Object.keys(value).filter((key) => head === '*' || key === head);
  return keys.flatMap((key) =>
    findPaths((value as Record<PropertyKey, unknown>)[key], rest).map((path) => [key, ...path]),
  );
}
