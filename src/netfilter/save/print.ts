// Rules as iptables-save 1.8.9 prints them (iptables-save.c, iptables.c print_rule4), without its comment lines.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { Chain, MatchInstance, Rule, Ruleset, Table, TargetInstance } from '../types.ts';
import { printHeader } from './header.ts';
import { byName, HOOKS_OF } from './tables.ts';

export interface PrintOptions {
  /** `iptables-save -c`: each rule begins with its counters. Without it all counters are zero. */
  readonly counters?: boolean;
}

const printMatch = ({ name, spec }: MatchInstance): string =>
  ` -m ${name}${findMatch(name)?.print(spec) ?? ''}`;

export function printTarget(target: TargetInstance): string {
  const text =
    target.kind === 'extension' ? (findTarget(target.name)?.print(target.spec) ?? '') : '';
  return ` ${target.kind === 'goto' ? '-g' : '-j'} ${target.name}${text}`;
}

/** `-A KUBE-SVC-X -m comment ... -j KUBE-SEP-Y`. */
export function printRule(chain: string, rule: Rule): string {
  let text = `-A ${chain}${printHeader(rule.header)}`;
  for (const match of rule.matches) text += printMatch(match);
  return rule.target === null ? text : text + printTarget(rule.target);
}

/** Built-in chains in hook order, then the user's by name. */
export function sortChains(table: Table['name'], chains: readonly Chain[]): readonly Chain[] {
  const base = HOOKS_OF[table]
    .map((hook) => chains.find(({ name, policy }) => name === hook && policy !== null))
    .filter((chain) => chain !== undefined);
  const user = chains.filter(({ policy }) => policy === null);
  if (user.some(({ name }, i) => i > 0 && byName(user[i - 1]!.name, name) > 0))
    user.sort((a, b) => byName(a.name, b.name));
  return [...base, ...user];
}

function printTable(table: Table, counters: boolean): string {
  const chains = sortChains(table.name, table.chains);
  let text = `*${table.name}\n`;
  for (const { name, policy, packets, bytes } of chains) {
    const count = counters && policy !== null ? `[${packets}:${bytes}]` : '[0:0]';
    text += `:${name} ${policy ?? '-'} ${count}\n`;
  }
  for (const chain of chains)
    for (const rule of chain.rules) {
      const count = counters ? `[${rule.packets}:${rule.bytes}] ` : '';
      text += `${count}${printRule(chain.name, rule)}\n`;
    }
  return `${text}COMMIT\n`;
}

/** Tables in the order of the ruleset. (The real one lists the last table that was used first.) */
export const printSave = (ruleset: Ruleset, options: PrintOptions = {}): string =>
  ruleset.tables.map((table) => printTable(table, options.counters === true)).join('');
