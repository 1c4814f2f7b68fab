// Arithmetic on ranges and addresses in text: what IPAM, the node controller and the ground share.
import { parseAddr, printAddr } from '../wire/addr/ip.ts';
import { addrBits, contains, network, parsePrefix, printPrefix } from '../wire/addr/prefix.ts';
import type { IpAddr } from '../wire/addr/types.ts';

const step = (addr: IpAddr, by: number): IpAddr =>
  (typeof addr === 'number' ? addr + by : addr + BigInt(by)) as IpAddr;

/** Number of addresses; a power of two, so exact even for an IPv6 range. */
export function sizeOf(cidr: string): number {
  const prefix = parsePrefix(cidr);
  return prefix === null ? 0 : 2 ** (addrBits(prefix.addr) - prefix.length);
}

/** Address number `index` of a range; 0 is the network address. */
export function nthAddress(cidr: string, index: number): string | null {
  const prefix = parsePrefix(cidr);
  return prefix !== null && index < sizeOf(cidr)
    ? printAddr(step(network(prefix).addr, index))
    : null;
}

/** Block number `index` of the blocks of `/length` that a range is cut into. */
export function nthBlock(cidr: string, length: number, index: number): string | null {
  const prefix = parsePrefix(cidr);
  if (prefix === null || length < prefix.length) return null;
  const ip = nthAddress(cidr, index * 2 ** (addrBits(prefix.addr) - length));
  return ip === null ? null : `${ip}/${length}`;
}

/** The length of a range as text: `24`. */
export const lengthOf = (cidr: string): string => cidr.split('/')[1] ?? '';

/** `/32` or `/128`: a single address as a range. */
export const hostCidr = (ip: string): string => `${ip}/${ip.includes(':') ? 128 : 32}`;

/** The range with its host bits cleared, in the usual spelling. */
export function normalCidr(cidr: string): string {
  const prefix = parsePrefix(cidr);
  return prefix === null ? cidr : printPrefix(network(prefix));
}

export function normalAddr(ip: string): string {
  const addr = parseAddr(ip);
  return addr === null ? ip : printAddr(addr);
}

export function inside(cidr: string, ip: string): boolean {
  const prefix = parsePrefix(cidr);
  const addr = parseAddr(ip);
  return prefix !== null && addr !== null && contains(prefix, addr);
}

export function overlap(a: string, b: string): boolean {
  const [one, other] = [parsePrefix(a), parsePrefix(b)];
  if (one === null || other === null) return false;
  return one.length <= other.length ? contains(one, other.addr) : contains(other, one.addr);
}
