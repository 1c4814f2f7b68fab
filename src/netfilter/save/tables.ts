// The tables of iptables and their built-in chains, in hook order (net/ipv4/netfilter/iptable_*.c).
import type { HookName, TableName } from '../../trace/types.ts';

export const HOOKS_OF: Readonly<Record<TableName, readonly HookName[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const BITS: Readonly<Record<HookName, number>> = {
  PREROUTING: 1,
  INPUT: 2,
  FORWARD: 4,
  OUTPUT: 8,
  POSTROUTING: 16,
};
/** Hooks as a set of bits. */
export function hookBits(hooks: readonly HookName[]): number {
  let bits = 0;
  for (const hook of hooks) bits |= BITS[hook];
  return bits;
}
export const isTableName = (name: string): name is TableName => Object.hasOwn(HOOKS_OF, name);

/** strcmp: by code units, never by a locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
