// ICMP redirects (RFC 792, RFC 1812 section 5.2.7.2; ip_rt_send_redirect and __ip_do_redirect, net/ipv4/route.c): a router tells
// a directly connected sender of a better next hop, and a host believes the router that it uses.
import { neighEventSend } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { VALID, createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { confAnd, confDev, confOr } from '../../net/sysctl.ts';
import type { Dev, NetnsBase, Skb } from '../../net/types.ts';
import { isMulticast, isZero } from '../../wire/addr/ip.ts';
import { contains, network } from '../../wire/addr/prefix.ts';
import type { IpAddr, Ipv4 } from '../../wire/addr/types.ts';
import type { Layer } from '../../wire/types.ts';
import { ipLayer } from '../../net/skb.ts';
import type { Kernel } from '../types.ts';
import { sendRedirect } from './icmp-send.ts';
import { nowMs, peerOf } from './inet-peer.ts';
import { addrType, outputRoute } from './route.ts';

/** ip_rt_redirect_load (HZ/50), _number and _silence. */
const LOAD_MS = 20;
const LIMIT = 9;
const SILENCE_MS = LOAD_MS << (LIMIT + 1);

/** inet_addr_onlink: both addresses lie in one network of the device. */
function onLink(dev: Dev, a: IpAddr, b: IpAddr | null): boolean {
  return dev.addresses.some((one) => {
    const net = network(one.prefix);
    return contains(net, a) && (b === null || contains(net, b));
  });
}

/** The packet leaves by the device that it came in by, and its sender could have known better. */
export function wantsRedirect(dev: Dev, src: IpAddr, gateway: IpAddr | null): boolean {
  const s = dev.ns.sysctl;
  if (!confOr(s, dev.name, 'send_redirects')) return false;
  return confOr(s, dev.name, 'shared_media') || onLink(dev, src, gateway);
}

/** ip_rt_send_redirect: one, then silence that doubles, for who does not listen. */
export function redirectSender(k: Kernel, skb: Skb, dev: Dev): void {
  const src = ipLayer(skb.layers)!.header.src as IpAddr;
  const peer = peerOf(k, dev.ns, src);
  const now = nowMs(k);
  if (now > peer.last + SILENCE_MS) {
    peer.tokens = 0;
    peer.redirects = 0;
  }
  const { redirects } = peer;
  if (redirects >= LIMIT) peer.last = now;
  else if (redirects === 0 || now > peer.last + (LOAD_MS << redirects)) {
    sendRedirect(k, skb, dev);
    peer.last = now;
    peer.redirects++;
  }
}

const believes = (dev: Dev): boolean => {
  const s = dev.ns.sysctl;
  return confDev(s, dev.name, 'forwarding') !== 0
    ? confAnd(s, dev.name, 'accept_redirects')
    : confOr(s, dev.name, 'accept_redirects');
};

/** __ip_do_redirect: `daddr` is better reached by `to`. It counts once the neighbour is known; until then it is only asked for. */
export function learnRedirect(k: Kernel, skb: Skb, dev: Dev, daddr: IpAddr, to: Ipv4): void {
  const ns: NetnsBase = dev.ns;
  const from = (ipLayer(skb.layers) as Layer<'ipv4'>).header.src;
  const route = outputRoute(k, ns, { dst: daddr, src: null, mark: 0, oif: null }, null);
  if (!route.ok || route.dst.via !== from) return;
  if (to === from || !believes(dev) || isMulticast(to) || isZero(to)) return;
  const s = ns.sysctl;
  if (!confOr(s, dev.name, 'shared_media')) {
    if (!onLink(dev, to, from)) return;
    const gateways = ns.fib4.tables.get('main')?.filter((r) => r.dst.length === 0) ?? [];
    if (confOr(s, dev.name, 'secure_redirects') && !gateways.some((r) => r.via === to)) return;
  } else if (addrType(ns, to, null) !== 'unicast') return;
  const out = route.dst.dev;
  const neigh = findNeigh(out, to) ?? createNeigh(ns, out, to, k.rec.now);
  if (VALID.has(neigh.state)) ns.redirects.set(daddr, { from, to });
  else neighEventSend(k, neigh, null, (n, w) => sendResolved(k, n, w));
}
