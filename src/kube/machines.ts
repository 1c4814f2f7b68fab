// The ground on which the cluster stands: machines with one interface each, a switch per subnet, and a router between subnets that
// name a gateway. Addresses that nobody gave are filled in: one for each family that the subnet has.
import { at } from '../base/diagnostic.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { inside, normalAddr, normalCidr, nthAddress, nthBlock, overlap } from './cidr.ts';
import { cloudNetwork } from './cloud/index.ts';
import { checkCloud, cloudRouters, reservedIn } from './cloud/subnets.ts';
import { cniOf } from './cni/index.ts';
import type { JoinedInterface, NodeAddress, NodeInfo, SubnetInfo } from './cni/types.ts';
import type { ClusterSpec } from './cluster-schema.ts';
import { familiesOf, familyOf, ofFamily } from './families.ts';
import type { IpFamily } from './families.ts';

export interface Machine {
  readonly name: string;
  /** As in `NamespaceSpec`. */
  readonly kind: 'node' | 'host' | 'internet';
  readonly ip: string;
  /** One of each family of its subnet, the primary one first. */
  readonly ips: readonly string[];
  readonly subnet: SubnetInfo;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Interfaces besides the first. */
  readonly joined: readonly JoinedInterface[];
  /** TCP ports on which it answers by itself. */
  readonly ports: readonly number[];
}
export interface Ground {
  readonly machines: readonly Machine[];
  readonly nodes: readonly NodeInfo[];
  readonly subnets: readonly SubnetInfo[];
  /** Addresses of machines and of the router. */
  readonly taken: ReadonlySet<string>;
  /** Ranges of the cloud's own network; empty where there is none. */
  readonly vpcCIDRs: readonly string[];
  /** Names of switches, the router and what the cloud has: no machine and no pod may have one. */
  readonly names: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}
interface Wanted {
  readonly name: string;
  readonly subnet?: string | undefined;
  readonly ip?: readonly string[] | undefined;
}
interface Spot {
  readonly ip: string;
  readonly ips: readonly string[];
  readonly subnet: SubnetInfo;
}
type Complain = (reason: string, fix: string) => null;

export const ROUTER = 'router';
export const switchName = (subnets: readonly SubnetInfo[], subnet: SubnetInfo): string =>
  subnets.length === 1 ? 'sw' : `sw-${subnet.name}`;

/** Labels that the kubelet sets on its node. */
const nodeLabels = (name: string): Readonly<Record<string, string>> => ({
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
});

/** Masks of the node IPAM controller (kube-controller-manager --node-cidr-mask-size-ipv4, -ipv6). */
const NODE_MASK: Readonly<Record<IpFamily, number>> = { IPv4: 24, IPv6: 64 };

export function layGround(cluster: ClusterSpec): Ground {
  const diagnostics: Diagnostic[] = [];
  const complain: Complain = (reason, fix) => {
    diagnostics.push({ severity: 'error', place: at('cluster'), reason, fix });
    return null;
  };
  const cloud = cluster.cloud === undefined ? null : cloudNetwork(cluster.cloud);
  const subnets = cluster.subnets.map((subnet): SubnetInfo => {
    const cidrs = subnet.cidr.map(normalCidr);
    const given = (subnet.gateway ?? []).map(normalAddr);
    const gateways = cloud === null ? given : cloudRouters(cloud, cidrs, given);
    return { name: subnet.name, cidrs, gateways, mtu: subnet.mtu };
  });
  checkSubnets(subnets, complain);
  if (cloud !== null) checkCloud(cluster, cloud, subnets, complain);
  const routers = new Set(subnets.flatMap((subnet) => subnet.gateways));
  const taken = new Set([...routers, ...(cloud === null ? [] : reservedIn(cloud, subnets))]);
  const names = new Set([
    ROUTER,
    ...subnets.map((subnet) => switchName(subnets, subnet)),
    ...(cloud?.names ?? []),
  ]);
  const settle = settler(cluster, { subnets, taken, routers, names }, complain);
  const families = familiesOf(cluster.podCIDR);
  // Where nodes have no share of the pod range each, nobody looks whether it is large enough for that.
  const shares = cniOf(cluster.cni).podRange === 'node' ? complain : null;
  const machines: Machine[] = [];
  const nodes: NodeInfo[] = [];
  cluster.nodes.forEach((node, i) => {
    const spot = settle(node, 11);
    const podCIDRs = podRanges(cluster, node, i, shares);
    if (spot === null || podCIDRs === null) return;
    for (const family of families)
      if (ofFamily(spot.ips, family) === null)
        complain(
          `${node.name} has no ${family} address, but pods have`,
          `give the subnet ${spot.subnet.name} a range of both families`,
        );
    const sysctls = { ...cluster.sysctls, ...node.sysctls };
    machines.push({ name: node.name, kind: 'node', ...spot, sysctls, joined: [], ports: [] });
    nodes.push({
      name: node.name,
      ip: spot.ip,
      ips: spot.ips,
      addresses: statusAddresses(spot, node.externalIP ?? []),
      subnet: spot.subnet,
      device: 'eth0',
      mtu: spot.subnet.mtu,
      podCIDRs,
      labels: { ...nodeLabels(node.name), ...node.labels },
    });
  });
  for (const host of cluster.hosts) {
    const spot = settle(host, 101);
    if (spot !== null)
      machines.push({
        name: host.name,
        kind: host.kind,
        ...spot,
        sysctls: {},
        joined: [],
        ports: host.ports,
      });
  }
  checkPodRanges(nodes, complain);
  const vpcCIDRs = cloud?.cidrs ?? [];
  return { machines, nodes, subnets, taken, vpcCIDRs, names, diagnostics };
}

