// Addresses changed in a packet and in what an ICMP error quotes (RFC 3022; RFC 5508 section 4.2), and the event that tells of it.
import { manipulate } from '../conntrack/nat.ts';
import type { Manip } from '../conntrack/nat.ts';
import { tupleOf } from '../conntrack/tuple.ts';
import type { Tuple } from '../conntrack/types.ts';
import { fromL3 } from '../net/skb.ts';
import type { Skb } from '../net/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Layer } from '../wire/types.ts';
import type { Arrival } from './types.ts';

/** A piece of a datagram as the datagram, so that its ports can be read. */
const wholeOf = (layers: readonly Layer[]): readonly Layer[] => {
  const [ip, rest] = layers;
  return rest?.kind === 'fragment' ? [ip!, ...rest.header.of] : layers;
};

export const isPiece = (skb: Skb): boolean => fromL3(skb.layers)[1]?.kind === 'fragment';
export const packetTuple = (skb: Skb): Tuple => tupleOf(wholeOf(fromL3(skb.layers)))!;

/** The tuple of the packet that an ICMP error quotes, or null where it is none. */
export function quotedTuple(skb: Skb): Tuple | null {
  const l4 = fromL3(skb.layers)[1];
  return l4?.kind === 'icmpv4' && l4.header.body.kind === 'error'
    ? tupleOf(l4.header.body.quoted.layers)
    : null;
}

function endOf(layers: readonly Layer[], manip: Manip): string {
  const tuple = tupleOf(wholeOf(layers))!;
  const addr = printAddr(manip === 'src' ? tuple.src : tuple.dst);
  const l4 = wholeOf(layers)[1];
  if (l4?.kind === 'tcp' || l4?.kind === 'udp')
    return `${addr}:${manip === 'src' ? tuple.sport : tuple.dport}`;
  if (l4?.kind === 'icmpv4' && l4.header.body.kind === 'echo') return `${addr} id ${tuple.sport}`;
  return addr;
}

export interface Translation {
  readonly manip: Manip;
  /** The packet has this end then. */
  readonly to: Tuple;
  /** In an ICMP error: the quoted packet has this as its other end. */
  readonly quoted: Tuple | null;
  readonly why: string;
}

export function translate({ io, skb, port }: Arrival, translation: Translation): void {
  const { manip, to, quoted, why } = translation;
  const before = fromL3(skb.layers);
  const after = manipulate(before, manip, to).slice();
  const l4 = after[1];
  if (quoted !== null && l4?.kind === 'icmpv4' && l4.header.body.kind === 'error') {
    const { body } = l4.header;
    const layers = manipulate(body.quoted.layers, manip === 'src' ? 'dst' : 'src', quoted);
    const inside = { ...body, quoted: { ...body.quoted, layers } };
    after[1] = { ...l4, header: { ...l4.header, body: inside } };
  }
  skb.layers = [skb.layers[0]!, ...after];
  if (!io.rec.silent)
    io.rec.event('appliance.translate', skb, port.site, {
      manip,
      from: endOf(before, manip),
      to: endOf(after, manip),
      why,
    });
}
