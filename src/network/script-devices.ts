// Devices, bridge ports and addresses as lines of ip-link(8), bridge(8), ethtool(8) and ip-address(8).
import { assertNever } from '../base/assert.ts';
import { line, option, word } from './shell.ts';
import type { Names } from './script.ts';
import type { AddressSpec, DeviceSpec, LinuxNetwork, NamespaceSpec } from './types.ts';

export function deviceLines(network: LinuxNetwork, names: Names): readonly string[] {
  const made = new Set<string>();
  const find = (ns: string, dev: string): DeviceSpec | undefined =>
    network.namespaces.find(({ name }) => name === ns)?.devices.find(({ name }) => name === dev);
  const all = network.namespaces.flatMap((ns) => ns.devices.map((device) => ({ ns, device })));
  const lines = all.flatMap(({ ns, device }) => {
    if (made.has(`${ns.name} ${device.name}`)) return [];
    // The other end of a veth comes with it.
    if (device.peer !== undefined) made.add(`${device.peer.ns} ${device.peer.dev}`);
    return addLine(ns, device, find, names);
  });
  // A macvlan is made on a device that may stand further down, in another namespace.
  const upper = all.flatMap(({ ns, device }) =>
    device.type === 'macvlan' ? [macvlanLine(ns, device, names)] : [],
  );
  return [...lines, ...upper];
}

function addLine(
  ns: NamespaceSpec,
  device: DeviceSpec,
  find: (ns: string, dev: string) => DeviceSpec | undefined,
  names: Names,
): readonly string[] {
  const head = line(
    `ip -n ${names.netns(ns.name)} link add name ${word(device.name)}`,
    option('address', device.mac),
    option('mtu', device.mtu),
  );
  switch (device.type) {
    case 'loopback':
    case 'macvlan':
      return [];
    case 'veth': {
      const { peer } = device;
      if (peer === undefined) return [line(head, 'type veth')];
      const other = find(peer.ns, peer.dev);
      return [
        line(
          head,
          `type veth peer name ${word(peer.dev)}`,
          option('address', other?.mac),
          option('mtu', other?.mtu),
          `netns ${names.netns(peer.ns)}`,
        ),
      ];
    }
    case 'bridge': {
      const stp = device.bridge?.stp === true ? 1 : 0;
      return [line(head, `type bridge stp_state ${stp} mcast_snooping 0`)];
    }
    case 'vxlan': {
      const v = device.vxlan;
      return [
        line(
          head,
          'type vxlan',
          option('id', v?.vni),
          option('local', v?.local),
          option('dev', v?.dev),
          option('dstport', v?.dstport),
          v?.learning === true ? 'learning' : 'nolearning',
          v?.df === 'set' || v?.df === 'inherit' ? `df ${v.df}` : '',
        ),
      ];
    }
    case 'dummy':
      return [line(head, 'type dummy')];
    case 'ipip': {
      // The kernel makes tunl0 by itself, in each namespace.
      if (device.name === 'tunl0') return [];
      const { local, remote, dev } = device.ipip ?? {};
      return [
        line(
          `ip -n ${names.netns(ns.name)} link add name ${word(device.name)}`,
          option('mtu', device.mtu),
          'type ipip',
          option('local', local),
          option('remote', remote),
          option('dev', dev),
        ),
      ];
    }
    default:
      return assertNever(device.type);
  }
}

function macvlanLine(ns: NamespaceSpec, device: DeviceSpec, names: Names): string {
  const lower = device.lower ?? { ns: ns.name, dev: 'eth0' };
  return line(
    `ip -n ${names.netns(lower.ns)} link add link ${word(lower.dev)} name ${word(device.name)}`,
    option('address', device.mac),
    `netns ${names.netns(ns.name)} type macvlan mode ${word(device.mode ?? 'bridge')}`,
  );
}

export function portLines(ns: NamespaceSpec, names: Names): readonly string[] {
  const n = names.netns(ns.name);
  return ns.devices.flatMap(({ name, master, bridge_port }) => {
    const flags = Object.entries(bridge_port ?? {}).map(
      ([flag, on]) => `${word(flag)} ${on ? 'on' : 'off'}`,
    );
    return [
      ...(master === undefined ? [] : [`ip -n ${n} link set ${word(name)} master ${word(master)}`]),
      ...(flags.length === 0 ? [] : [line(`bridge -n ${n} link set dev ${word(name)}`, ...flags)]),
    ];
  });
}

/** Packets as they are on a cable: whole checksums, and segments no larger than the MTU. */
export function offloadLine(ns: NamespaceSpec, names: Names): readonly string[] {
  const devices = ns.devices
    .filter(({ type }) => type === 'veth' || type === 'bridge' || type === 'vxlan')
    .map(({ name }) => word(name));
  if (devices.length === 0) return [];
  const loop = `for d in ${devices.join(' ')}; do ethtool -K "$d" tx off tso off gso off gro off; done`;
  return [`ip netns exec ${names.netns(ns.name)} sh -c ${word(loop)} >/dev/null 2>&1 || true`];
}

export function addressLines(ns: NamespaceSpec, names: Names): readonly string[] {
  return ns.devices.flatMap(({ name, addresses = [] }) =>
    addresses.map((one) => {
      const { cidr, scope, noprefixroute }: AddressSpec =
        typeof one === 'string' ? { cidr: one } : one;
      return line(
        `ip -n ${names.netns(ns.name)} addr add ${word(cidr)} dev ${word(name)}`,
        option('scope', scope),
        noprefixroute === true ? 'noprefixroute' : '',
        cidr.includes(':') ? 'nodad' : '',
      );
    }),
  );
}

export const upLines = (ns: NamespaceSpec, names: Names): readonly string[] =>
  ns.devices
    .filter(({ up }) => up !== false)
    .map(({ name }) => `ip -n ${names.netns(ns.name)} link set ${word(name)} up`);
