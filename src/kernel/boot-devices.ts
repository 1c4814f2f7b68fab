// Devices: made in the order of the document, each veth with its peer, as `ip link add ... type veth peer name ...` does.
import type { Diagnostic } from '../base/diagnostic.ts';
import { at } from '../base/diagnostic.ts';
import type { AddressSpec, DeviceSpec, LinuxNetwork } from '../network/types.ts';
import { joinBridge } from '../net/bridge/ports.ts';
import { addLocalEntry, createBridgeState } from '../net/bridge/fdb.ts';
import type { Dev, IfAddr, VxlanState } from '../net/types.ts';
import { parseAddr } from '../wire/addr/ip.ts';
import { isLoopback } from '../wire/addr/ip.ts';
import { eui64LinkLocal, isLinkLocal6 } from '../wire/addr/ipv6.ts';
import { MAC_ZERO, parseMac } from '../wire/addr/mac.ts';
import { network as networkOf, parsePrefix, samePrefix } from '../wire/addr/prefix.ts';
import type { Ipv6, Mac, Prefix } from '../wire/addr/types.ts';
import { ipv6On } from './path/ip6-rcv.ts';
import type { Netns } from './types.ts';

type Spaces = ReadonlyMap<string, Netns>;

export function buildDevices(
  network: Pick<LinuxNetwork, 'namespaces'>,
  spaces: Spaces,
  diagnostics: Diagnostic[],
): void {
  const specs = new Map<string, DeviceSpec>();
  for (const ns of network.namespaces)
    for (const dev of ns.devices) specs.set(`${ns.name} ${dev.name}`, dev);
  for (const ns of spaces.values())
    if (ns.appliance === null)
      add(ns, ns.spec.devices.find((d) => d.name === 'lo') ?? { name: 'lo', type: 'loopback' });
  const complain = (ns: string, reason: string, fix: string): void => {
    diagnostics.push({ severity: 'error', place: at(ns), reason, fix });
  };
  for (const ns of spaces.values())
    for (const spec of ns.spec.devices) {
      if (ns.byName.has(spec.name) || spec.type === 'macvlan') continue;
      const dev = add(ns, spec);
      if (spec.type !== 'veth') continue;
      const peerNs = spec.peer === undefined ? undefined : spaces.get(spec.peer.ns);
      const peerSpec = spec.peer && specs.get(`${spec.peer.ns} ${spec.peer.dev}`);
      if (peerNs === undefined || peerSpec === undefined) {
        complain(ns.name, `veth ${spec.name} has no other end`, 'name an existing peer {ns, dev}');
        continue;
      }
      const peer = peerNs.byName.get(peerSpec.name) ?? add(peerNs, peerSpec);
      dev.peer = peer;
      peer.peer = dev;
    }
  for (const ns of spaces.values())
    for (const spec of ns.spec.devices) {
      if (spec.type !== 'macvlan') continue;
      const lower = spec.lower && spaces.get(spec.lower.ns)?.byName.get(spec.lower.dev);
      if (lower === undefined)
        complain(ns.name, `macvlan ${spec.name} has no lower device`, 'name {ns, dev}');
      else lower.uppers.unshift(add(ns, spec, { lower, mode: spec.mode ?? 'bridge' }));
    }
  for (const ns of spaces.values())
    for (const spec of ns.spec.devices)
      if (spec.master !== undefined)
        enslave(ns, spec, (reason, fix) => complain(ns.name, reason, fix));
  for (const ns of spaces.values()) {
    for (const spec of ns.spec.devices) addAddresses(ns, spec, complain);
    for (const dev of ns.devices) autoAddresses(dev);
    fillVxlan(ns, complain);
  }
}

function add(ns: Netns, spec: DeviceSpec, macvlan: Dev['macvlan'] = null): Dev {
  const loopback = spec.type === 'loopback';
  const dev: Dev = {
    index: ns.devices.length + 1,
    name: spec.name,
    type: spec.type,
    mac: (spec.mac === undefined ? null : parseMac(spec.mac)) ?? MAC_ZERO,
    mtu: spec.mtu ?? (loopback ? 65_536 : (macvlan?.lower.mtu ?? 1500)),
    up: spec.up ?? true,
    ns,
    site: { netns: ns.name, dev: spec.name },
    master: null,
    peer: null,
    addresses: [],
    bridge: spec.type === 'bridge' ? createBridgeState() : null,
    port: null,
    vxlan: spec.vxlan === undefined ? null : vxlanState(spec.vxlan),
    macvlan,
    ipip:
      spec.ipip === undefined
        ? null
        : {
            local: spec.ipip.local === undefined ? null : parseAddr(spec.ipip.local),
            remote: spec.ipip.remote === undefined ? null : parseAddr(spec.ipip.remote),
            lower: spec.ipip.dev ?? null,
          },
    uppers: [],
    proxyNeigh: new Set(),
    neigh: new Map(),
    origin: spec.origin ?? null,
  };
  // A bridge that is made with an address of its own knows it before any port joins with the same (br_stp_change_bridge_id).
  if (dev.bridge !== null && spec.mac !== undefined) addLocalEntry(dev.bridge, dev);
  ns.devices.push(dev);
  ns.byName.set(dev.name, dev);
  if (dev.name === 'lo') ns.lo = dev;
  return dev;
}

