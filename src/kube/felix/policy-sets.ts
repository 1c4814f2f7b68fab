// The sets behind selectors and named ports (felix/calc/rule_scanner.go, felix/labelindex): whose pods are in them, over the whole
// cluster and not only on this node.
import { ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { printSelector, selectorMatches } from '../policy/selector.ts';
import type { Selector } from '../policy/selector.ts';
import type { Workload } from '../policy/workloads.ts';
import { setName, uniqueId } from './names.ts';
import type { PolicySets } from './policy-rules.ts';
import type { FelixSet } from './types.ts';

/** `made` has what was asked for, in the order of the questions. */
export function policySets(
  family: IpFamily,
  workloads: readonly Workload[],
): PolicySets & { readonly made: ReadonlyMap<string, FelixSet> } {
  const made = new Map<string, FelixSet>();
  const membersOf = (selector: Selector): readonly (readonly [string, Workload])[] =>
    workloads.flatMap((workload) => {
      const ip = ofFamily(workload.ips, family);
      return ip !== null && selectorMatches(selector, workload.labels) ? [[ip, workload]] : [];
    });
  const ask = (id: string, make: (name: string) => FelixSet): string => {
    const name = setName(family, id);
    if (!made.has(name)) made.set(name, make(name));
    return name;
  };
  return {
    made,
    workloads(selector) {
      const text = printSelector(selector);
      return ask(uniqueId('s', text), (name) => ({
        name,
        type: 'hash:net',
        entries: membersOf(selector).map(([ip]) => ip),
        object: `Selector ${text}`,
      }));
    },
    namedPort(selector, protocol, port) {
      const text = printSelector(selector);
      const proto = (protocol ?? 'TCP').toLowerCase();
      const id = uniqueId('n', `${uniqueId('s', text)},${proto},${port}`);
      return ask(id, (name) => ({
        name,
        type: 'hash:ip,port',
        entries: membersOf(selector).flatMap(([ip, workload]) =>
          workload.ports
            .filter((p) => p.name === port && p.protocol.toLowerCase() === proto)
            .map((p) => `${ip},${proto}:${p.port}`),
        ),
        object: `Port ${port} of ${text}`,
      }));
    },
  };
}
