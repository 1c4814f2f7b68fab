// Rate limit of ICMP errors by destination (inet_peer_xrlim_allow: one token each icmp_ratelimit ms, at most six saved).
import type { Dev, Skb } from '../../net/types.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { ipLayer } from '../../net/skb.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';

const BURST = 6;

/** True if the peer may not be sent another error now. */
export function peerLimited(k: Kernel, dev: Dev, peer: IpAddr, interval: number): boolean {
  if (interval === 0) return false;
  const buckets = nsOf(dev).icmpTokens;
  const now = k.rec.now / 1e6;
  const bucket = buckets.get(peer) ?? { tokens: interval * BURST, last: now };
  const tokens = Math.min(bucket.tokens + (now - bucket.last), interval * BURST);
  const allowed = tokens >= interval;
  buckets.set(peer, { tokens: allowed ? tokens - interval : tokens, last: now });
  return !allowed;
}

/** May an ICMP error of this type go to the source of the packet? Types in icmp_ratemask are limited. */
export function icmpAllowed(k: Kernel, skb: Skb, dev: Dev, type: number): boolean {
  const mask = sysctl(dev.ns.sysctl, 'net.ipv4.icmp_ratemask');
  if (((mask >> type) & 1) === 0) return true;
  const src = ipLayer(skb.layers)!.header.src as IpAddr;
  return !peerLimited(k, dev, src, sysctl(dev.ns.sysctl, 'net.ipv4.icmp_ratelimit'));
}
