// -j REDIRECT: destination becomes this machine (net/netfilter/xt_REDIRECT.c, nf_nat_redirect.c): the first address of the
// ingress device in PREROUTING, loopback in OUTPUT.
import { find, type TargetModule } from '../module.ts';
import type { NatRange } from '../types.ts';
import { natRange, parsePorts, printFlags, printPorts } from './nat-range.ts';

export const REDIRECT: TargetModule<NatRange> = {
  name: 'REDIRECT',
  limits: { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] },
  options: { 'to-ports': '1', random: '0' },
  needsConntrack: () => true,
  parse(given, ctx) {
    const ports = find(given, 'to-ports');
    return {
      ...natRange({ manip: 'dst', by: 'REDIRECT' }, given),
      ...(ports ? parsePorts(ports.values[0] ?? '', ctx) : {}),
    };
  },
  print: (range) =>
    (range.minPort === null ? '' : ` --to-ports ${printPorts(range)}`) + printFlags(range),
  compile: (range) => (_facts, _view, act) => act.nat(range),
};
