// Extra segments after a response: the last one that a namespace sent, shifted, from a raw socket (SCHEMA.md, `inject`).
import { MS } from '../../base/queue.ts';
import type { InjectSpec } from '../../network/types.ts';
import { segmentOf } from '../../conntrack/track.ts';
import { fromL3 } from '../../net/skb.ts';
import type { Layer } from '../../wire/types.ts';
import type { ClientContext } from './client.ts';
import { sendRaw } from './raw-client.ts';
import { THINK } from './server.ts';

export function inject(c: ClientContext, list: readonly InjectSpec[], then: () => void): void {
  const [first, ...rest] = list;
  if (first === undefined) {
    // The client asks once whether its connection lives.
    c.k.after(50 * MS, then);
    return;
  }
  c.k.after(THINK, () => {
    const ns = c.k.netns.get(first.ns);
    const dev = ns?.byName.get(first.dev ?? 'eth0');
    const last = dev === undefined ? undefined : c.k.lastTcp.get(dev);
    if (ns !== undefined && last !== undefined) {
      const layers = fromL3(last);
      const ip = (layers[0] as Layer<'ipv4'> | Layer<'ipv6'>).header;
      const tcp = (layers[1] as Layer<'tcp'>).header;
      const s = segmentOf(layers);
      const data = (s.end - s.seq - (tcp.flags.syn ? 1 : 0) - (tcp.flags.fin ? 1 : 0)) >>> 0;
      sendRaw(c.k, ns, 'inject', c.spec.id, {
        src: ip.src,
        sport: tcp.sport,
        dst: ip.dst,
        dport: tcp.dport,
        seq: s.seq + data + (first.seq_delta ?? 0),
        ack: (s.ack ?? 0) + (first.ack_delta ?? 0),
        flags: first.flags,
        payload: first.payload ?? '',
        ttl: 64,
      });
    }
    c.k.after(80 * MS, () => inject(c, rest, then));
  });
}
