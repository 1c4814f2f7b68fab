// ipamd, the address manager on each EC2 node (pkg/ipamd): interfaces of the instance hold addresses of its subnet, or /28 prefixes of
// it, and pods get those. It keeps some free: when the pool is too low, it asks EC2 for more addresses, or for one more interface.
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { inside, nthAddress, sizeOf } from '../cidr.ts';
import { pick } from '../hash/names.ts';
import { HOST_NETWORK_PODS, limitsOf, maxPods, PREFIX_SIZE } from './aws-vpc-instances.ts';
import type { InstanceLimits } from './aws-vpc-instances.ts';
import type { AwsVpcOptions } from './aws-vpc-options.ts';
import { createSubnetPool } from './aws-vpc-subnets.ts';
import type { SubnetPool } from './aws-vpc-subnets.ts';
import type { Allocation, ClusterView, Ipam, NodeInfo, PodRequest, Refusal } from './types.ts';

/** An interface of a node. `eth0` is the primary one. */
export interface NodeEni {
  readonly device: string;
  /** Its own address, which no pod gets. */
  readonly primary: string;
  /** Addresses, or /28 prefixes, for pods. */
  readonly ranges: readonly string[];
  /** Routing table of what has an address of it; null for the primary interface: main. */
  readonly table: number | null;
}
/** By node, in the order in which they were attached. */
export type AwsVpcShared = ReadonlyMap<string, readonly NodeEni[]>;
/** The interface that a pod's address belongs to. */
export interface AwsVpcPod {
  readonly device: string;
  readonly table: number | null;
}

interface Range {
  cidr: string;
  readonly assigned: Set<string>;
}
interface Eni extends Omit<NodeEni, 'ranges' | 'primary'> {
  primary: string;
  readonly ranges: Range[];
}
interface Node {
  readonly info: NodeInfo;
  readonly limits: InstanceLimits;
  readonly maxPods: number;
  readonly enis: Eni[];
  readonly pool: SubnetPool;
}

export const instanceTypeOf = (node: NodeInfo, options: AwsVpcOptions): string =>
  node.labels['node.kubernetes.io/instance-type'] ?? options.instanceType;

/** The plugin counts network cards from 0 and tables from 2: table 1 is nobody's. */
const tableOf = (device: number): number => device + 1;

export function ipamd(cluster: ClusterView, options: AwsVpcOptions): Ipam<AwsVpcShared, AwsVpcPod> {
  const pools = new Map<string, SubnetPool>();
  const nodes = new Map<string, Node>();
  for (const info of cluster.nodes) {
    const limits = limitsOf(instanceTypeOf(info, options));
    const cidr = info.subnet.cidrs[0];
    if (limits === null || cidr === undefined) continue;
    const pool = pools.get(cidr) ?? createSubnetPool(cidr, cluster.taken);
    pools.set(cidr, pool);
    const most = options.maxPods ?? maxPods(limits, options.prefixDelegation);
    const node: Node = { info, limits, maxPods: most, enis: [], pool };
    nodes.set(info.name, node);
    node.enis.push({ device: info.device, primary: info.ip, table: null, ranges: [] });
    extend(node, options, firstRanges(node, options));
    refill(node, options);
  }
  return {
    shared: () =>
      new Map(
        [...nodes].map(([name, { enis }]) => [
          name,
          enis.map((eni) => ({ ...eni, ranges: eni.ranges.map(({ cidr }) => cidr) })),
        ]),
      ),
    allocate(request) {
      const node = nodes.get(request.node.name);
      return node === undefined
        ? refuse('its node has no known instance type', 'name one that is in the list')
        : allocate(node, request, options, { seed: cluster.seed, nodes });
    },
  };
}

const refuse = (reason: string, fix: string): Result<never, Refusal> => err({ reason, fix });

const slotsOf = ({ limits }: Node): number => limits.addresses - 1;
const sizeOfRange = (options: AwsVpcOptions): number =>
  options.prefixDelegation ? PREFIX_SIZE : 1;
const rangesOf = (node: Node): readonly Range[] => node.enis.flatMap((eni) => eni.ranges);
const assignedTo = (node: Node): number =>
  rangesOf(node).reduce((sum, { assigned }) => sum + assigned.size, 0);

/** With targets for addresses as many as they ask for, else a whole interface, or one prefix. */
function firstRanges(node: Node, options: AwsVpcOptions): number {
  if (targets(options)) return Math.min(slotsOf(node), shortOf(node, options));
  return options.prefixDelegation ? 1 : slotsOf(node);
}

const targets = ({ warmIPTarget, minimumIPTarget }: AwsVpcOptions): boolean =>
  warmIPTarget !== undefined || minimumIPTarget !== undefined;

/** How many ranges WARM_IP_TARGET and MINIMUM_IP_TARGET are short of. */
function shortOf(node: Node, options: AwsVpcOptions): number {
  const total = rangesOf(node).length * sizeOfRange(options);
  const free = total - assignedTo(node);
  const short = Math.max(
    (options.warmIPTarget ?? 0) - free,
    (options.minimumIPTarget ?? 0) - total,
    0,
  );
  return Math.ceil(short / sizeOfRange(options));
}

/** isDatastorePoolTooLow */
function tooLow(node: Node, options: AwsVpcOptions): boolean {
  const total = rangesOf(node).length * sizeOfRange(options);
  if (total >= node.maxPods) return false;
  if (targets(options)) return shortOf(node, options) > 0;
  const free = total - assignedTo(node);
  const [warm, unit] = options.prefixDelegation
    ? [options.warmPrefixTarget, PREFIX_SIZE]
    : [options.warmENITarget, slotsOf(node)];
  return free < unit * warm || (warm === 0 && free === 0);
}

