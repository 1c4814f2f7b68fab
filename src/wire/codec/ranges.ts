// Which bits of the emitted frame are which field: the link between the tree of headers and the hex dump.
import { headerLength } from '../length.ts';
import type { LayerId, LayerKind, Packet } from '../types.ts';
import { emitPacket } from './emit.ts';
import { fieldRows, rowText } from './rows.ts';

export interface FieldRange {
  readonly layer: LayerId;
  readonly kind: LayerKind;
  readonly field: string;
  readonly label: string;
  /** Wireshark's display filter name. */
  readonly filter: string;
  readonly value: string;
  readonly derived: boolean;
  /** In bits from the first bit of the frame. */
  readonly bit: number;
  readonly bits: number;
  /** The bytes that hold it: `start` up to, not including, `end`. Fields of less than a byte share theirs. */
  readonly start: number;
  readonly end: number;
}

export interface LayerRange {
  readonly layer: LayerId;
  readonly kind: LayerKind;
  readonly start: number;
  readonly end: number;
}

/** The byte range of each layer, in order: they follow each other without a gap. */
export function layerRanges(packet: Packet): readonly LayerRange[] {
  let start = 0;
  return packet.layers.map((layer) => {
    const range = { layer: layer.id, kind: layer.kind, start, end: start + headerLength(layer) };
    start = range.end;
    return range;
  });
}

/** All fields of all layers in the order in which Wireshark shows them, with their values. */
export function fieldRanges(packet: Packet, bytes = emitPacket(packet)): readonly FieldRange[] {
  const ranges: FieldRange[] = [];
  let start = 0;
  for (const layer of packet.layers) {
    const own = bytes.subarray(start, start + headerLength(layer));
    for (const row of fieldRows(layer)) {
      const bit = 8 * start + row.bit;
      ranges.push({
        layer: layer.id,
        kind: layer.kind,
        field: row.field,
        label: row.label,
        filter: row.filter,
        value: rowText(row, own),
        derived: row.derived,
        bit,
        bits: row.bits,
        start: bit >> 3,
        end: (bit + row.bits + 7) >> 3,
      });
    }
    start += own.length;
  }
  return ranges;
}
