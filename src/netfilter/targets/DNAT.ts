// -j DNAT: another destination (net/netfilter/xt_nat.c xt_dnat_target). The verdict ends the nat table.
import { need, type TargetModule } from '../module.ts';
import type { NatRange } from '../types.ts';
import { parseNat, printFlags, printNat } from './nat-range.ts';

export const DNAT: TargetModule<NatRange> = {
  name: 'DNAT',
  limits: { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] },
  options: { 'to-destination': '1', random: '0', persistent: '0' },
  needsConntrack: () => true,
  parse(given, ctx) {
    const text = need(given, ctx, 'to-destination').values[0] ?? '';
    return parseNat({ manip: 'dst', by: 'DNAT' }, text, given, ctx);
  },
  print: (range) => ` --to-destination ${printNat(range)}${printFlags(range)}`,
  compile: (range) => (_facts, _view, act) => act.nat(range),
};
