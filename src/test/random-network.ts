// Random networks for property tests: hosts, bridges and cables in any shape (loops among them), addresses and routes that may
// or may not fit, rules from a bag, and flows between whoever there is. Valid as documents; not sensible as networks.
import fc from 'fast-check';
import type {
  DeviceSpec,
  FlowSpec,
  LinuxNetwork,
  NamespaceSpec,
  PolicyRuleSpec,
  RouteSpec,
} from '../network/types.ts';

const RULES = [
  '-A FORWARD -m conntrack --ctstate INVALID -j DROP',
  '-A FORWARD -p tcp -m tcp --dport 80 -j REJECT --reject-with tcp-reset',
  '-A FORWARD -j REJECT --reject-with icmp-host-prohibited',
  '-A FORWARD -m statistic --mode random --probability 0.50000000000 -j DROP',
  '-A INPUT -p icmp -m limit --limit 1/sec --limit-burst 1 -j ACCEPT',
  '-A INPUT -s 10.0.0.0/16 -j LOOP',
  '-A LOOP -m mark --mark 0x1/0x1 -j RETURN',
  '-A LOOP -j MARK --set-xmark 0x1/0x1',
  '-A OUTPUT -p udp -j REJECT --reject-with icmp-port-unreachable',
];
const NAT = [
  '-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.1.2:8080',
  '-A PREROUTING -p udp -m udp --dport 53 -j DNAT --to-destination 10.0.2.2',
  '-A OUTPUT -d 10.9.0.1/32 -p tcp -j DNAT --to-destination 10.0.1.2',
  '-A POSTROUTING -j MASQUERADE',
  '-A POSTROUTING -s 10.0.0.0/16 -j MASQUERADE --random-fully',
  '-A POSTROUTING -p tcp -j SNAT --to-source 10.0.9.9:1024-1030',
  '-A PREROUTING -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80',
];

