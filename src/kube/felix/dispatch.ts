// From an interface to the chain of its pod (felix/rules/dispatch.go): one rule for each, below a chain for each next character where
// several share it, so that a node with hundreds of pods walks a few rules.
import { goTo, jump } from './chain.ts';
import type { FelixChain, FelixRule } from './chain.ts';
import { chainName } from './names.ts';
import { FROM_WORKLOAD, TO_WORKLOAD } from './static-filter.ts';

export const fromWorkload = (iface: string): string => chainName('cali-fw-', iface);
export const toWorkload = (iface: string): string => chainName('cali-tw-', iface);

const UNKNOWN: FelixRule = { action: jump('DROP'), comments: ['Unknown interface'] };

function commonPrefix(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function dispatch(
  ifaces: readonly string[],
  root: string,
  option: string,
  chainOf: (iface: string) => string,
): readonly FelixChain[] {
  const names = [...ifaces].sort();
  const common = commonPrefix(names);
  const bins = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.slice(0, common.length + 1);
    bins.set(prefix, [...(bins.get(prefix) ?? []), name]);
  }
  const ruleOf = (iface: string): FelixRule => ({
    match: [`${option} ${iface}`],
    action: goTo(chainOf(iface)),
  });
  const children: FelixChain[] = [];
  const rules = [...bins].map(([prefix, members]): FelixRule => {
    if (members.length === 1) return ruleOf(members[0]!);
    const name = `${root}-${prefix.slice(common.length)}`;
    // Entered by goto: what matches nothing there does not come back to the root's last rule.
    children.push({ name, rules: [...members.map(ruleOf), UNKNOWN] });
    return { match: [`${option} ${prefix}+`], action: goTo(name) };
  });
  return [...children, { name: root, rules: [...rules, UNKNOWN] }];
}

export const dispatchChains = (ifaces: readonly string[]): readonly FelixChain[] => [
  ...dispatch(ifaces, FROM_WORKLOAD, '--in-interface', fromWorkload),
  ...dispatch(ifaces, TO_WORKLOAD, '--out-interface', toWorkload),
];