const vxlanState = (spec: NonNullable<DeviceSpec['vxlan']>): VxlanState => ({
  vni: spec.vni,
  dstport: spec.dstport,
  local: spec.local === undefined ? null : parseAddr(spec.local),
  lower: spec.dev ?? null,
  learning: spec.learning ?? false,
  df: spec.df ?? 'unset',
  fdb: new Map(),
});

function enslave(
  ns: Netns,
  spec: DeviceSpec,
  complain: (reason: string, fix: string) => void,
): void {
  const dev = ns.byName.get(spec.name);
  const bridge = ns.byName.get(spec.master ?? '');
  if (dev === undefined || bridge?.bridge == null)
    return complain(
      `${spec.name}: master ${spec.master} is no bridge here`,
      'name a bridge of the same namespace',
    );
  joinBridge(dev, bridge, spec.bridge_port);
}

function addAddresses(
  ns: Netns,
  spec: DeviceSpec,
  complain: (ns: string, reason: string, fix: string) => void,
): void {
  const dev = ns.byName.get(spec.name);
  if (dev === undefined) return;
  if (dev.bridge !== null) {
    addLocalEntry(dev.bridge, dev);
    for (const port of [...dev.bridge.ports].reverse()) addLocalEntry(dev.bridge, port);
  }
  for (const one of spec.addresses ?? []) {
    const address: AddressSpec = typeof one === 'string' ? { cidr: one } : one;
    const prefix = parsePrefix(address.cidr);
    if (prefix === null) {
      complain(ns.name, `${spec.name}: ${address.cidr} is no address`, 'write it as 10.0.0.1/24');
      continue;
    }
    if (typeof prefix.addr === 'bigint' && !ipv6On(dev)) continue;
    dev.addresses.push(ifAddr(dev, prefix, address));
  }
}

export function ifAddr(dev: Dev, prefix: Prefix, spec: AddressSpec): IfAddr {
  const secondary =
    typeof prefix.addr === 'number' &&
    dev.addresses.some((a) => samePrefix(networkOf(a.prefix), networkOf(prefix)));
  const natural =
    typeof prefix.addr === 'bigint' && isLinkLocal6(prefix.addr as Ipv6)
      ? 'link'
      : isLoopback(prefix.addr)
        ? 'host'
        : 'global';
  const scope = spec.scope === 'link' || spec.scope === 'host' ? spec.scope : natural;
  const noprefixroute = spec.noprefixroute ?? false;
  return { prefix, scope, secondary, noprefixroute, origin: spec.origin ?? null };
}

/** 127.0.0.1/8 and ::1/128 on lo; an EUI-64 link-local address on every other device that speaks IPv6 (RFC 4291). */
function autoAddresses(dev: Dev): void {
  const loopback = dev.type === 'loopback';
  const has = (addr: unknown): boolean => dev.addresses.some((a) => a.prefix.addr === addr);
  const push = (prefix: Prefix): void => {
    if (!has(prefix.addr)) dev.addresses.push(ifAddr(dev, prefix, { cidr: '' }));
  };
  if (loopback) push(parsePrefix('127.0.0.1/8')!);
  if (!ipv6On(dev)) return;
  if (loopback) push(parsePrefix('::1/128')!);
  else if (dev.master === null && dev.type !== 'ipip')
    push({ addr: eui64LinkLocal(dev.mac as Mac), length: 64 });
}

function fillVxlan(ns: Netns, complain: (ns: string, reason: string, fix: string) => void): void {
  for (const entry of ns.spec.fdb ?? []) {
    const dev = ns.byName.get(entry.dev);
    const mac = parseMac(entry.mac);
    if (dev === undefined || mac === null) {
      complain(
        ns.name,
        `fdb ${entry.mac} dev ${entry.dev}: no such device or address`,
        'name a device',
      );
      continue;
    }
    const dst = entry.dst === undefined ? null : parseAddr(entry.dst);
    if (dev.vxlan !== null && dst !== null) {
      const list = dev.vxlan.fdb.get(mac) ?? [];
      list.push({ mac, dst, origin: entry.origin ?? null });
      dev.vxlan.fdb.set(mac, list);
    } else if (dev.master?.bridge != null)
      dev.master.bridge.fdb.set(mac, {
        mac,
        port: dev,
        local: false,
        updated: Infinity as never,
        fixed: true,
      });
    else complain(ns.name, `fdb ${entry.mac} dev ${entry.dev}: no remote end`, 'add `dst`');
  }
}
