// Bytes of a real kernel as crossings. They are read by the project's own parser, so that it is held to real frames, too.
import { parsePacket } from '../../wire/codec/parse.ts';
import type { ParseOptions } from '../../wire/codec/parse.ts';
import type { Layer } from '../../wire/types.ts';
import type { Crossing } from '../predict/crossings.ts';
import type { Frame } from './agent.ts';

const VXLAN_PORTS = [4789, 8472];
const FULL_STOP = 0x2e;
const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Kernel order inside a namespace, time between namespaces. */
export function crossingsOf(
  frames: Readonly<Record<string, readonly Frame[]>>,
): readonly Crossing[] {
  const queues = Object.entries(frames).map(([netns, list]) => ({ netns, list, next: 0 }));
  const crossings: Crossing[] = [];
  for (;;) {
    let first: (typeof queues)[number] | null = null;
    for (const queue of queues) {
      const time = queue.list[queue.next]?.[0];
      const best = first?.list[first.next]?.[0];
      if (time !== undefined && (best === undefined || time < best)) first = queue;
    }
    if (first === null) return crossings;
    const [, dev, kind, length, hex] = first.list[first.next++]!;
    const bytes = padded(Buffer.from(hex, 'hex'), length);
    if (isNoise(bytes)) continue;
    crossings.push({
      netns: first.netns,
      dev,
      packetType: kind === 'out' ? null : kind,
      layers: parseFrame(bytes, 'ethernet'),
    });
  }
}

/** What the capture cut off was payload, and payload beyond its start is full stops. */
function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes;
  const whole = new Uint8Array(length).fill(FULL_STOP);
  whole.set(bytes);
  return whole;
}

/** Group membership and router solicitations, which have nothing to do with the flow: as the recordings leave them out. */
export function isNoise(frame: Uint8Array): boolean {
  const type = word(frame, 12);
  return ![0x0800, 0x0806, 0x86dd].includes(type) || isIpNoise(frame.subarray(14));
}

const QUIET_ICMPV6 = [130, 131, 132, 133, 134, 143];

export function isIpNoise(packet: Uint8Array): boolean {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) {
    if (packet[9] === 2) return true;
    const udp = packet.subarray(((packet[0] ?? 0) & 15) * 4);
    const whole = (word(packet, 6) & 0x3fff) === 0;
    return (
      packet[9] === 17 && whole && VXLAN_PORTS.includes(word(udp, 2)) && isNoise(udp.subarray(16))
    );
  }
  if (version !== 6) return false;
  // A listener report comes with a hop-by-hop option.
  const at = packet[6] === 0 ? 48 : packet[6] === 58 ? 40 : -1;
  return at > 0 && QUIET_ICMPV6.includes(packet[at] ?? 0);
}

/** What cannot be read is told as nothing: a difference, not a crash. */
export function parseFrame(bytes: Uint8Array, first: ParseOptions['first']): readonly Layer[] {
  const parsed = parsePacket(bytes, { first, vxlanPorts: VXLAN_PORTS });
  return parsed.ok ? withPieces(parsed.value.layers) : [];
}

/** The first piece of a datagram begins with headers, also where an ICMP error quotes it. Bytes alone do not tell a parser the
 *  datagram that it is of; a recording tells what the piece itself says. */
function withPieces(layers: readonly Layer[]): readonly Layer[] {
  return layers.map((layer, i): Layer => {
    if (layer.kind === 'icmpv4' && layer.header.body.kind === 'error') {
      const { body } = layer.header;
      const quoted = { ...body.quoted, layers: withPieces(body.quoted.layers) };
      return { ...layer, header: { ...layer.header, body: { ...body, quoted } } };
    }
    const ip = layers[i - 1];
    if (layer.kind !== 'payload' || ip?.kind !== 'ipv4') return layer;
    if (!ip.header.mf || ip.header.fragOffset > 0) return layer;
    const { length, head } = layer.header;
    const of = headersOf(ip.header.protocol, padded(Buffer.from(head, 'latin1'), length));
    return { kind: 'fragment', id: layer.id, header: { of, offset: 0, length } };
  });
}

/** Read as if it were whole: UDP tells by itself how long it was. */
function headersOf(protocol: number, piece: Uint8Array): readonly Layer[] {
  const payload = protocol === 17 ? padded(piece, word(piece, 4)) : piece;
  const length = 20 + payload.length;
  const bytes = new Uint8Array(length);
  bytes.set([0x45, 0, length >> 8, length & 0xff, 0, 0, 0, 0, 64, protocol]);
  bytes.set(payload, 20);
  const parsed = parsePacket(bytes, { first: 'ipv4', vxlanPorts: VXLAN_PORTS });
  return parsed.ok ? parsed.value.layers.slice(1) : [];
}
