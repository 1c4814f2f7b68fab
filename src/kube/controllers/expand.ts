// The workload controllers: Deployment -> ReplicaSet -> Pods, StatefulSet -> Pods with an ordinal, DaemonSet -> a Pod on every node.
// Names have the shape of real ones, derived by hash instead of drawn at random.
import { assertNever } from '../../base/assert.ts';
import type { Diagnostic, Place } from '../../base/diagnostic.ts';
import { suffix, templateHash } from '../hash/names.ts';
import type { KubeObject } from '../objects/index.ts';
import { fullName, namespaceOf } from '../objects/meta.ts';
import type { PlacedObject } from '../objects/parse.ts';
import type { Pod, PodTemplate } from '../objects/pod.ts';
import type { Workload } from '../objects/workload.ts';

/** A pod that is to run: written by hand, or made by a controller. */
export interface WantedPod {
  readonly pod: Pod;
  /** `ReplicaSet default/web-7c5ddbdf54`, or null: pods of one owner are spread over the nodes. */
  readonly owner: string | null;
  readonly place: Place;
}

/** A picture of more pods helps nobody, and a link must not be able to exhaust a browser. */
export const MAX_PODS = 1000;

export function expandWorkloads(
  objects: readonly PlacedObject[],
  nodes: readonly string[],
): { readonly pods: readonly WantedPod[]; readonly diagnostics: readonly Diagnostic[] } {
  const pods: WantedPod[] = [];
  const done = alreadyExpanded(objects);
  for (const { object, place } of objects) {
    if (done.has(`${object.kind} ${fullName(object)}`) || isOver(object)) continue;
    const left = MAX_PODS - pods.length;
    const more = wantedBy(object, nodes, left + 1).map((wanted) => ({ ...wanted, place }));
    if (more.length > left) {
      const reason = `more than ${MAX_PODS} pods: ${object.kind} ${fullName(object)} is too much`;
      const fix = 'lower `replicas`';
      return { pods, diagnostics: [{ severity: 'error', place, reason, fix }] };
    }
    pods.push(...more);
  }
  return { pods, diagnostics: [] };
}

/** A pod that has ended has no network any more; its address is somebody else's. */
const isOver = (object: KubeObject): boolean =>
  object.kind === 'Pod' &&
  (object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed');

/** Workloads of a document that was copied from a cluster: what they made stands in it, too, and says so. */
function alreadyExpanded(objects: readonly PlacedObject[]): ReadonlySet<string> {
  const owners = new Set<string>();
  for (const { object } of objects)
    for (const { kind, name } of object.metadata.ownerReferences ?? []) {
      const namespace = namespaceOf(object);
      owners.add(`${kind} ${namespace}/${name}`);
      // A Pod names its ReplicaSet, which may have been left out; the hash between both names is a label.
      const hash = object.metadata.labels?.['pod-template-hash'];
      if (kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`))
        owners.add(`Deployment ${namespace}/${name.slice(0, -hash.length - 1)}`);
    }
  return owners;
}

function wantedBy(
  object: KubeObject,
  nodes: readonly string[],
  limit: number,
): readonly Omit<WantedPod, 'place'>[] {
  switch (object.kind) {
    case 'Pod':
      return [{ pod: object, owner: null }];
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return podsOf(object, nodes, limit).map((pod) => ({ pod, owner: ownerOf(object) }));
    case 'Service':
    case 'EndpointSlice':
    case 'Node':
    case 'Namespace':
    case 'NetworkPolicy':
    case 'ConfigMap':
      return [];
    default:
      return assertNever(object);
  }
}

const replicaSetName = (workload: Extract<Workload, { kind: 'Deployment' }>): string =>
  `${workload.metadata.name}-${templateHash(workload.spec.template)}`;

const ownerOf = (workload: Workload): string =>
  workload.kind === 'Deployment'
    ? `ReplicaSet ${fullName(workload).split('/')[0]}/${replicaSetName(workload)}`
    : `${workload.kind} ${fullName(workload)}`;

function podsOf(workload: Workload, nodes: readonly string[], limit: number): readonly Pod[] {
  const { metadata } = workload;
  const range = (count = 1): number[] =>
    Array.from({ length: Math.min(count, limit) }, (_, i) => i);
  const random = (base: string, i: number): string =>
    `${base}-${suffix(`${metadata.namespace ?? 'default'}/${base} ${i}`)}`;
  switch (workload.kind) {
    case 'Deployment': {
      const base = replicaSetName(workload);
      const hash = { 'pod-template-hash': base.slice(metadata.name.length + 1) };
      return range(workload.spec.replicas).map((i) =>
        podFrom(workload, workload.spec.template, random(base, i), hash),
      );
    }
    case 'ReplicaSet':
      return range(workload.spec.replicas).map((i) =>
        podFrom(workload, workload.spec.template, random(metadata.name, i)),
      );
    case 'StatefulSet':
      return range(workload.spec.replicas).map((i) => {
        const name = `${metadata.name}-${i}`;
        const labels = {
          'apps.kubernetes.io/pod-index': String(i),
          'statefulset.kubernetes.io/pod-name': name,
        };
        const pod = podFrom(workload, workload.spec.template, name, labels);
        const { serviceName } = workload.spec;
        const spec = { ...pod.spec, hostname: name };
        return {
          ...pod,
          spec: serviceName === undefined ? spec : { ...spec, subdomain: serviceName },
        };
      });
    case 'DaemonSet':
      return nodes.flatMap((node, i): Pod[] => {
        const pod = podFrom(workload, workload.spec.template, random(metadata.name, i));
        if (pod.spec.nodeName !== undefined && pod.spec.nodeName !== node) return [];
        return [{ ...pod, spec: { ...pod.spec, nodeName: node } }];
      });
    default:
      return assertNever(workload);
  }
}

function podFrom(
  { metadata }: Workload,
  template: PodTemplate,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Pod {
  return {
    kind: 'Pod',
    metadata: {
      name,
      namespace: metadata.namespace ?? 'default',
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations === undefined
        ? {}
        : { annotations: template.metadata.annotations }),
    },
    spec: template.spec,
  };
}
