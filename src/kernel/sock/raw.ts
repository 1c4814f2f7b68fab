// Raw sockets get a copy of every packet of their protocol, before the protocol itself sees it (raw_local_deliver).
import { fromL3 } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';

/** True if some socket took it. */
export function rawDeliver(k: Kernel, skb: Skb, dev: Dev, protocol: number): boolean {
  const takers = nsOf(dev).sockets.raw.filter((s) => s.protocol === protocol);
  for (const sock of takers) {
    k.rec.event('socket.receive', skb, dev.ns.site, {
      process: sock.process,
      protocol: 'raw',
      socket: `raw ${protocol}`,
    });
    k.rec.fate(skb.id, { kind: 'delivered', to: sock.process });
    sock.receive(skb, fromL3(skb.layers));
  }
  return takers.length > 0;
}
