// The host-local IPAM plugin: addresses of a node's own range in turn. The gateway takes the first one, so the first pod of a fresh
// /24 gets .2. (plugins/ipam/host-local; released addresses come back only after the range wrapped: no pod is deleted here.)
import { printAddr } from '../../wire/addr/ip.ts';
import { addrBits, network, parsePrefix } from '../../wire/addr/prefix.ts';
import type { IpAddr } from '../../wire/addr/types.ts';

const step = (addr: IpAddr, by: number): IpAddr =>
  (typeof addr === 'number' ? addr + by : addr + BigInt(by)) as IpAddr;

/** Address number `index` of a range; 0 is the network address. */
export function nthAddress(cidr: string, index: number): string | null {
  const prefix = parsePrefix(cidr);
  if (prefix === null) return null;
  const size = 2 ** (addrBits(prefix.addr) - prefix.length);
  return index < size ? printAddr(step(network(prefix).addr, index)) : null;
}

export const gatewayOf = (cidr: string): string => nthAddress(cidr, 1) ?? '';

export function hostLocal(cidr: string): () => string | null {
  const prefix = parsePrefix(cidr);
  const size = prefix === null ? 0 : 2 ** (addrBits(prefix.addr) - prefix.length);
  // The last address of an IPv4 range is its broadcast address.
  const end = prefix !== null && typeof prefix.addr === 'number' ? size - 2 : size - 1;
  let index = 2;
  return () => (index > end ? null : nthAddress(cidr, index++));
}
