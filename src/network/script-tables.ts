// Routes, policy rules, neighbours, FDB entries, ipsets and iptables as lines of ip-route(8), ip-rule(8), ip-neighbour(8),
// bridge(8), ipset(8) and iptables-restore(8).
import { family, hereDocument, line, option, word } from './shell.ts';
import type { Names } from './script.ts';
import type {
  FdbSpec,
  IpsetSpec,
  NamespaceSpec,
  NeighSpec,
  PolicyRuleSpec,
  RouteSpec,
} from './types.ts';

export function tableLines(ns: NamespaceSpec, names: Names): readonly string[] {
  const n = names.netns(ns.name);
  const inside = `ip netns exec ${n}`;
  return [
    ...(ns.routes ?? []).map((route) => routeLine(n, route)),
    ...(ns.rules ?? []).map((rule) => ruleLine(n, rule)),
    ...(ns.neigh ?? []).map((entry) => neighLine(n, entry)),
    ...(ns.fdb ?? []).map((entry) => fdbLine(n, entry)),
    ...(ns.ipsets ?? []).flatMap((set) => ipsetLines(inside, set)),
    ...restoreLine(`${inside} ${names.iptables}-restore`, ns.iptables?.ipv4),
    ...restoreLine(`${inside} ${names.iptables.replace('ip', 'ip6')}-restore`, ns.iptables?.ipv6),
  ];
}

const routeLine = (n: string, r: RouteSpec): string =>
  line(
    'ip',
    family(r.dst, r.via),
    `-n ${n} route add`,
    r.type === undefined || r.type === 'unicast' ? '' : word(r.type),
    word(r.dst),
    option('via', r.via),
    option('dev', r.dev),
    option('src', r.src),
    option('scope', r.scope),
    option('table', r.table),
    option('metric', r.metric),
    option('mtu', r.mtu),
    option('proto', r.proto),
    r.onlink === true ? 'onlink' : '',
  );

const ruleLine = (n: string, r: PolicyRuleSpec): string =>
  line(
    'ip',
    family(r.from, r.to),
    `-n ${n} rule add`,
    r.not === true ? 'not' : '',
    option('from', r.from),
    option('to', r.to),
    option('fwmark', r.fwmark),
    option('iif', r.iif),
    option('oif', r.oif),
    option('lookup', r.lookup),
    option('priority', r.priority),
  );

function neighLine(n: string, e: NeighSpec): string {
  const head = `ip -n ${n} neigh replace`;
  if (e.proxy === true) return line(head, option('proxy', e.ip), option('dev', e.dev));
  const state = e.state ?? 'permanent';
  return line(
    head,
    word(e.ip),
    option('lladdr', e.mac),
    option('dev', e.dev),
    option('nud', state.toLowerCase()),
  );
}

const fdbLine = (n: string, e: FdbSpec): string =>
  line(
    `bridge -n ${n} fdb append ${word(e.mac)} dev ${word(e.dev)}`,
    option('dst', e.dst),
    ...(e.flags ?? 'self permanent').split(' ').map(word),
  );

const ipsetLines = (inside: string, set: IpsetSpec): readonly string[] => [
  line(`${inside} ipset create ${word(set.name)}`, word(set.type), option('family', set.family)),
  ...set.entries.map((entry) =>
    line(`${inside} ipset add ${word(set.name)}`, ...entry.split(' ').map(word)),
  ),
];

const restoreLine = (command: string, text: string | undefined): readonly string[] =>
  text === undefined || text === '' ? [] : [hereDocument(command, text)];
