// Addresses are primitives, so `===`, Map keys and structured clone work; `typeof` tells the family.
// Text exists only at the edges.
import type { Brand } from '../../base/brand.ts';

/** An IPv4 address as an unsigned 32-bit number. */
export type Ipv4 = Brand<number, 'Ipv4'>;
/** An IPv6 address as an unsigned 128-bit integer. */
export type Ipv6 = Brand<bigint, 'Ipv6'>;
export type IpAddr = Ipv4 | Ipv6;
/** A 48-bit integer, exact in a double. No bit operators on it outside `addr/mac.ts`. */
export type Mac = Brand<number, 'Mac'>;

/** An address with a prefix length. Host bits may be set (an interface address) or not (a network). */
export interface Prefix<A extends IpAddr = IpAddr> {
  readonly addr: A;
  readonly length: number;
}