const statusAddresses = (spot: Spot, external: readonly string[]): readonly NodeAddress[] => [
  ...spot.ips.map((ip): NodeAddress => ({ type: 'InternalIP', ip, reportedBy: 'kubelet' })),
  ...external.map((ip): NodeAddress => ({
    type: 'ExternalIP',
    ip: normalAddr(ip),
    reportedBy: 'cloud-controller-manager',
  })),
];

interface Room {
  readonly subnets: readonly SubnetInfo[];
  /** Addresses that are in use; grows. */
  readonly taken: Set<string>;
  readonly routers: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

/** Finds each machine its subnet and its addresses; `from` is where the search for free ones begins. */
function settler(
  cluster: ClusterSpec,
  { subnets, taken, routers, names: reserved }: Room,
  complain: Complain,
): (spec: Wanted, from: number) => Spot | null {
  const names = new Set(reserved);
  const given = new Map<string, string>();
  for (const { name, ip } of [...cluster.nodes, ...cluster.hosts])
    for (const one of (ip ?? []).map(normalAddr)) {
      const other = given.get(one);
      if (other !== undefined)
        complain(`${one} of ${name} belongs to ${other} already`, 'give every machine its own');
      else if (taken.has(one))
        complain(
          `${one} of ${name} is ${routers.has(one) ? "the router's" : 'kept by the cloud'}`,
          'give every machine its own',
        );
      given.set(one, name);
    }
  for (const ip of given.keys()) taken.add(ip);
  return (spec, from) => {
    if (names.has(spec.name))
      return complain(`the name ${spec.name} is taken`, 'give every machine its own name');
    names.add(spec.name);
    const own = (spec.ip ?? []).map(normalAddr);
    const subnet =
      spec.subnet !== undefined
        ? subnets.find((one) => one.name === spec.subnet)
        : own[0] === undefined
          ? subnets[0]
          : subnets.find(({ cidrs }) => cidrs.some((range) => inside(range, own[0] ?? '')));
    if (subnet === undefined)
      return complain(
        `${spec.name} is in no subnet: ${spec.subnet ?? own[0] ?? ''} is not among them`,
        `use one of ${subnets.map((one) => `${one.name} (${one.cidrs.join(',')})`).join(', ')}`,
      );
    const ips: string[] = [];
    for (const range of subnet.cidrs) {
      const ip = ofFamily(own, familyOf(range)) ?? freeAddress(range, from, taken);
      if (ip === null || !inside(range, ip))
        return complain(`${spec.name} has no address in ${range}`, 'give it an `ip` of its subnet');
      ips.push(ip);
      taken.add(ip);
    }
    // The order of what was given says which family is the machine's primary one.
    if (own[0] !== undefined && own[0] !== ips[0]) ips.reverse();
    return { subnet, ip: ips[0] ?? '', ips };
  };
}

function podRanges(
  cluster: ClusterSpec,
  node: ClusterSpec['nodes'][number],
  index: number,
  complain: Complain | null,
): readonly string[] | null {
  const ranges: string[] = [];
  for (const whole of cluster.podCIDR) {
    const family = familyOf(whole);
    // The first range, number 0, is the control plane's, which is not drawn.
    const range =
      ofFamily(node.podCIDR ?? [], family) ?? nthBlock(whole, NODE_MASK[family], index + 1);
    if (range !== null && inside(whole, range.split('/')[0] ?? '')) ranges.push(normalCidr(range));
    else if (complain !== null)
      return complain(
        `no pod CIDR for ${node.name} in ${whole}`,
        `widen \`podCIDR\` to a ${family === 'IPv4' ? '/16' : '/56'}`,
      );
  }
  return ranges;
}

function checkSubnets(subnets: readonly SubnetInfo[], complain: Complain): void {
  subnets.forEach(({ name, cidrs, gateways }, i) => {
    if (subnets.findIndex((other) => other.name === name) !== i)
      complain(`two subnets are called ${name}`, 'rename one of them');
    for (const gateway of gateways)
      if (!cidrs.some((cidr) => inside(cidr, gateway)))
        complain(
          `the gateway ${gateway} is not in ${cidrs.join(',')}`,
          'use an address of the subnet',
        );
    for (const other of subnets.slice(0, i))
      for (const cidr of cidrs)
        for (const range of other.cidrs)
          if (overlap(cidr, range))
            complain(
              `the subnets ${other.name} (${range}) and ${name} (${cidr}) overlap`,
              'give each its own range',
            );
  });
}

function checkPodRanges(nodes: readonly NodeInfo[], complain: Complain): void {
  nodes.forEach((node, i) => {
    for (const other of nodes.slice(0, i))
      for (const cidr of node.podCIDRs)
        for (const range of other.podCIDRs)
          if (overlap(cidr, range))
            complain(
              `the pod CIDRs of ${other.name} (${range}) and ${node.name} (${cidr}) overlap`,
              'give each node its own',
            );
  });
}

/** Addresses read the same in both families: number 11 is 192.168.1.11 and fd00::11. */
function freeAddress(cidr: string, from: number, taken: ReadonlySet<string>): string | null {
  for (let i = from; ; i++) {
    const ip = nthAddress(cidr, familyOf(cidr) === 'IPv4' ? i : Number.parseInt(String(i), 16));
    if (ip === null || !taken.has(ip)) return ip;
  }
}
