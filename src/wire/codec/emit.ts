// Packets to bytes. Layers are written from the innermost to the outermost into one buffer, so that lengths and
// checksums of an outer header see finished bytes inside.
import { headerLength } from '../length.ts';
import { specOf } from '../headers/index.ts';
import type { Layer, Packet } from '../types.ts';
import type { IpEnds } from './checksum.ts';

/** The real bytes on the cable: right lengths, right checksums. */
export const emitPacket = (packet: Packet): Uint8Array => emitLayers(packet.layers, null);

/** `ends`: of the IP header that these layers are inside of, if their own list starts behind it. */
export function emitLayers(layers: readonly Layer[], ends: IpEnds | null): Uint8Array {
  const starts: number[] = [];
  const ipEnds: (IpEnds | null)[] = [];
  let length = 0;
  let nearest = ends;
  for (const layer of layers) {
    starts.push(length);
    ipEnds.push(nearest);
    length += headerLength(layer);
    if (layer.kind === 'ipv4' || layer.kind === 'ipv6') nearest = layer.header;
  }
  const bytes = new Uint8Array(length);
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]!;
    const end = starts[i]! + headerLength(layer);
    specOf(layer.kind).emit(layer.header, {
      own: bytes.subarray(starts[i], end),
      body: bytes.subarray(end),
      ends: ipEnds[i]!,
      emitLayers,
    });
  }
  return bytes;
}