/** The pool is checked again and again while pods start: here after each of them. */
function refill(node: Node, options: AwsVpcOptions): void {
  while (tooLow(node, options)) {
    const wanted = targets(options)
      ? shortOf(node, options)
      : options.prefixDelegation
        ? 1
        : slotsOf(node);
    if (!extend(node, options, wanted)) return;
  }
}

/** More ranges: on an interface that has room, else on a new one. False: EC2 has none, or the instance may not have more. */
function extend(node: Node, options: AwsVpcOptions, wanted: number): boolean {
  const take = (eni: Eni): boolean => {
    const room = Math.min(wanted, slotsOf(node) - eni.ranges.length);
    for (let i = 0; i < room; i++) {
      const cidr = options.prefixDelegation ? node.pool.prefix() : node.pool.address();
      if (cidr === null) return i > 0;
      eni.ranges.push({ cidr, assigned: new Set() });
    }
    return room > 0;
  };
  const roomy = node.enis.find((eni) => eni.ranges.length < slotsOf(node));
  if (roomy !== undefined) return take(roomy);
  if (node.enis.length >= node.limits.enis) return false;
  const primary = node.pool.address();
  if (primary === null) return false;
  const index = node.enis.length;
  const eni: Eni = { device: `eth${index}`, primary, table: tableOf(index), ranges: [] };
  node.enis.push(eni);
  return take(eni);
}

const freeIn = ({ cidr, assigned }: Range): string | null => {
  for (let i = 0; i < Math.max(1, cidr.includes('/') ? sizeOf(cidr) : 1); i++) {
    const ip = cidr.includes('/') ? nthAddress(cidr, i) : cidr;
    if (ip !== null && !assigned.has(ip)) return ip;
  }
  return null;
};

/** Interfaces in the order in which they are tried. The real one iterates a map: any order. */
function candidates(node: Node, pod: string, options: AwsVpcOptions, seed: number): readonly Eni[] {
  const usable = node.enis.filter((eni) => eni.ranges.some((range) => freeIn(range) !== null));
  const first = pick(`${seed} ${pod} eni`, Math.max(1, usable.length));
  const any = [...usable.slice(first), ...usable.slice(0, first)];
  if (options.preferENI === 'any') return any;
  const rank = (eni: Eni): number =>
    (eni.table === null) === (options.preferENI === 'primary') ? 0 : 1;
  return any.sort((a, b) => rank(a) - rank(b));
}

function allocate(
  node: Node,
  request: PodRequest,
  options: AwsVpcOptions,
  { seed, nodes }: { readonly seed: number; readonly nodes: ReadonlyMap<string, Node> },
): Result<Allocation<AwsVpcPod>, Refusal> {
  const type = instanceTypeOf(node.info, options);
  if (assignedTo(node) >= node.maxPods - HOST_NETWORK_PODS)
    return refuse(
      `${node.info.name} (${type}) runs ${node.maxPods - HOST_NETWORK_PODS} pods already, besides ${HOST_NETWORK_PODS} of the node itself`,
      'run fewer pods there, or take a larger instance type',
    );
  const order = candidates(node, request.pod, options, seed);
  const wanted = request.wanted[0];
  if (wanted !== undefined) {
    const refusal = makeRoom(node, order, wanted, [...nodes.values()]);
    if (refusal !== null) return err(refusal);
  }
  for (const eni of order)
    for (const range of eni.ranges) {
      const ip = wanted === undefined ? freeIn(range) : holds(range, wanted) ? wanted : null;
      if (ip === null) continue;
      range.assigned.add(ip);
      refill(node, options);
      const from = `${range.cidr} of ${eni.device}`;
      const { device, table } = eni;
      return ok({ addresses: [{ ip, by: 'ipamd', from }], data: { device, table } });
    }
  return refuse(
    `no interface of ${node.info.name} (${type}) has a free address`,
    'run fewer pods there, or take a larger instance type or a larger subnet',
  );
}

const holds = ({ cidr }: Range, ip: string): boolean =>
  cidr.includes('/') ? inside(cidr, ip) : cidr === ip;

/** Which addresses EC2 gave is chance: those that no pod has may as well be the ones that the document names. */
function makeRoom(
  node: Node,
  order: readonly Eni[],
  wanted: string,
  nodes: readonly Node[],
): Refusal | null {
  const fix = 'leave `status.podIP` out, or use a free address of the node’s subnet';
  if (!inside(node.info.subnet.cidrs[0] ?? '', wanted))
    return { reason: `${wanted} is not in the subnet of ${node.info.name}`, fix };
  const own = rangesOf(node).find((range) => holds(range, wanted));
  if (own !== undefined)
    return own.assigned.has(wanted) ? { reason: `${wanted} is taken`, fix } : null;
  for (const eni of order) {
    const old = eni.ranges.find((range) => range.assigned.size === 0);
    if (old === undefined) continue;
    const other = nodes.flatMap(rangesOf).find((range) => holds(range, wanted));
    if (other !== undefined && other.assigned.size > 0)
      return { reason: `${wanted} is taken`, fix };
    const mine = old.cidr;
    // The address of an interface that was attached is chance as well.
    const attached = nodes
      .flatMap(({ enis }) => enis)
      .find(({ primary, table }) => primary === wanted && table !== null);
    if (attached !== undefined && !mine.includes('/')) {
      attached.primary = mine;
      old.cidr = wanted;
      return null;
    }
    const cidr = other?.cidr ?? node.pool.exchange(mine, wanted);
    if (cidr === null) return { reason: `${wanted} is taken`, fix };
    old.cidr = cidr;
    if (other !== undefined) other.cidr = mine;
    return null;
  }
  return { reason: `no interface of ${node.info.name} has room for ${wanted}`, fix };
}
