// ICMP errors (RFC 792, RFC 1812 section 4.3; __icmp_send, net/ipv4/icmp.c): whether one may be sent, from which address, and
// how much of the packet it quotes.
import { byteLength } from '../../wire/length.ts';
import { fromL3, ipLayer } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { isMulticast, printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr, Ipv4 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Icmpv4Body, Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { sendError6 } from './icmp6-send.ts';
import { icmpAllowed } from './icmp-limit.ts';
import { localOut } from './ip-output.ts';
import { outputRoute } from './route.ts';
import { sysctl } from '../../net/sysctl.ts';

/** An error message has at most 576 bytes (RFC 1812), so the quote has at most 548. */
const MAX_QUOTE = 576 - 20 - 8;
const ERROR_TYPES: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

export const deviceOf = (skb: Skb): Dev => (skb.dst?.kind === 'output' ? skb.dst.dev : skb.dev!);

/** `info`: next-hop MTU for (3, 4). Nothing is sent where the standards forbid it or there is no way back. */
export function sendError(
  k: Kernel,
  skb: Skb,
  type: number,
  code: number,
  info: number,
  why: string,
): void {
  const ip = ipLayer(skb.layers);
  if (ip === null) return;
  if (ip.kind === 'ipv6') return sendError6(k, skb, type, code, info, why);
  send(k, skb, type, code, { mtu: code === 4 && type === 3 ? info : 0, gateway: null }, why);
}

/** ip_rt_send_redirect: tells a directly connected sender of a better next hop. */
export function sendRedirect(k: Kernel, skb: Skb, dev: Dev): void {
  const ip = ipLayer(skb.layers);
  if (ip?.kind !== 'ipv4') return;
  const gateway = (skb.dst?.via ?? ip.header.dst) as Ipv4;
  const why = `${printAddr(gateway)} is on the same link as the sender (${dev.name})`;
  send(k, skb, 5, 1, { mtu: 0, gateway }, why);
}

function mayAnswer(k: Kernel, skb: Skb, dev: Dev, type: number, code: number): boolean {
  const ip = ipLayer(skb.layers) as Layer<'ipv4'>;
  if (ip.header.fragOffset > 0 || skb.packetType !== 'host') return false;
  if (isMulticast(ip.header.dst) || skb.dst?.type === 'broadcast') return false;
  const inner = fromL3(skb.layers)[1];
  if (inner?.kind === 'icmpv4' && ERROR_TYPES.has(inner.header.type)) return false;
  const alwaysAllowed = (type === 3 && code === 4) || dev.type === 'loopback';
  return alwaysAllowed || icmpAllowed(k, skb, dev, type);
}

function send(
  k: Kernel,
  skb: Skb,
  type: number,
  code: number,
  extra: { readonly mtu: number; readonly gateway: Ipv4 | null },
  why: string,
): void {
  const dev = deviceOf(skb);
  const ns = nsOf(dev);
  const ip = ipLayer(skb.layers) as Layer<'ipv4'>;
  if (!mayAnswer(k, skb, dev, type, code)) return;
  const ownDestination = skb.dst?.kind === 'local' || skb.dst?.type === 'local';
  const src = ownDestination ? ip.header.dst : null;
  const want = { dst: ip.header.src as IpAddr, src, mark: 0, oif: null };
  const route = outputRoute(k, ns, want, null);
  if (!route.ok) return;
  const quotedLayers = fromL3(skb.layers);
  const length = Math.min(byteLength(quotedLayers), MAX_QUOTE);
  const body: Icmpv4Body = {
    kind: 'error',
    mtu: extra.mtu,
    gateway: extra.gateway,
    quoted: { layers: quotedLayers, length },
  };
  const error = k.make(
    [
      {
        kind: 'ipv4',
        id: k.rec.layerId(),
        header: {
          src: route.src as Ipv4,
          dst: ip.header.src,
          protocol: IPPROTO.icmp,
          ttl: sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl'),
          // Internetwork control (RFC 1812 section 4.3.2.5).
          tos: (ip.header.tos & 0x1e) | 0xc0,
          id: ns.ipId++ & 0xffff,
          df: false,
          mf: false,
          fragOffset: 0,
        },
      },
      { kind: 'icmpv4', id: k.rec.layerId(), header: { type, code, body } },
    ],
    skb,
  );
  attachConnection(error, skb);
  error.dst = route.dst;
  if (!k.rec.silent) {
    k.rec.event('kernel.send', error, dev.site, {
      what: icmpName(type, code),
      because: skb.id,
      why,
    });
    outputRoute(k, ns, want, error);
  }
  localOut(k, error);
}

/** nf_ct_attach: an error belongs to the connection of the packet that it is about, in the other direction. */
export function attachConnection(answer: Skb, about: Skb): void {
  if (about.ct === null) return;
  answer.ct = {
    entry: about.ct.entry,
    direction: about.ct.direction === 'original' ? 'reply' : 'original',
    state: 'RELATED',
  };
}

const UNREACHABLE = [
  'net unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'fragmentation needed',
];
export function icmpName(type: number, code: number): string {
  if (type === 3) return `ICMP ${UNREACHABLE[code] ?? `destination unreachable, code ${code}`}`;
  if (type === 5) return 'ICMP redirect';
  if (type === 11)
    return code === 0 ? 'ICMP time exceeded in transit' : 'ICMP reassembly time exceeded';
  return `ICMP type ${type} code ${code}`;
}
