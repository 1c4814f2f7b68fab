// IPv6 addresses as text (RFC 4291 section 2.2 in, RFC 5952 out) and the addresses that are made from others.
// An IPv4-mapped address prints its last 32 bits as a dotted quad (RFC 5952 section 5), as inet_ntop(3) does.
import ipaddr from 'ipaddr.js';
import { printIpv4 } from './ipv4.ts';
import { memo } from './memo.ts';
import type { Ipv4, Ipv6, Mac } from './types.ts';

/** ff02::1 */
export const IPV6_ALL_NODES = 0xff020000000000000000000000000001n as Ipv6;
/** ff02::2 */
export const IPV6_ALL_ROUTERS = 0xff020000000000000000000000000002n as Ipv6;

const QUAD_TAIL = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const SHAPE = /^[0-9a-fA-F:.]{2,45}$/;

/** No zone (`%eth0`): the device is said beside the address wherever one is needed. */
export function parseIpv6(text: string): Ipv6 | null {
  // ipaddr.js takes `::1.2.3.4` for an IPv4-mapped address; inet_pton(3) takes it as it stands.
  const plain = text.replace(QUAD_TAIL, (_, a, b, c, d) =>
    [256 * Number(a) + Number(b), 256 * Number(c) + Number(d)].map((n) => n.toString(16)).join(':'),
  );
  if (!SHAPE.test(text) || !ipaddr.IPv6.isValid(text) || !ipaddr.IPv6.isValid(plain)) return null;
  let value = 0n;
  for (const part of ipaddr.IPv6.parse(plain).parts) value = (value << 16n) | BigInt(part);
  return value as Ipv6;
}

export const printIpv6 = memo((addr: Ipv6): string => {
  if (addr >> 32n === 0xffffn) return `::ffff:${printIpv4(Number(addr & 0xffffffffn) as Ipv4)}`;
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((addr >> shift) & 0xffffn));
  return new ipaddr.IPv6(parts).toRFC5952String();
});

/** fe80::/10 */
export const isLinkLocal6 = (addr: Ipv6): boolean => addr >> 118n === 0x3fan;

/** ff02::1:ffXX:XXXX, where a neighbour solicitation for `addr` goes (RFC 4291 section 2.7.1). */
export const solicitedNode = (addr: Ipv6): Ipv6 =>
  (0xff0200000000000000000001ff000000n | (addr & 0xffffffn)) as Ipv6;

/** fe80:: with a modified EUI-64 made from the MAC (RFC 4291 appendix A), as addrconf does by default. */
export function eui64LinkLocal(mac: Mac): Ipv6 {
  const bits = BigInt(mac);
  const eui = ((bits >> 24n) << 40n) | (0xfffen << 24n) | (bits & 0xffffffn);
  return ((0xfe80n << 112n) | (eui ^ (1n << 57n))) as Ipv6;
}
