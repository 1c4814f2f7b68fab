// Security groups of interfaces (Amazon VPC user guide): rules only allow, the union of all groups counts, and what answers a packet that
// has passed needs no rule. Flows are remembered for the whole run; AWS forgets idle ones.
import { invertTuple, tupleKey } from '../conntrack/tuple.ts';
import type { Tuple } from '../conntrack/types.ts';
import type { SecurityRuleSpec, VpcRouterSpec } from '../network/appliances.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { contains } from '../wire/addr/prefix.ts';
import type { IpAddr, Ipv4, Prefix } from '../wire/addr/types.ts';
import { IPPROTO } from '../wire/types.ts';
import type { EniCheck, EniDirection } from './eni-checks.ts';
import { readPrefix } from './read.ts';
import type { Complain } from './types.ts';
import type { Eni, Vpc } from './vpc-table.ts';

export interface SecurityGroup {
  readonly name: string;
  readonly ingress: readonly SecurityRule[];
  readonly egress: readonly SecurityRule[];
}
interface SecurityRule {
  /** null: any. */
  readonly protocol: number | null;
  readonly ports: readonly [number, number] | null;
  /** A range, or the name of a group. */
  readonly peer: Prefix<Ipv4> | string;
  readonly text: string;
}

const ALL: SecurityRuleSpec = { protocol: 'all', peer: '0.0.0.0/0' };

export function readGroups(
  { securityGroups = [] }: VpcRouterSpec,
  complain: Complain,
): ReadonlyMap<string, SecurityGroup> {
  const names = new Set(securityGroups.map((group) => group.name));
  const read = (specs: readonly SecurityRuleSpec[]): readonly SecurityRule[] =>
    specs.flatMap((spec) => readRule(spec, names, complain) ?? []);
  return new Map(
    securityGroups.map(({ name, ingress, egress = [ALL] }) => [
      name,
      { name, ingress: read(ingress), egress: read(egress) },
    ]),
  );
}

function readRule(
  { protocol, ports, peer }: SecurityRuleSpec,
  names: ReadonlySet<string>,
  complain: Complain,
): SecurityRule | null {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports ?? '') ?? [];
  if (ports !== undefined && first === undefined)
    complain(`security group: ${ports} are no ports`, 'write them as 80 or 30000-32767');
  const range = names.has(peer) ? peer : readPrefix(peer, 'security group', complain);
  if (range === null) return null;
  return {
    protocol: protocol === 'all' ? null : IPPROTO[protocol],
    ports: first === undefined ? null : [Number(first), Number(last)],
    peer: range,
    text: [protocol, ports, peer].filter((word) => word !== undefined).join(' '),
  };
}

const WORDS = {
  ingress: { from: 'from', pass: 'lets it in', other: 'egress' },
  egress: { from: 'to', pass: 'lets it out', other: 'ingress' },
} as const;

/** A tuple that passed, in the direction in which it did. */
const passed = (eni: Eni, direction: EniDirection, tuple: Tuple | null): boolean =>
  tuple !== null && eni.passed[direction].has(tupleKey(tuple));

export const securityGroups: EniCheck = (eni, { tuple, quoted }, direction, vpc) => {
  if (eni.groups.length === 0) return null;
  const { from, pass, other } = WORDS[direction];
  const say = (ok: boolean, why: string): ReturnType<EniCheck> => {
    if (ok) eni.passed[direction].add(tupleKey(tuple));
    return { check: 'security group', eni: eni.name, passed: ok, why };
  };
  if (passed(eni, other, invertTuple(tuple))) return say(true, 'it answers what has passed before');
  if (quoted !== null && passed(eni, other, quoted))
    return say(true, 'it is an error about what has passed before');
  const end = direction === 'ingress' ? tuple.src : tuple.dst;
  for (const group of eni.groups)
    for (const rule of group[direction])
      if (allows(rule, tuple, end, vpc))
        return say(true, `the rule “${rule.text}” of group ${group.name} ${pass}`);
  const names = eni.groups.map((group) => group.name).join(', ');
  return say(
    false,
    `no ${direction} rule of ${names} is for ${said(tuple)} ${from} ${printAddr(end)}`,
  );
};

function allows(
  { protocol, ports, peer }: SecurityRule,
  tuple: Tuple,
  end: IpAddr,
  vpc: Vpc,
): boolean {
  if (protocol !== null && protocol !== tuple.protocol) return false;
  const hasPorts = tuple.protocol === IPPROTO.tcp || tuple.protocol === IPPROTO.udp;
  if (ports !== null && hasPorts && (tuple.dport < ports[0] || tuple.dport > ports[1]))
    return false;
  if (typeof peer !== 'string') return contains(peer, end);
  return vpc.owners.find(end as Ipv4)?.groups.some((group) => group.name === peer) === true;
}

function said({ protocol, dport }: Tuple): string {
  if (protocol === IPPROTO.tcp) return `TCP port ${dport}`;
  if (protocol === IPPROTO.udp) return `UDP port ${dport}`;
  return protocol === IPPROTO.icmp ? 'ICMP' : `protocol ${protocol}`;
}
