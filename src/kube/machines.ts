// The ground on which the cluster stands: machines with one interface each, a switch per subnet, and a router between subnets that
// name a gateway. Addresses that nobody gave are filled in.
import { at } from '../base/diagnostic.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { parseAddr } from '../wire/addr/ip.ts';
import { contains, network, parsePrefix, printPrefix } from '../wire/addr/prefix.ts';
import { nthAddress } from './cni/host-local.ts';
import type { NodeInfo } from './cni/types.ts';
import type { ClusterSpec } from './cluster-schema.ts';

export type Subnet = ClusterSpec['subnets'][number];

export interface Machine {
  readonly name: string;
  readonly kind: 'node' | 'host';
  readonly ip: string;
  readonly subnet: Subnet;
  readonly sysctls: Readonly<Record<string, string>>;
}
export interface ClusterNode extends NodeInfo {
  readonly labels: Readonly<Record<string, string>>;
}
export interface Ground {
  readonly machines: readonly Machine[];
  readonly nodes: readonly ClusterNode[];
  readonly diagnostics: readonly Diagnostic[];
}
interface Wanted {
  readonly name: string;
  readonly subnet?: string | undefined;
  readonly ip?: string | undefined;
}

export const ROUTER = 'router';
export const switchName = (cluster: ClusterSpec, subnet: Subnet): string =>
  cluster.subnets.length === 1 ? 'sw' : `sw-${subnet.name}`;

/** Labels that the kubelet sets on its node. */
const nodeLabels = (name: string): Readonly<Record<string, string>> => ({
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
});

export function layGround(cluster: ClusterSpec): Ground {
  const diagnostics: Diagnostic[] = [];
  const complain = (reason: string, fix: string): null => {
    diagnostics.push({ severity: 'error', place: at('cluster'), reason, fix });
    return null;
  };
  checkSubnets(cluster, complain);
  const names = new Set([ROUTER, ...cluster.subnets.map((s) => switchName(cluster, s))]);
  const used = new Set(cluster.subnets.flatMap((s) => s.gateway ?? []));
  for (const { ip } of [...cluster.nodes, ...cluster.hosts]) if (ip !== undefined) used.add(ip);

  const settle = (spec: Wanted, from: number): { subnet: Subnet; ip: string } | null => {
    if (names.has(spec.name))
      return complain(`the name ${spec.name} is taken`, 'give every machine its own name');
    names.add(spec.name);
    const subnet = subnetOf(cluster, spec);
    if (subnet === undefined)
      return complain(
        `${spec.name} is in no subnet: ${spec.subnet ?? spec.ip ?? ''} is not among them`,
        `use one of ${cluster.subnets.map((s) => `${s.name} (${s.cidr})`).join(', ')}`,
      );
    const ip = spec.ip ?? freeAddress(subnet.cidr, from, used);
    if (ip === null || !inside(subnet.cidr, ip))
      return complain(
        `${spec.name} has no address in ${subnet.cidr}`,
        'give it an `ip` of its subnet',
      );
    used.add(ip);
    return { subnet, ip };
  };

  const machines: Machine[] = [];
  const nodes: ClusterNode[] = [];
  cluster.nodes.forEach((node, i) => {
    const spot = settle(node, 11);
    // The first range, number 0, is the control plane's, which is not drawn.
    const podCIDR = node.podCIDR ?? nthBlock(cluster.podCIDR, 24, i + 1);
    if (podCIDR === null || !inside(cluster.podCIDR, podCIDR.split('/')[0] ?? '')) {
      complain(`no pod CIDR for ${node.name} in ${cluster.podCIDR}`, 'widen `podCIDR` to a /16');
      return;
    }
    if (spot === null) return;
    const sysctls = { ...cluster.sysctls, ...node.sysctls };
    machines.push({ name: node.name, kind: 'node', ...spot, sysctls });
    nodes.push({
      name: node.name,
      ip: spot.ip,
      subnet: normal(spot.subnet.cidr),
      device: 'eth0',
      mtu: spot.subnet.mtu,
      podCIDR: normal(podCIDR),
      labels: { ...nodeLabels(node.name), ...node.labels },
    });
  });
  for (const host of cluster.hosts) {
    const spot = settle(host, 101);
    if (spot !== null) machines.push({ name: host.name, kind: 'host', ...spot, sysctls: {} });
  }
  return { machines, nodes, diagnostics };
}

function checkSubnets(cluster: ClusterSpec, complain: (reason: string, fix: string) => null): void {
  cluster.subnets.forEach(({ name, cidr, gateway }, i) => {
    if (cluster.subnets.findIndex((other) => other.name === name) !== i)
      complain(`two subnets are called ${name}`, 'rename one of them');
    if (gateway !== undefined && !inside(cidr, gateway))
      complain(`the gateway ${gateway} is not in ${cidr}`, 'use an address of the subnet');
  });
}

const normal = (cidr: string): string => {
  const prefix = parsePrefix(cidr);
  return prefix === null ? cidr : printPrefix(network(prefix));
};

export function inside(cidr: string, ip: string): boolean {
  const prefix = parsePrefix(cidr);
  const addr = parseAddr(ip);
  return prefix !== null && addr !== null && contains(prefix, addr);
}

const subnetOf = (cluster: ClusterSpec, { subnet, ip }: Wanted): Subnet | undefined =>
  subnet !== undefined
    ? cluster.subnets.find((s) => s.name === subnet)
    : ip === undefined
      ? cluster.subnets[0]
      : cluster.subnets.find((s) => inside(s.cidr, ip));

function freeAddress(cidr: string, from: number, used: ReadonlySet<string>): string | null {
  for (let i = from; ; i++) {
    const ip = nthAddress(cidr, i);
    if (ip === null || !used.has(ip)) return ip;
  }
}

/** Block number `index` of `/length` blocks: how the node IPAM controller cuts the cluster CIDR. */
function nthBlock(cidr: string, length: number, index: number): string | null {
  const ip = nthAddress(cidr, index * 2 ** (32 - length));
  return ip === null ? null : `${ip}/${length}`;
}
