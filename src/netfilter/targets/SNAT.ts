// -j SNAT: another source (net/netfilter/xt_nat.c xt_snat_target). The verdict ends the nat table.
import { need, type TargetModule } from '../module.ts';
import type { NatRange } from '../types.ts';
import { NAT_FLAGS, parseNat, printFlags, printNat } from './nat-range.ts';

export const SNAT: TargetModule<NatRange> = {
  name: 'SNAT',
  limits: { tables: ['nat'], hooks: ['POSTROUTING', 'INPUT'] },
  options: { 'to-source': '1', ...NAT_FLAGS },
  needsConntrack: () => true,
  parse(given, ctx) {
    const text = need(given, ctx, 'to-source').values[0] ?? '';
    return parseNat({ manip: 'src', by: 'SNAT' }, text, given, ctx);
  },
  print: (range) => ` --to-source ${printNat(range)}${printFlags(range)}`,
  compile: (range) => (_facts, _view, act) => act.nat(range),
};
