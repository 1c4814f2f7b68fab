// ICMP "fragmentation needed" from a router that is an appliance (RFC 1191): to the sender, out of the port where the packet came in.
import { byteLength } from '../wire/length.ts';
import { ethernet, fromL3 } from '../net/skb.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import { ETH_P_IP, IPPROTO } from '../wire/types.ts';
import { ipv4Of, refuse } from './frames.ts';
import type { Arrival } from './types.ts';

/** The quote ends where the message has 576 bytes (RFC 1812 section 4.3.2.3). */
const MAX_QUOTE = 576 - 20 - 8;
const TTL = 255;

export interface Limit {
  /** Who answers. */
  readonly router: Ipv4;
  readonly mtu: number;
  readonly why: string;
}

/** False: the header allows fragments (DF is not set), nothing was done. */
export function tooBig(at: Arrival, { router, mtu, why }: Limit): boolean {
  const { io, skb, port } = at;
  const { header } = ipv4Of(skb)!;
  if (!header.df) return false;
  const frame = ethernet(skb)!;
  const quotedLayers = fromL3(skb.layers);
  const quoted = {
    layers: quotedLayers,
    length: Math.min(byteLength(quotedLayers), MAX_QUOTE),
  };
  const error = io.make(
    [
      {
        kind: 'ethernet',
        id: io.rec.layerId(),
        header: { dst: frame.src, src: frame.dst, etherType: ETH_P_IP },
      },
      {
        kind: 'ipv4',
        id: io.rec.layerId(),
        header: {
          src: router,
          dst: header.src,
          protocol: IPPROTO.icmp,
          ttl: TTL,
          // Internetwork control (RFC 1812 section 4.3.2.5).
          tos: (header.tos & 0x1e) | 0xc0,
          id: 0,
          df: false,
          mf: false,
          fragOffset: 0,
        },
      },
      {
        kind: 'icmpv4',
        id: io.rec.layerId(),
        header: { type: 3, code: 4, body: { kind: 'error', mtu, gateway: null, quoted } },
      },
    ],
    skb,
  );
  if (!io.rec.silent)
    io.rec.event('kernel.send', error, port.site, {
      what: 'ICMP fragmentation needed',
      because: skb.id,
      why,
    });
  io.xmit(error, port);
  refuse(at, 'vpc:PKT_TOO_BIG', `${why}, and DF is set`);
  return true;
}
