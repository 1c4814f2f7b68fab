// A network in the making. Faults change it; toNetwork() makes a value of it.
import type {
  DeviceSpec,
  FdbSpec,
  IpsetSpec,
  LinuxNetwork,
  ListenerSpec,
  NamespaceSpec,
  NeighSpec,
  PolicyRuleSpec,
  RouteSpec,
} from '../../../network/types.ts';
import { printTables } from './tables.ts';
import type { Tables } from './tables.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface NsDraft {
  readonly name: string;
  readonly kind: string;
  readonly sysctls: Record<string, string>;
  readonly devices: Mutable<DeviceSpec>[];
  readonly routes: Mutable<RouteSpec>[];
  readonly rules: PolicyRuleSpec[];
  readonly neigh: Mutable<NeighSpec>[];
  readonly fdb: Mutable<FdbSpec>[];
  readonly ipsets: IpsetSpec[];
  readonly listeners: ListenerSpec[];
  readonly tables: { ipv4: Tables; ipv6: Tables };
}

export interface Draft {
  readonly v6: boolean;
  readonly namespaces: NsDraft[];
  /** MAC addresses given so far. */
  macs: number;
}

/** IPv6 without what a host does by itself: duplicate detection, solicitation, privacy. */
const IPV6 = {
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.default.disable_ipv6': '0',
  'net.ipv6.conf.all.accept_dad': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.router_solicitations': '0',
  'net.ipv6.conf.default.accept_ra': '0',
  'net.ipv6.conf.all.accept_ra': '0',
  'net.ipv6.conf.default.addr_gen_mode': '0',
};
const NO_IPV6 = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
};

export function addNamespace(draft: Draft, name: string, kind: string): NsDraft {
  const bridging = {
    'net.bridge.bridge-nf-call-iptables': '0',
    'net.bridge.bridge-nf-call-ip6tables': '0',
    'net.bridge.bridge-nf-call-arptables': '0',
  };
  const ns: NsDraft = {
    name,
    kind,
    sysctls: { ...(draft.v6 && kind !== 'switch' ? IPV6 : NO_IPV6), ...bridging },
    devices: [{ name: 'lo', type: 'loopback', up: true }],
    routes: [],
    rules: [],
    neigh: [],
    fdb: [],
    ipsets: [],
    listeners: [],
    tables: { ipv4: [], ipv6: [] },
  };
  draft.namespaces.push(ns);
  return ns;
}

export function nextMac(draft: Draft): string {
  const n = ++draft.macs;
  return `02:00:00:00:${byte(n >> 8)}:${byte(n)}`;
}
const byte = (n: number): string => (n & 255).toString(16).padStart(2, '0');

export function addDevice(
  draft: Draft,
  ns: NsDraft,
  device: Omit<DeviceSpec, 'mac'>,
): Mutable<DeviceSpec> {
  const one: Mutable<DeviceSpec> = {
    mtu: 1500,
    up: true,
    addresses: [],
    ...device,
    mac: nextMac(draft),
  };
  ns.devices.push(one);
  return one;
}

interface End {
  readonly ns: NsDraft;
  readonly dev: string;
  readonly addresses?: readonly string[];
  readonly master?: string;
}

/** A veth pair. */
export function connect(draft: Draft, a: End, b: End, mtu = 1500): void {
  for (const [mine, other] of [
    [a, b],
    [b, a],
  ] as const)
    addDevice(draft, mine.ns, {
      name: mine.dev,
      type: 'veth',
      mtu,
      addresses: mine.addresses ?? [],
      peer: { ns: other.ns.name, dev: other.dev },
      ...(mine.master === undefined ? {} : { master: mine.master }),
    });
}

export const deviceOf = (ns: NsDraft, name: string): Mutable<DeviceSpec> | undefined =>
  ns.devices.find((device) => device.name === name);

export const namespaceOf = (draft: Draft, name: string): NsDraft =>
  draft.namespaces.find((ns) => ns.name === name)!;

export function toNetwork(draft: Draft): LinuxNetwork {
  return {
    namespaces: draft.namespaces.map(({ tables, ...ns }): NamespaceSpec => {
      const iptables = {
        ...(tables.ipv4.length === 0 ? {} : { ipv4: printTables(tables.ipv4) }),
        ...(tables.ipv6.length === 0 ? {} : { ipv6: printTables(tables.ipv6) }),
      };
      return { ...ns, iptables };
    }),
  };
}
