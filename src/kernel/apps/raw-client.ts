// One crafted TCP segment from a raw socket (IP_HDRINCL): no connection, no options.
import { parseAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer, TcpFlags } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel, Netns } from '../types.ts';
import { ipHeader } from '../sock/tcp-output.ts';
import type { ClientContext } from './client.ts';

export const parseFlags = (letters: string): TcpFlags => ({
  fin: letters.includes('F'),
  syn: letters.includes('S'),
  rst: letters.includes('R'),
  psh: letters.includes('P'),
  ack: letters.includes('A'),
  urg: letters.includes('U'),
});

export interface RawSegment {
  readonly src: IpAddr;
  readonly sport: number;
  readonly dst: IpAddr;
  readonly dport: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: string;
  readonly payload: string;
  readonly ttl: number;
}

/** null, or the errno of sendto(). */
export function sendRaw(
  k: Kernel,
  ns: Netns,
  process: string,
  flow: string,
  s: RawSegment,
): string | null {
  const want = { dst: s.dst, src: null, mark: 0, oif: null };
  const layers: Layer[] = [
    ipHeader(k, ns, s.src, s.dst, IPPROTO.tcp, { ttl: s.ttl, df: true, id: 0x4b47 }),
    {
      kind: 'tcp',
      id: k.rec.layerId(),
      header: {
        sport: s.sport,
        dport: s.dport,
        seq: s.seq >>> 0,
        ack: s.ack >>> 0,
        flags: parseFlags(s.flags),
        window: 64_240,
        options: [],
      },
    },
  ];
  if (s.payload !== '')
    layers.push({
      kind: 'payload',
      id: k.rec.layerId(),
      header: { length: s.payload.length, head: s.payload },
    });
  const asked = outputRoute(k, ns, want, null);
  if (!asked.ok) return asked.errno;
  let refused: string | null = null;
  k.process(() => {
    const skb = k.born(layers, process, flow);
    k.rec.event('socket.send', skb, ns.site, {
      process,
      protocol: 'tcp',
      socket: 'raw (IP_HDRINCL)',
    });
    const route = outputRoute(k, ns, want, skb);
    if (!route.ok) return;
    skb.dst = route.dst;
    localOut(k, skb);
    refused = skb.sendError;
  });
  return refused;
}

export function rawTcpClient(c: ClientContext): void {
  const { k, ns, spec } = c;
  const src = parseAddr(spec.src ?? '');
  if (src === null) return c.finish({ result: 'error', error: 'EINVAL', stage: 'send' });
  c.say('send', spec.command ?? `a crafted segment to ${spec.dst}:${spec.dport}`);
  const errno = sendRaw(k, ns, c.process, spec.id, {
    src,
    sport: spec.sport ?? 0,
    dst: parseAddr(spec.dst!)!,
    dport: spec.dport ?? 0,
    seq: spec.seq ?? 1000,
    ack: spec.ack ?? 5000,
    flags: spec.flags ?? '',
    payload: spec.payload ?? '',
    ttl: spec.ttl ?? 64,
  });
  if (errno !== null) return c.finish({ result: 'error', error: errno, stage: 'send' });
  c.finish({ result: 'sent' }, spec.timeout_ms ?? 200);
}
