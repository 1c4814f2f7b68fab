// -j REJECT: answers with an ICMP error or a TCP RST and drops (net/ipv4/netfilter/ipt_REJECT.c, ip6t_REJECT.c).
import { find, type TargetModule } from '../module.ts';
import type { Family } from '../../trace/types.ts';

/** Aliases first: name given -> name saved. */
const V4: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'icmp-net-unreachable',
  'net-unreach': 'icmp-net-unreachable',
  'icmp-host-unreachable': 'icmp-host-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'icmp-proto-unreachable': 'icmp-proto-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'icmp-port-unreachable': 'icmp-port-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'icmp-net-prohibited': 'icmp-net-prohibited',
  'net-prohib': 'icmp-net-prohibited',
  'icmp-host-prohibited': 'icmp-host-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'tcp-reset': 'tcp-reset',
  'tcp-rst': 'tcp-reset',
  'icmp-admin-prohibited': 'icmp-admin-prohibited',
  'admin-prohib': 'icmp-admin-prohibited',
};
const V6: Readonly<Record<string, string>> = {
  'icmp6-no-route': 'icmp6-no-route',
  'no-route': 'icmp6-no-route',
  'icmp6-adm-prohibited': 'icmp6-adm-prohibited',
  'adm-prohibited': 'icmp6-adm-prohibited',
  'icmp6-addr-unreachable': 'icmp6-addr-unreachable',
  'addr-unreach': 'icmp6-addr-unreachable',
  'icmp6-port-unreachable': 'icmp6-port-unreachable',
  'port-unreach': 'icmp6-port-unreachable',
  'tcp-reset': 'tcp-reset',
  'icmp6-policy-fail': 'icmp6-policy-fail',
  'policy-fail': 'icmp6-policy-fail',
  'icmp6-reject-route': 'icmp6-reject-route',
  'reject-route': 'icmp6-reject-route',
};
const kinds = (family: Family): Readonly<Record<string, string>> => (family === 'ipv4' ? V4 : V6);
const usual = (family: Family): string =>
  family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';

export interface RejectSpec {
  readonly with: string;
}

export const REJECT: TargetModule<RejectSpec> = {
  name: 'REJECT',
  limits: { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  options: { 'reject-with': '1' },
  parse(given, ctx) {
    const word = find(given, 'reject-with')?.values[0] ?? usual(ctx.family);
    const table = kinds(ctx.family);
    const exact = table[word];
    const begins = Object.keys(table).filter((name) => name.startsWith(word));
    const kind = exact ?? (begins[0] === undefined ? undefined : table[begins[0]]);
    if (kind === undefined)
      ctx.fail(`unknown reject type "${word}"`, [...new Set(Object.values(table))].join(', '));
    if (kind === 'tcp-reset' && (ctx.header.protocol !== 6 || ctx.header.protocolInvert))
      ctx.fail('REJECT --reject-with tcp-reset needs -p tcp');
    return { with: kind ?? usual(ctx.family) };
  },
  print: (spec) => ` --reject-with ${spec.with}`,
  compile: (spec) => (_facts, _view, act) => {
    act.reject(spec.with);
    return 'drop';
  },
};
