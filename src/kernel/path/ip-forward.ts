// IPv4 forwarding (net/ipv4/ip_forward.c): TTL, MTU, redirect, FORWARD, then out.
import { byteLength } from '../../wire/length.ts';
import { l3Index, withHeader } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { runHook } from './hooks.ts';
import { sendError } from './icmp-send.ts';
import { output } from './ip-output.ts';
import { redirectSender } from './redirect.ts';

export function forward(k: Kernel, skb: Skb, dev: Dev): void {
  if (skb.packetType !== 'host')
    return k.drop(skb, dev, 'NOT_SPECIFIED', 'ip_forward', 'a broadcast is not forwarded');
  const at = l3Index(skb.layers);
  const ip = (skb.layers[at] as Layer<'ipv4'>).header;
  const out = skb.dst!.dev;
  if (ip.ttl <= 1) {
    sendError(k, skb, 11, 0, 0, `the TTL is ${ip.ttl} and would become 0`);
    return k.drop(skb, dev, 'IP_INHDR', 'ip_forward', 'time to live exceeded in transit');
  }
  const length = byteLength(skb.layers, at);
  const { mtu } = skb.dst!;
  if (length > mtu && ip.df && (skb.fragMaxSize > mtu || !skb.ignoreDf)) {
    sendError(k, skb, 3, 4, mtu, `${length} bytes, MTU ${mtu} and DF is set`);
    return k.drop(skb, dev, 'PKT_TOO_BIG', 'ip_forward', `fragmentation needed: MTU ${mtu}`);
  }
  skb.layers = withHeader(skb.layers, at, { ...ip, ttl: ip.ttl - 1 });
  if (!k.rec.silent) k.rec.event('ip.forward', skb, dev.site, { ttl: ip.ttl - 1 });
  if (skb.redirect) redirectSender(k, skb, dev);
  runHook(k, skb, 'ipv4', 'FORWARD', { in: dev, out }, (packet) => output(k, packet));
}
