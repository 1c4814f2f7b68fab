// The packet is for this host (ip_local_deliver, ip_local_deliver_finish; net/ipv4/ip_input.c): INPUT, then the protocol.
import { l3Index } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { rawDeliver } from '../sock/raw.ts';
import { tcpReceive } from '../sock/tcp-receive.ts';
import { udpReceive } from '../sock/udp.ts';
import { defragment } from './fragment.ts';
import { runHook } from './hooks.ts';
import { icmpReceive } from './icmp-rcv.ts';
import { icmp6Receive } from './icmp6-rcv.ts';
import { sendError } from './icmp-send.ts';
import { ipipReceive } from './tunnel.ts';

const NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  4: 'ipip',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
};

export function localDeliver(k: Kernel, skb: Skb, dev: Dev): void {
  const whole = defragment(k, skb, nsOf(dev), dev, 'local');
  if (whole === null) return;
  const kind = (whole.layers[l3Index(whole.layers)] as Layer<'ipv4'> | Layer<'ipv6'>).kind;
  runHook(k, whole, kind, 'INPUT', { in: dev, out: null }, (packet) => finish(k, packet, dev));
}

function finish(k: Kernel, skb: Skb, dev: Dev): void {
  const at = l3Index(skb.layers);
  const ip = skb.layers[at] as Layer<'ipv4'> | Layer<'ipv6'>;
  const protocol = ip.kind === 'ipv4' ? ip.header.protocol : ip.header.nextHeader;
  const name = NAMES[protocol] ?? String(protocol);
  if (!k.rec.silent) k.rec.event('ip.deliver', skb, dev.site, { protocol: name });
  const raw = rawDeliver(k, skb, dev, protocol);
  switch (protocol) {
    case IPPROTO.icmp:
      return icmpReceive(k, skb, dev);
    case IPPROTO.icmpv6:
      return icmp6Receive(k, skb, dev);
    case IPPROTO.tcp:
      return tcpReceive(k, skb, dev);
    case IPPROTO.udp:
      return udpReceive(k, skb, dev);
    case IPPROTO.ipip:
      return ipipReceive(k, skb, dev);
    default:
      if (raw) return;
      sendError(k, skb, 3, 2, 0, `nothing here speaks protocol ${protocol}`);
      return k.drop(skb, dev, 'IP_NOPROTO', 'ip_protocol_deliver_rcu', `protocol ${protocol}`);
  }
}
