// ICMPv6 errors (RFC 4443 section 2.4; icmp6_send, net/ipv6/icmp.c).
import { byteLength } from '../../wire/length.ts';
import { fromL3, ipLayer } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Skb } from '../../net/types.ts';
import { isMulticast, isZero } from '../../wire/addr/ip.ts';
import type { Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { peerLimited } from './icmp-limit.ts';
import { attachConnection, deviceOf } from './icmp-send.ts';
import { localOut } from './ip-output.ts';
import { outputRoute, ownsAddress } from './route.ts';

/** The error may not make the packet longer than the minimum MTU. */
const MAX_QUOTE = 1280 - 40 - 8;
const NAMES: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in transit',
  4: 'parameter problem',
};
const CODES = [
  'no route',
  'administratively prohibited',
  'beyond scope',
  'address unreachable',
  'port unreachable',
];

export function sendError6(
  k: Kernel,
  skb: Skb,
  type: number,
  code: number,
  mtu: number,
  why: string,
): void {
  const ip = ipLayer(skb.layers) as Layer<'ipv6'>;
  const dev = deviceOf(skb);
  const ns = nsOf(dev);
  if (isMulticast(ip.header.src) || isZero(ip.header.src)) return;
  if ((isMulticast(ip.header.dst) || skb.packetType !== 'host') && type !== 2) return;
  const inner = fromL3(skb.layers)[1];
  if (inner?.kind === 'icmpv6' && inner.header.type < 128) return;
  if (
    type !== 2 &&
    dev.type !== 'loopback' &&
    peerLimited(k, dev, ip.header.src, sysctl(ns.sysctl, 'net.ipv6.icmp.ratelimit'))
  )
    return;
  const own = ownsAddress(ns, ip.header.dst) ? ip.header.dst : null;
  const want = { dst: ip.header.src, src: own, mark: 0, oif: null };
  const route = outputRoute(k, ns, want, null);
  if (!route.ok) return;
  const quoted = fromL3(skb.layers);
  const length = Math.min(byteLength(quoted), MAX_QUOTE);
  const error = k.make(
    [
      {
        kind: 'ipv6',
        id: k.rec.layerId(),
        header: {
          src: route.src as Ipv6,
          dst: ip.header.src,
          nextHeader: IPPROTO.icmpv6,
          hopLimit: 64,
          trafficClass: ip.header.trafficClass,
          flowLabel: 0,
        },
      },
      {
        kind: 'icmpv6',
        id: k.rec.layerId(),
        header: { type, code, body: { kind: 'error', mtu, quoted: { layers: quoted, length } } },
      },
    ],
    skb,
  );
  attachConnection(error, skb);
  error.dst = route.dst;
  if (!k.rec.silent) {
    const what = `ICMPv6 ${type === 1 ? (CODES[code] ?? NAMES[1]) : (NAMES[type] ?? `type ${type}`)}`;
    k.rec.event('kernel.send', error, dev.site, { what, because: skb.id, why });
    outputRoute(k, ns, want, error);
  }
  localOut(k, error);
}
