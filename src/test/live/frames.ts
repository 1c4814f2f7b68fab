// Bytes of a real kernel as crossings. They are read by the project's own parser, so that it is held to real frames, too.
import { parsePacket } from '../../wire/codec/parse.ts';
import type { ParseOptions } from '../../wire/codec/parse.ts';
import type { Layer, LayerId } from '../../wire/types.ts';
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

/** What cannot be read is told as its first layer alone: a difference, not a crash. */
export function parseFrame(bytes: Uint8Array, first: ParseOptions['first']): readonly Layer[] {
  const options: ParseOptions = { first, vxlanPorts: VXLAN_PORTS };
  const parsed = parsePacket(bytes, options);
  if (!parsed.ok) return [];
  const { layers } = parsed.value;
  const at = layers.findLastIndex(({ kind }) => kind === 'ipv4');
  const ip = layers[at];
  const piece = layers[at + 1];
  if (ip?.kind !== 'ipv4' || piece?.kind !== 'payload' || !ip.header.mf || ip.header.fragOffset > 0)
    return layers;
  const start = layers.slice(0, at).reduce((sum, { kind }) => sum + (SIZES[kind] ?? 0), 0);
  const of = firstPiece(bytes.subarray(start, start + 20 + piece.header.length), options);
  const header = { of, offset: 0, length: piece.header.length };
  return [...layers.slice(0, at + 1), { kind: 'fragment', id: 0 as LayerId, header }];
}

/** Layers that may stand in front of an IP header. */
const SIZES: Readonly<Record<string, number>> = {
  ethernet: 14,
  ipv4: 20,
  ipv6: 40,
  udp: 8,
  vxlan: 8,
};

/** The headers in the first piece of a datagram, read as if it were whole: UDP tells by itself how long it was. */
function firstPiece(bytes: Uint8Array, options: ParseOptions): readonly Layer[] {
  const length = bytes[9] === 17 ? Math.max(bytes.length, 20 + word(bytes, 24)) : bytes.length;
  const whole = Uint8Array.from(padded(bytes, length));
  whole.set([length >> 8, length & 0xff], 2);
  whole.set([(whole[6] ?? 0) & 0x40, 0], 6);
  const parsed = parsePacket(whole, { ...options, first: 'ipv4' });
  return parsed.ok ? parsed.value.layers.slice(1) : [];
}
