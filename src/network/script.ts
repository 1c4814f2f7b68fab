// A network as a shell script of iproute2, sysctl, ipset and iptables-restore: run as root, it makes the same network from network
// namespaces (ip-netns(8)). The order is that in which Linux is asked in the recordings: namespaces, sysctls that new devices
// inherit, devices in order (their indexes, and a bridge's ports, follow from it), addresses, links up, routes, tables.
// Not in it: listeners and flows, which are processes, and appliances.
import { addressLines, deviceLines, offloadLine, portLines, upLines } from './script-devices.ts';
import { tableLines } from './script-tables.ts';
import { line, word } from './shell.ts';
import type { LinuxNetwork, NamespaceSpec } from './types.ts';

export interface ScriptOptions {
  /** In front of each namespace's name, so that nothing else on the machine is touched. */
  readonly prefix?: string;
  /** `iptables-legacy` where the machine has both and must not use nf_tables. */
  readonly iptables?: 'iptables' | 'iptables-legacy';
}

export interface ScriptSection {
  readonly title: string;
  readonly lines: readonly string[];
}

/** How lines speak of a namespace. */
export interface Names {
  readonly iptables: 'iptables' | 'iptables-legacy';
  /** The name of the network namespace, quoted. */
  netns(name: string): string;
}

export function networkScript(
  network: LinuxNetwork,
  options: ScriptOptions = {},
): readonly ScriptSection[] {
  const names = namesOf(options);
  const { namespaces } = network;
  const each = (lines: (ns: NamespaceSpec) => readonly string[]): readonly string[] =>
    namespaces.flatMap(lines);
  return [
    { title: 'namespaces', lines: each((ns) => [`ip netns add ${names.netns(ns.name)}`]) },
    { title: 'sysctls before devices', lines: each((ns) => sysctlLines(ns, names, false)) },
    { title: 'devices', lines: deviceLines(network, names) },
    { title: 'bridge ports', lines: each((ns) => portLines(ns, names)) },
    { title: 'no offloads', lines: each((ns) => offloadLine(ns, names)) },
    { title: 'sysctls of devices', lines: each((ns) => sysctlLines(ns, names, true)) },
    { title: 'addresses', lines: each((ns) => addressLines(ns, names)) },
    { title: 'links up', lines: each((ns) => upLines(ns, names)) },
    { title: 'routes and tables', lines: each((ns) => tableLines(ns, names)) },
  ].filter(({ lines }) => lines.length > 0);
}

/** Takes it all away again. */
export function removalScript(network: LinuxNetwork, options: ScriptOptions = {}): ScriptSection {
  const names = namesOf(options);
  const lines = network.namespaces.map(({ name }) => `ip netns del ${names.netns(name)}`);
  return { title: 'removal', lines };
}

/** A file name under /run/netns. */
export const netnsName = (prefix: string, name: string): string =>
  `${prefix}${name.replaceAll(/[^\w.-]/g, '-')}`;

const namesOf = ({ prefix = '', iptables = 'iptables' }: ScriptOptions): Names => ({
  iptables,
  netns: (name) => word(netnsName(prefix, name)),
});

/** `net.ipv4.conf.eth0.rp_filter` exists once eth0 does. A dot in a device's name is written as a slash: sysctl(8). */
function sysctlLines(ns: NamespaceSpec, names: Names, ofDevices: boolean): readonly string[] {
  const devices = ns.devices.map(({ name }) => name.replaceAll('.', '/'));
  const isOfDevice = (key: string): boolean => {
    const [, , kind = '', device = ''] = key.split('.');
    return ['conf', 'neigh'].includes(kind) && devices.includes(device);
  };
  const settings = Object.entries(ns.sysctls ?? {})
    .filter(([key]) => isOfDevice(key) === ofDevices)
    .map(([key, value]) => word(`${key}=${value}`));
  if (settings.length === 0) return [];
  return [line('ip netns exec', names.netns(ns.name), 'sysctl -qw', ...settings)];
}
