// Prefixes (CIDR, RFC 4632): an address with a length. A bare address is a prefix of all its bits, as in iproute2.
import { isIpv4, parseAddr, printAddr, sameFamily } from './ip.ts';
import type { IpAddr, Ipv4, Prefix } from './types.ts';

/** Number of bits of the addresses of this family. */
export const addrBits = (addr: IpAddr): 32 | 128 => (isIpv4(addr) ? 32 : 128);

const ALL6 = (1n << 128n) - 1n;
const MASKS6: readonly bigint[] = Array.from(
  { length: 129 },
  (_, length) => (ALL6 << BigInt(128 - length)) & ALL6,
);

/** Mask of an IPv4 prefix length, unsigned. Shifting by 32 is shifting by 0, so /0 is apart. */
export const mask4 = (length: number): Ipv4 =>
  (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) as Ipv4;

export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const addr = parseAddr(slash < 0 ? text : text.slice(0, slash));
  if (addr === null) return null;
  if (slash < 0) return { addr, length: addrBits(addr) };
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return null;
  const length = Number(digits);
  return length <= addrBits(addr) ? { addr, length } : null;
}

export const printPrefix = (prefix: Prefix): string => `${printAddr(prefix.addr)}/${prefix.length}`;

/** Host bits of the prefix do not matter. An address of the other family is not in it. */
export function contains(prefix: Prefix, addr: IpAddr): boolean {
  const base = prefix.addr;
  if (typeof base === 'number')
    return typeof addr === 'number' && ((base ^ addr) & mask4(prefix.length)) === 0;
  if (typeof addr !== 'bigint') return false;
  return ((base ^ addr) & MASKS6[prefix.length]!) === 0n;
}

/** The same prefix with its host bits cleared. */
export function network<A extends IpAddr>(prefix: Prefix<A>): Prefix<A> {
  const { addr, length } = prefix as Prefix;
  const base = typeof addr === 'number' ? (addr & mask4(length)) >>> 0 : addr & MASKS6[length]!;
  return { addr: base as A, length };
}

/** The address with all host bits set: the directed broadcast address, except for /31 and /32 (RFC 3021). */
export const broadcastOf = (prefix: Prefix<Ipv4>): Ipv4 =>
  ((prefix.addr | ~mask4(prefix.length)) >>> 0) as Ipv4;

export const samePrefix = (a: Prefix, b: Prefix): boolean =>
  a.length === b.length && a.addr === b.addr && sameFamily(a.addr, b.addr);
