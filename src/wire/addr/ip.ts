// What holds for an address of either family. `typeof` tells them apart: a number is IPv4, a bigint IPv6.
import { parseIpv4, printIpv4 } from './ipv4.ts';
import { parseIpv6, printIpv6 } from './ipv6.ts';
import type { IpAddr, Ipv4, Mac } from './types.ts';

export const isIpv4 = (addr: IpAddr): addr is Ipv4 => typeof addr === 'number';

export const sameFamily = (a: IpAddr, b: IpAddr): boolean => typeof a === typeof b;

export const parseAddr = (text: string): IpAddr | null => parseIpv4(text) ?? parseIpv6(text);

export const printAddr = (addr: IpAddr): string =>
  isIpv4(addr) ? printIpv4(addr) : printIpv6(addr);

/** 0.0.0.0 or :: */
export const isZero = (addr: IpAddr): boolean => addr === 0 || addr === 0n;

/** 127.0.0.0/8 or ::1 */
export const isLoopback = (addr: IpAddr): boolean =>
  isIpv4(addr) ? addr >>> 24 === 127 : addr === 1n;

/** 224.0.0.0/4 or ff00::/8 */
export const isMulticast = (addr: IpAddr): boolean =>
  isIpv4(addr) ? addr >>> 28 === 0xe : addr >> 120n === 0xffn;

/** For sorting: IPv4 first, then by value. */
export function compareAddr(a: IpAddr, b: IpAddr): number {
  if (!sameFamily(a, b)) return isIpv4(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The group address of Ethernet that carries an IP group (RFC 1112 section 6.4, RFC 2464 section 7). */
export const multicastMac = (addr: IpAddr): Mac =>
  (isIpv4(addr)
    ? 0x01005e000000 + (addr & 0x7fffff)
    : 0x333300000000 + Number(addr & 0xffffffffn)) as Mac;
