// -j MASQUERADE: source becomes an address of the outgoing device (net/netfilter/xt_MASQUERADE.c, nf_nat_masquerade.c).
import { find, type TargetModule } from '../module.ts';
import type { NatRange } from '../types.ts';
import { natRange, parsePorts, printFlags, printPorts } from './nat-range.ts';

export const MASQUERADE: TargetModule<NatRange> = {
  name: 'MASQUERADE',
  limits: { tables: ['nat'], hooks: ['POSTROUTING'] },
  options: { 'to-ports': '1', random: '0', 'random-fully': '0' },
  needsConntrack: () => true,
  parse(given, ctx) {
    const ports = find(given, 'to-ports');
    return {
      ...natRange({ manip: 'src', by: 'MASQUERADE' }, given),
      ...(ports ? parsePorts(ports.values[0] ?? '', ctx) : {}),
    };
  },
  print: (range) =>
    (range.minPort === null ? '' : ` --to-ports ${printPorts(range)}`) + printFlags(range),
  compile: (range) => (_facts, _view, act) => act.nat(range),
};
