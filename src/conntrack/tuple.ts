// Tuples: what conntrack reads of a packet (nf_ct_get_tuple, nf_ct_invert_tuple; per protocol: nf_conntrack_proto_*.c).
import type { IpAddr } from '../wire/addr/types.ts';
import { IPPROTO } from '../wire/types.ts';
import type { Layer } from '../wire/types.ts';
import type { Tuple } from './types.ts';

/** ICMP queries and their answers (RFC 792): the type that the other direction uses. */
const ICMP_REPLY: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};
const ICMPV6_REPLY: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };
/** Only queries open a connection. */
export const opensIcmp = (protocol: number, type: number): boolean =>
  protocol === IPPROTO.icmp ? [8, 13, 15, 17].includes(type) : [128, 139].includes(type);

/** The transport header of a packet whose layers start with its IP header: the first fragment has it, too, the others do not (null). */
function transportOf(layers: readonly Layer[]): Layer | null | undefined {
  const at = layers[1]?.kind === 'ipv6Fragment' ? 2 : 1;
  const l4 = layers[at];
  if (l4?.kind !== 'fragment') return l4;
  return l4.header.offset === 0 ? l4.header.of[0] : null;
}

/** The tuple of a packet whose layers start with its IP header, or null where there is none (later fragments). */
export function tupleOf(layers: readonly Layer[]): Tuple | null {
  const ip = layers[0];
  if (ip === undefined || (ip.kind !== 'ipv4' && ip.kind !== 'ipv6')) return null;
  const { src, dst } = ip.header as { src: IpAddr; dst: IpAddr };
  const l4 = transportOf(layers);
  if (l4 === null) return null;
  const head = layers[1]?.kind === 'ipv6Fragment' ? layers[1] : ip;
  const protocol = head.kind === 'ipv4' ? head.header.protocol : head.header.nextHeader;
  if (l4?.kind === 'tcp' || l4?.kind === 'udp')
    return { src, dst, protocol, sport: l4.header.sport, dport: l4.header.dport };
  if (l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') {
    const { type, code, body } = l4.header;
    return {
      src,
      dst,
      protocol,
      sport: body.kind === 'echo' ? body.id : 0,
      dport: type * 256 + code,
    };
  }
  return { src, dst, protocol, sport: 0, dport: 0 };
}

export const isIcmp = (protocol: number): boolean =>
  protocol === IPPROTO.icmp || protocol === IPPROTO.icmpv6;

export function invertTuple(tuple: Tuple): Tuple | null {
  const { src, dst, protocol, sport, dport } = tuple;
  if (!isIcmp(protocol)) return { src: dst, dst: src, protocol, sport: dport, dport: sport };
  const table = protocol === IPPROTO.icmp ? ICMP_REPLY : ICMPV6_REPLY;
  const type = table[dport >> 8];
  if (type === undefined) return null;
  return { src: dst, dst: src, protocol, sport, dport: type * 256 + (dport & 0xff) };
}

export const tupleKey = (t: Tuple, zone = 0): string =>
  `${zone} ${t.protocol} ${t.src} ${t.sport} ${t.dst} ${t.dport}`;

export const sameTuple = (a: Tuple, b: Tuple): boolean =>
  a.src === b.src &&
  a.dst === b.dst &&
  a.protocol === b.protocol &&
  a.sport === b.sport &&
  a.dport === b.dport;
