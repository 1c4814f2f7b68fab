// iptables commands of one component, as a component types them: arguments in its own order, the chain in front.
import type { Origin } from '../../network/types.ts';
import type { NetAction } from '../ops.ts';
import type { IptFamily, IptRule, IptTable } from './types.ts';

type RuleOf = (table: IptTable, chain: string, ...args: readonly string[]) => NetAction;

/** `object`: what the rules are for, where it is one thing. Empty arguments fall out. */
export function iptablesBy(component: string, family: IptFamily, object: string | null = null) {
  const tool = family === 'ipv4' ? 'iptables' : 'ip6tables';
  const rule = (
    flag: string,
    table: IptTable,
    chain: string,
    parts: readonly string[],
  ): IptRule => {
    const args = parts.filter((part) => part !== '').join(' ');
    const command = `${tool} -t ${table} ${flag} ${chain} ${args}`;
    const origin: Origin = { component, object, command };
    return { chain, args, origin };
  };
  const chain = (table: IptTable, name: string): NetAction => ({
    op: 'iptables',
    family,
    command: { do: 'chain', table, chain: name },
  });
  const append: RuleOf = (table, name, ...args) => ({
    op: 'iptables',
    family,
    command: { do: 'append', table, rule: rule('-A', table, name, args) },
  });
  /** On top of the chain. */
  const insert: RuleOf = (table, name, ...args) => ({
    op: 'iptables',
    family,
    command: { do: 'insert', table, rule: rule('-I', table, name, args) },
  });
  return { chain, append, insert };
}
