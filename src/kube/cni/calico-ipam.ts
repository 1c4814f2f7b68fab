// Calico's IPAM (libcalico-go/lib/ipam): the pool is cut into blocks, nodes claim blocks as they need them, and give out their
// addresses from the lowest on; no address of a block is special. A tunnel's device takes an address as a pod does, before them.
// Simplified: the block that a node tries first comes from a hash of its name, but not from Go's math/rand.
import { hashLabel } from '../../base/rng.ts';
import { err, ok } from '../../base/result.ts';
import { inside, lengthOf, normalAddr, normalCidr, nthAddress, nthBlock, sizeOf } from '../cidr.ts';
import { familyOf, ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { tunnelOf } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import type { AssignedAddress, ClusterView, Ipam, Refusal } from './types.ts';

export interface CalicoBlock {
  readonly cidr: string;
  readonly family: IpFamily;
  /** The node to which all of it is routed. */
  readonly node: string;
}
/** An address on a node. */
export interface Placed {
  readonly ip: string;
  readonly family: IpFamily;
  readonly node: string;
}
export interface CalicoShared {
  readonly blocks: readonly CalicoBlock[];
  /** Addresses that live on another node than the rest of their block: each has a route of its own. */
  readonly borrowed: readonly Placed[];
  /** Addresses of tunnel devices. */
  readonly tunnels: readonly Placed[];
}

const BLOCK_SIZE_V6 = 122;
/** More blocks than a cluster can claim; indexes stay exact numbers. */
const MAX_BLOCKS = 2 ** 32;

interface Taken {
  readonly ip: string;
  readonly block: string;
}

/** One pool: who has which block, and which addresses are given. Private to a compilation. */
interface Pool {
  readonly family: IpFamily;
  /** Block to node. */
  readonly owners: Map<string, string>;
  readonly used: Set<string>;
  readonly borrowed: Placed[];
  /** The block that an address would be in; null: not of this pool. */
  blockOf(ip: string): string | null;
  give(ip: string, block: string, node: string): Taken;
  next(node: string): Taken | null;
}

function createPool(range: string, blockSize: number): Pool {
  const family = familyOf(range);
  const length = Math.max(Number(lengthOf(range)), blockSize);
  const count = Math.min(2 ** (length - Number(lengthOf(range))), MAX_BLOCKS);
  const owners = new Map<string, string>();
  const used = new Set<string>();
  const borrowed: Placed[] = [];
  const give = (ip: string, block: string, node: string): Taken => {
    const owner = owners.get(block);
    if (owner === undefined) owners.set(block, node);
    else if (owner !== node) borrowed.push({ ip, family, node });
    used.add(ip);
    return { ip, block };
  };
  /** The ordinal below which all of a block is given. */
  const cursors = new Map<string, number>();
  const freeIn = (blocks: readonly string[]): Taken | null => {
    for (const block of blocks) {
      const size = sizeOf(block);
      for (let i = cursors.get(block) ?? 0; i < size; i++) {
        const ip = nthAddress(block, i);
        cursors.set(block, i + 1);
        if (ip !== null && !used.has(ip)) return { ip, block };
      }
    }
    return null;
  };
  /** From the node's first choice on, around the pool. */
  const unclaimed = (node: string): string | null => {
    const start = hashLabel(node) % count;
    for (let i = 0; i <= Math.min(owners.size, count - 1); i++) {
      const block = nthBlock(range, length, (start + i) % count);
      if (block !== null && !owners.has(block)) return block;
    }
    return null;
  };
  return {
    family,
    owners,
    used,
    borrowed,
    give,
    blockOf: (ip) => (inside(range, ip) ? normalCidr(`${ip}/${length}`) : null),
    next(node) {
      const own = [...owners].filter(([, owner]) => owner === node).map(([block]) => block);
      const block = unclaimed(node);
      const found = freeIn(own) ?? freeIn(block === null ? [...owners.keys()] : [block]);
      return found === null ? null : give(found.ip, found.block, node);
    },
  };
}

export function calicoIpam(cluster: ClusterView, options: CalicoOptions): Ipam<CalicoShared, null> {
  const pools = cluster.podCIDRs.map((cidr) =>
    createPool(cidr, familyOf(cidr) === 'IPv4' ? options.blockSize : BLOCK_SIZE_V6),
  );
  const tunnels = new Map<string, Placed>();
  /** calico-node has it before any pod can start; only pods that brought their address along were there earlier. */
  const tunnelAddress = (pool: Pool, node: string): void => {
    const key = `${node} ${pool.family}`;
    if (tunnelOf(options, pool.family) === null || tunnels.has(key)) return;
    const taken = pool.next(node);
    if (taken !== null) tunnels.set(key, { ip: taken.ip, family: pool.family, node });
  };
  return {
    allocate({ node, wanted }) {
      const taken: AssignedAddress[] = [];
      for (const pool of pools) {
        const given = ofFamily(wanted, pool.family);
        if (given === null) tunnelAddress(pool, node.name);
        const one = given === null ? pool.next(node.name) : want(pool, given, node.name);
        if (one === null)
          return err({
            reason: 'the pool is used up',
            fix: 'widen `podCIDR`, or use a smaller `blockSize`',
          });
        if ('reason' in one) return err(one);
        taken.push({ ip: one.ip, by: 'calico-ipam', from: one.block });
      }
      return ok({ addresses: taken, data: null });
    },
    shared() {
      for (const { name } of cluster.nodes) for (const pool of pools) tunnelAddress(pool, name);
      return {
        blocks: pools.flatMap((pool) =>
          [...pool.owners].map(([cidr, node]) => ({ cidr, family: pool.family, node })),
        ),
        borrowed: pools.flatMap((pool) => pool.borrowed),
        tunnels: [...tunnels.values()],
      };
    },
  };
}

function want(pool: Pool, text: string, node: string): Taken | Refusal {
  const ip = normalAddr(text);
  const block = pool.blockOf(ip);
  if (block === null || pool.used.has(ip))
    return {
      reason: `${ip} is ${block === null ? 'in no pool' : 'taken'}`,
      fix: 'leave `status.podIP` out, or set `podCIDR` of the cluster',
    };
  return pool.give(ip, block, node);
}
