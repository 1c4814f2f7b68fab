// The Internet checksum (RFC 1071) and the pseudo headers of TCP, UDP and ICMPv6 (RFC 9293 section 3.1,
// RFC 768, RFC 8200 section 8.1). Sums stay exact in a double: a datagram has at most 65535 bytes.
import type { Ipv4, Ipv6 } from '../addr/types.ts';
import { get16, get8 } from './bytes.ts';

/** The addresses that a pseudo header takes from the nearest IP header outside. */
export type IpEnds =
  { readonly src: Ipv4; readonly dst: Ipv4 } | { readonly src: Ipv6; readonly dst: Ipv6 };

/** Sum of 16-bit words, not folded. An odd last byte counts as if a zero followed. */
export function sumWords(bytes: Uint8Array): number {
  let sum = 0;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += get16(bytes, i);
  return even < bytes.length ? sum + get8(bytes, even) * 0x100 : sum;
}

/** One's complement of the one's complement sum. */
export function fold(sum: number): number {
  let value = sum;
  while (value > 0xffff) value = Math.floor(value / 0x10000) + (value % 0x10000);
  return 0xffff - value;
}

function sumAddr(addr: Ipv4 | Ipv6): number {
  if (typeof addr === 'number') return (addr >>> 16) + (addr & 0xffff);
  let sum = 0;
  for (let rest: bigint = addr; rest > 0n; rest >>= 16n) sum += Number(rest & 0xffffn);
  return sum;
}

/** The words of both pseudo headers add up to the same form: addresses, upper-layer length, protocol. */
export const sumPseudo = (ends: IpEnds, protocol: number, length: number): number =>
  sumAddr(ends.src) + sumAddr(ends.dst) + protocol + (length >>> 16) + (length & 0xffff);

/** Checksum of an upper-layer message whose own checksum field is still zero. */
export function transportChecksum(
  ends: IpEnds | null,
  protocol: number,
  own: Uint8Array,
  body: Uint8Array,
): number {
  const pseudo = ends === null ? 0 : sumPseudo(ends, protocol, own.length + body.length);
  return fold(pseudo + sumWords(own) + sumWords(body));
}
