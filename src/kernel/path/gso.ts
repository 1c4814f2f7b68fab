// Segmentation of a large TCP packet where it leaves for a device that cannot do it (tcp_gso_segment, net/ipv4/tcp_offload.c;
// skb_gso_validate_network_len). Until there netfilter, routing and the neighbour see one packet.
import { byteLength } from '../../wire/length.ts';
import { ipLayer, l3Index } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';

/** Length of the IP packet that counts against an MTU: of the longest segment. */
export function networkLength(skb: Skb): number {
  const at = l3Index(skb.layers);
  const length = byteLength(skb.layers, at);
  if (skb.gso === 0) return length;
  const data = skb.layers[at + 2];
  const payload = data?.kind === 'payload' ? data.header.length : 0;
  return length - payload + Math.min(payload, skb.gso);
}

/** PSH and FIN stay with the last segment. */
export function cutSegments(k: Kernel, skb: Skb): readonly Skb[] {
  const at = l3Index(skb.layers);
  const [tcp, payload] = [skb.layers[at + 1], skb.layers[at + 2]];
  const ip = ipLayer(skb.layers);
  const size = skb.gso;
  skb.gso = 0;
  if (ip === null || tcp?.kind !== 'tcp' || payload?.kind !== 'payload') return [skb];
  const { length, head } = payload.header;
  if (length <= size) return [skb];
  const pieces: Skb[] = [];
  for (let done = 0; done < length; done += size) {
    const part = Math.min(size, length - done);
    const last = done + part === length;
    const { flags, seq } = tcp.header;
    const header = {
      ...tcp.header,
      seq: (seq + done) >>> 0,
      flags: { ...flags, psh: flags.psh && last, fin: flags.fin && last },
    };
    const outer: Layer =
      ip.kind === 'ipv4'
        ? { ...ip, header: { ...ip.header, id: (ip.header.id + pieces.length) & 0xffff } }
        : ip;
    pieces.push(
      k.clone(skb, [
        ...skb.layers.slice(0, at),
        outer,
        { ...tcp, header },
        { ...payload, header: { length: part, head: head.slice(done, done + part) } },
      ]),
    );
  }
  k.rec.fate(skb.id, { kind: 'replaced', by: pieces.map((p) => p.id) });
  return pieces;
}
