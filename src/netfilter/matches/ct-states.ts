// The states of `--ctstate` and `--state` as a set, and what a packet's state bits are (xt_conntrack.c conntrack_mt).
import type { ParseContext } from '../module.ts';
import type { NfView } from '../types.ts';

/** In the order in which iptables-save prints them. SNAT and DNAT are bits of the connection, beside its state. */
const STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
const BIT: ReadonlyMap<string, number> = new Map(STATES.map((name, i) => [name, 1 << i]));

export function parseStates(text: string, ctx: ParseContext, withNat: boolean): number {
  let bits = 0;
  for (const name of text.split(',')) {
    const bit = BIT.get(name.toUpperCase());
    if (bit === undefined || (!withNat && name.toUpperCase().endsWith('NAT')))
      ctx.fail(`unknown connection state "${name}"`, STATES.slice(0, withNat ? 7 : 5).join(', '));
    bits |= bit ?? 0;
  }
  return bits;
}
export const printStates = (bits: number): string =>
  STATES.filter((_, i) => bits & (1 << i)).join(',');

export function stateBits(view: NfView): number {
  const bits = BIT.get(view.ctState) ?? 1;
  const entry = view.ct?.entry;
  return entry === undefined ? bits : bits | (entry.srcNat ? 32 : 0) | (entry.dstNat ? 64 : 0);
}
