// ICMPv6 redirects (RFC 4861 section 8; ip6_forward, ndisc_send_redirect, rt6_do_redirect): a router tells a sender on the same link
// where its packets had better go, and a host that is no router believes it.
import { neighConfirm, neighUpdate } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { VALID, createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { fromL3, ipLayer } from '../../net/skb.ts';
import { confDev } from '../../net/sysctl.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { tupleOf } from '../../conntrack/tuple.ts';
import { isMulticast, printAddr } from '../../wire/addr/ip.ts';
import { isLinkLocal6 } from '../../wire/addr/ipv6.ts';
import type { Ipv6 } from '../../wire/addr/types.ts';
import { byteLength } from '../../wire/length.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Icmpv6Body, Layer } from '../../wire/types.ts';
import { findTcp } from '../sock/errors.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { peerLimited } from './icmp-limit.ts';
import { linkLocalOf, sendDiscovery } from './nd.ts';
import { outputRoute } from './route.ts';

type Redirect = Extract<Icmpv6Body, { kind: 'redirect' }>;

/** One a second to each source, and about each destination (1*HZ). */
const INTERVAL_MS = 1000;
/** IPV6_MIN_MTU without the IPv6 header and the message's own 40 bytes. */
const ROOM = 1280 - 40 - 40;

/** `skb` is to leave by the device that it came in by, `dev`. */
export function sendRedirect6(k: Kernel, skb: Skb, dev: Dev): void {
  const ip = (ipLayer(skb.layers) as Layer<'ipv6'>).header;
  const route = skb.dst!;
  const target = (route.via ?? ip.dst) as Ipv6;
  if (peerLimited(k, dev, ip.dst, INTERVAL_MS)) return;
  const src = linkLocalOf(dev);
  if (src === null || (target !== ip.dst && !isLinkLocal6(target))) return;
  const back = outputRoute(k, dev.ns, { dst: ip.src, src, mark: 0, oif: dev.name }, null);
  if (!back.ok || back.dst.via !== null) return;
  if (peerLimited(k, dev, ip.src, INTERVAL_MS)) return;
  const neigh = findNeigh(route.dev, target) ?? createNeigh(dev.ns, route.dev, target, k.rec.now);
  const lladdr = VALID.has(neigh.state) ? neigh.mac : null;
  const layers = fromL3(skb.layers);
  const option = Math.min(ROOM - (lladdr === null ? 0 : 8), byteLength(layers) + 8) & ~7;
  const quoted = { layers, length: option - 8 };
  const body: Redirect = { kind: 'redirect', target, destination: ip.dst, lladdr, quoted };
  const better =
    target === ip.dst ? 'is on the same link' : `is better reached by ${printAddr(target)}`;
  sendDiscovery(k, skb, dev, src, ip.src, 137, body, `${printAddr(ip.dst)} ${better}`);
}

export function learnRedirect6(k: Kernel, skb: Skb, dev: Dev, body: Redirect): void {
  const why = refusal(k, skb, dev, body);
  if (why !== null) return k.consumed(skb, `ICMPv6 redirect: ${why}`);
  const { ns } = dev;
  const { target, destination, lladdr } = body;
  const onLink = target === destination;
  const route = outputRoute(k, ns, { dst: destination, src: null, mark: 0, oif: null }, null);
  if (!route.ok) return k.consumed(skb, 'ICMPv6 redirect: no route that it could change');
  const { src } = (ipLayer(skb.layers) as Layer<'ipv6'>).header;
  const router = findNeigh(route.dst.dev, route.dst.via ?? src);
  if (router !== undefined) neighConfirm(router, k.rec.now);
  const neigh = findNeigh(dev, target) ?? createNeigh(ns, dev, target, k.rec.now);
  const update = { mac: lladdr, state: 'STALE', override: true, weakOverride: true } as const;
  neighUpdate(k, neigh, onLink ? update : { ...update, router: true }, (n, w) =>
    sendResolved(k, n, w),
  );
  const known = ns.redirects.get(destination);
  const from = known === undefined ? route.dst.via : known.from;
  ns.redirects.set(destination, { from, to: onLink ? null : target });
  k.consumed(skb, 'ICMPv6 redirect: believed');
}

/** Why it changes nothing, or null. */
function refusal(k: Kernel, skb: Skb, dev: Dev, body: Redirect): string | null {
  const { src } = (ipLayer(skb.layers) as Layer<'ipv6'>).header;
  const { target, destination } = body;
  if (!isLinkLocal6(src)) return 'its source is not link-local';
  const tuple = tupleOf(body.quoted.layers);
  if (tuple === null) return 'it quotes no packet';
  const tcp = tuple.protocol === IPPROTO.tcp;
  const sock = tcp ? findTcp(nsOf(dev), tuple) : null;
  if (sock === undefined) return 'no socket of that packet';
  if (sock?.owned === true) return 'the socket is in use at this moment';
  if (isMulticast(destination)) return 'its destination is a multicast group';
  if (target !== destination && !isLinkLocal6(target)) return 'its target is not link-local';
  const s = dev.ns.sysctl;
  if (confDev(s, dev.name, 'forwarding', 'ipv6') !== 0) return 'a router listens to none';
  if (confDev(s, dev.name, 'accept_redirects', 'ipv6') === 0) return 'accept_redirects is 0';
  if (tcp) return null;
  // TCP asks the route that its socket has; for the others it must be the router's own (ip6_redirect_nh_match).
  const route = outputRoute(k, dev.ns, { dst: destination, src: null, mark: 0, oif: null }, null);
  return route.ok && route.dst.via === src ? null : 'it is not from the router that is used';
}
