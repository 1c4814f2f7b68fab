// Rate limit of ICMP errors by destination (inet_peer_xrlim_allow: one token each icmp_ratelimit ms, at most six saved). The interval is
// 1000 ms for ICMP and 100 ms for ICMPv6, where it no longer depends on the length of the route's prefix, as it did for long.
import type { Dev, Skb } from '../../net/types.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { ipLayer } from '../../net/skb.ts';
import type { Kernel } from '../types.ts';
import { nowMs, peerOf } from './inet-peer.ts';

const BURST = 6;
/** ip_rt_error_cost and ip_rt_error_burst, in ms: what ip_error() itself takes before it asks for the message. */
const ROUTE_ERROR = { cost: 1000, burst: 5000 } as const;

function take(k: Kernel, dev: Dev, peer: IpAddr, cost: number, burst: number): boolean {
  const bucket = peerOf(k, dev.ns, peer);
  const now = nowMs(k);
  const tokens = Math.min(bucket.tokens + (now - bucket.last), burst);
  const allowed = tokens >= cost;
  bucket.tokens = allowed ? tokens - cost : tokens;
  bucket.last = now;
  return allowed;
}

/** True if the peer may not be sent another error now. */
export const peerLimited = (k: Kernel, dev: Dev, peer: IpAddr, interval: number): boolean =>
  interval !== 0 && !take(k, dev, peer, interval, interval * BURST);

/** ip_error: a packet without a route draws on the same tokens, before its ICMP error does. */
export const routeErrorAllowed = (k: Kernel, dev: Dev, peer: IpAddr): boolean =>
  take(k, dev, peer, ROUTE_ERROR.cost, ROUTE_ERROR.burst);

/** May an ICMP error of this type go to the source of the packet? Types in icmp_ratemask are limited. */
export function icmpAllowed(k: Kernel, skb: Skb, dev: Dev, type: number): boolean {
  const mask = sysctl(dev.ns.sysctl, 'net.ipv4.icmp_ratemask');
  if (((mask >> type) & 1) === 0) return true;
  const src = ipLayer(skb.layers)!.header.src as IpAddr;
  return !peerLimited(k, dev, src, sysctl(dev.ns.sysctl, 'net.ipv4.icmp_ratelimit'));
}