const rulesText = (filter: readonly string[], nat: readonly string[]): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:LOOP - [0:0]\n${filter.join('\n')}\nCOMMIT\n` +
  `*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n${nat.join('\n')}\nCOMMIT\n`;

const address = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .map(([net, host]) => `10.0.${net}.${host}`);
const mac = (ns: number, dev: number): string =>
  `02:00:00:00:${ns.toString(16).padStart(2, '0')}:${dev.toString(16).padStart(2, '0')}`;

interface Host {
  readonly bridge: boolean;
  readonly vxlan: boolean;
  readonly hairpin: boolean;
  readonly forward: boolean;
  readonly callIptables: boolean;
  readonly rpFilter: number;
  readonly addresses: readonly string[];
  readonly routes: readonly RouteSpec[];
  readonly rules: readonly PolicyRuleSpec[];
  readonly filter: readonly string[];
  readonly nat: readonly string[];
  readonly useTables: boolean;
}

const target = fc.constantFrom(
  '10.0.1.0/24',
  '10.0.2.0/24',
  '10.0.3.0/24',
  '10.9.0.0/16',
  'default',
);
const route = fc.record({ dst: target, via: address, onlink: fc.boolean() });
const host: fc.Arbitrary<Host> = fc.record({
  bridge: fc.boolean(),
  vxlan: fc.boolean(),
  hairpin: fc.boolean(),
  forward: fc.boolean(),
  callIptables: fc.boolean(),
  rpFilter: fc.integer({ min: 0, max: 2 }),
  addresses: fc.uniqueArray(address, { maxLength: 3 }),
  routes: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: route },
      {
        weight: 1,
        arbitrary: fc.record({
          dst: target,
          type: fc.constantFrom('blackhole', 'prohibit', 'unreachable'),
        }),
      },
    ),
    { maxLength: 3 },
  ),
  rules: fc.array(
    fc.record({
      priority: fc.integer({ min: 1, max: 900 }),
      from: target.map((t) => (t === 'default' ? 'all' : t)),
      lookup: fc.constantFrom('main', '100'),
    }),
    { maxLength: 1 },
  ),
  filter: fc.subarray(RULES),
  nat: fc.subarray(NAT),
  useTables: fc.boolean(),
});

const cable = (hosts: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(fc.integer({ min: 0, max: hosts - 1 }), fc.integer({ min: 0, max: hosts - 1 }));

const flow = (hosts: number): fc.Arbitrary<FlowSpec> =>
  fc
    .record({
      ns: fc.integer({ min: 0, max: hosts - 1 }).map((n) => `h${n}`),
      proto: fc.constantFrom('tcp', 'udp', 'icmp'),
      dst: fc.oneof(
        address,
        fc.constantFrom('10.9.0.1', '127.0.0.1', '255.255.255.255', '224.0.0.5'),
      ),
      dport: fc.constantFrom(80, 8080, 53),
      request_bytes: fc.constantFrom(64, 1400, 4000),
      ttl: fc.constantFrom(1, 2, 64),
    })
    .map((f, i = 0) => ({ do: 'flow' as const, id: `f${i}`, ...f, timeout_ms: 300 }));

export interface RandomCase {
  readonly network: LinuxNetwork;
  readonly steps: readonly FlowSpec[];
}

export const randomCase: fc.Arbitrary<RandomCase> = fc
  .integer({ min: 2, max: 5 })
  .chain((count) =>
    fc.record({
      hosts: fc.array(host, { minLength: count, maxLength: count }),
      cables: fc.array(cable(count), { minLength: 1, maxLength: 7 }),
      flows: fc.array(flow(count), { minLength: 1, maxLength: 2 }),
    }),
  )
  .map(({ hosts, cables, flows }) => ({
    network: { namespaces: hosts.map((h, i) => namespace(h, i, cables)) },
    steps: flows.map((f, i) => ({ ...f, id: `f${i}` })),
  }));

function namespace(
  h: Host,
  index: number,
  cables: readonly (readonly [number, number])[],
): NamespaceSpec {
  const devices: DeviceSpec[] = [{ name: 'lo', type: 'loopback' }];
  if (h.bridge)
    devices.push({
      name: 'br0',
      type: 'bridge',
      mac: mac(index, 1),
      addresses: h.addresses.map((a) => `${a}/24`),
    });
  cables.forEach(([a, b], n) => {
    for (const [side, end] of [a, b].entries()) {
      if (end !== index) continue;
      const name = `c${n}${side === 0 ? 'a' : 'b'}`;
      const peer = { ns: `h${side === 0 ? b : a}`, dev: `c${n}${side === 0 ? 'b' : 'a'}` };
      devices.push({
        name,
        type: 'veth',
        mac: mac(index, 16 + 2 * n + side),
        mtu: n % 3 === 0 ? 1300 : 1500,
        peer,
        ...(h.bridge ? { master: 'br0', bridge_port: { hairpin: h.hairpin } } : {}),
        addresses: h.bridge || n > 0 ? [] : h.addresses.map((x) => `${x}/24`),
      });
    }
  });
  if (h.vxlan)
    devices.push({
      name: 'vx0',
      type: 'vxlan',
      mac: mac(index, 3),
      vxlan: { vni: 1, dstport: 8472, local: h.addresses[0] ?? '10.0.1.1' },
      addresses: [`10.9.0.${index + 1}/16`],
    });
  return {
    name: `h${index}`,
    kind: 'host',
    sysctls: {
      'net.ipv6.conf.all.disable_ipv6': '1',
      'net.ipv4.ip_forward': h.forward ? '1' : '0',
      'net.ipv4.conf.all.rp_filter': String(h.rpFilter),
      'net.bridge.bridge-nf-call-iptables': h.callIptables ? '1' : '0',
    },
    devices,
    routes: h.routes.map((r) => ('via' in r ? { ...r, dev: devices.at(-1)!.name } : r)),
    rules: h.rules,
    fdb: h.vxlan
      ? [{ mac: '00:00:00:00:00:00', dev: 'vx0', dst: `10.0.1.${((index + 1) % 4) + 1}` }]
      : [],
    ...(h.useTables ? { iptables: { ipv4: rulesText(h.filter, h.nat) } } : {}),
    listeners: [
      { proto: 'tcp', port: 8080 },
      { proto: 'udp', port: 53 },
    ],
  };
}
