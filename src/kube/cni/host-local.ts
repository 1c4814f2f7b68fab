// The host-local IPAM plugin: addresses of a node's own ranges in turn. The gateway takes the first one, so the first pod of a fresh
// /24 gets .2. (plugins/ipam/host-local; released addresses come back only after the range wrapped: no pod is deleted here.)
import { err, ok } from '../../base/result.ts';
import { familyOf, ofFamily } from '../families.ts';
import { inside, normalAddr, nthAddress, sizeOf } from '../cidr.ts';
import type { AssignedAddress, ClusterView, Ipam } from './types.ts';

export const gatewayOf = (cidr: string): string => nthAddress(cidr, 1) ?? '';

/** Addresses of one range, one by one; null where it is used up. */
export function addressesOfRange(cidr: string, used: ReadonlySet<string>): () => string | null {
  // The last address of an IPv4 range is its broadcast address.
  const end = sizeOf(cidr) - (familyOf(cidr) === 'IPv4' ? 2 : 1);
  let index = 2;
  return () => {
    while (index <= end) {
      const ip = nthAddress(cidr, index++);
      if (ip !== null && !used.has(ip)) return ip;
    }
    return null;
  };
}

export function hostLocal({ families, nodes }: ClusterView): Ipam<null, null> {
  const used = new Set(nodes.flatMap((node) => node.podCIDRs.map(gatewayOf)));
  const next = new Map(
    nodes.flatMap((node) => node.podCIDRs).map((cidr) => [cidr, addressesOfRange(cidr, used)]),
  );
  return {
    shared: () => null,
    allocate({ node, wanted }) {
      const addresses: AssignedAddress[] = [];
      for (const family of families) {
        const range = ofFamily(node.podCIDRs, family);
        const given = ofFamily(wanted, family);
        if (range === null)
          return err({
            reason: `${node.name} has no ${family} pod CIDR`,
            fix: 'give it a `podCIDR` of that family',
          });
        if (given !== null && (used.has(normalAddr(given)) || !inside(range, given)))
          return err({
            reason: `${given} is ${inside(range, given) ? 'taken' : `not in ${range} of ${node.name}`}`,
            fix: 'leave `status.podIP` out, or set `podCIDR` of the node',
          });
        const ip = given === null ? (next.get(range)?.() ?? null) : normalAddr(given);
        if (ip === null)
          return err({
            reason: `${range} of ${node.name} is used up`,
            fix: 'run fewer pods there, or give the node a larger podCIDR',
          });
        addresses.push({ ip, by: 'host-local', from: range });
      }
      for (const { ip } of addresses) used.add(ip);
      return ok({ addresses, data: null });
    },
  };
}
