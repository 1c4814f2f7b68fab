// A deterministic scheduler. Rules, in this order: a given `nodeName` is kept; `nodeSelector` must match the node's labels; then the
// node with the fewest pods of the same owner, then the fewest pods, then the first by name. Resources, affinity and taints are not used.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { fullName } from '../objects/meta.ts';
import { matchesLabels } from '../objects/selector.ts';
import type { WantedPod } from './expand.ts';

export interface Schedulable {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface ScheduledPod extends WantedPod {
  readonly node: string;
}

export function schedulePods(
  pods: readonly WantedPod[],
  nodes: readonly Schedulable[],
): { readonly pods: readonly ScheduledPod[]; readonly diagnostics: readonly Diagnostic[] } {
  const placed: ScheduledPod[] = [];
  const diagnostics: Diagnostic[] = [];
  const byName = [...nodes].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const counts = new Map<string, number>();
  const countOn = (node: string, owner: string | null): number =>
    counts.get(`${node} ${owner ?? ''}`) ?? 0;
  const place = (wanted: WantedPod, node: string): void => {
    placed.push({ ...wanted, node });
    for (const owner of new Set(['', wanted.owner ?? '']))
      counts.set(`${node} ${owner}`, countOn(node, owner) + 1);
  };

  for (const wanted of pods) {
    const { nodeName, nodeSelector } = wanted.pod.spec;
    const candidates = byName.filter(
      (node) =>
        (nodeName === undefined || node.name === nodeName) &&
        (nodeName !== undefined || matchesLabels(nodeSelector ?? {}, node.labels)),
    );
    // A stable sort keeps the order of names among equals.
    const [best] = candidates
      .map((node) => ({
        node,
        own: wanted.owner === null ? 0 : countOn(node.name, wanted.owner),
        all: countOn(node.name, null),
      }))
      .sort((a, b) => a.own - b.own || a.all - b.all);
    if (best !== undefined) place(wanted, best.node.name);
    else
      diagnostics.push({
        severity: 'warning',
        place: wanted.place,
        reason:
          nodeName === undefined
            ? `Pod ${fullName(wanted.pod)} stays Pending: no node has the labels of its nodeSelector`
            : `Pod ${fullName(wanted.pod)} stays Pending: there is no node ${nodeName}`,
        fix: `the nodes are ${nodes.map((node) => node.name).join(', ')}`,
      });
  }
  return { pods: placed, diagnostics };
}
