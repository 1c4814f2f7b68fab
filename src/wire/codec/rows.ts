// The fields of a layer as rows, with those of the packet that an ICMP error quotes under them: what the inspector,
// the diff and the byte ranges have in common.
import { specOf } from '../headers/index.ts';
import { byteLength, headerLength } from '../length.ts';
import type { FieldSpec, Layer, LayerKind, Quote } from '../types.ts';

export interface FieldRow {
  /** FieldSpec.key; `quoted.ipv4.src` for a field of a quoted packet. */
  readonly field: string;
  readonly label: string;
  readonly filter: string;
  readonly derived: boolean;
  /** In bits from the start of the layer. */
  readonly bit: number;
  readonly bits: number;
  readonly spec: FieldSpec<Layer['header']>;
  /** The layer whose header has the field: a quoted one, or the layer itself. */
  readonly owner: Layer;
  /** Bytes from the start of the layer to the start of the owner's header. */
  readonly ownerStart: number;
}

const ICMP_HEADER = 8;

function ownRows(
  owner: Layer,
  ownerStart: number,
  quote: string | null,
  limit: number,
): FieldRow[] {
  const rows: FieldRow[] = [];
  for (const spec of specOf(owner.kind).fields) {
    const place = spec.place(owner.header);
    if (place === null) continue;
    const bit = 8 * ownerStart + place.bit;
    const bits = Math.min(place.bits, 8 * limit - bit);
    // What the quote cut off is not in the packet.
    if (bits <= 0 || (bits < place.bits && owner.kind !== 'payload')) continue;
    rows.push({
      field: quote === null ? spec.key : `${quote}.${spec.key}`,
      label: quote === null ? spec.label : `Quoted ${spec.label}`,
      filter: spec.filter,
      derived: spec.derived,
      bit,
      bits,
      spec,
      owner,
      ownerStart,
    });
  }
  return rows;
}

/** The quoted packet of a layer, if it is an ICMP error. */
export const quoteOf = (layer: Layer): Quote | null =>
  (layer.kind === 'icmpv4' || layer.kind === 'icmpv6') && 'quoted' in layer.header.body
    ? layer.header.body.quoted
    : null;

export function fieldRows(layer: Layer): readonly FieldRow[] {
  const rows = ownRows(layer, 0, null, headerLength(layer));
  const quote = quoteOf(layer);
  if (quote === null) return rows;
  const seen = new Map<LayerKind, number>();
  quote.layers.forEach((inner, i) => {
    const count = (seen.get(inner.kind) ?? 0) + 1;
    seen.set(inner.kind, count);
    const name = count === 1 ? `quoted.${inner.kind}` : `quoted.${inner.kind}${count}`;
    const start = ICMP_HEADER + byteLength(quote.layers.slice(0, i));
    rows.push(...ownRows(inner, start, name, ICMP_HEADER + quote.length));
  });
  return rows;
}

/** `bytes` are the emitted bytes of the layer, which derived fields are read from. */
export const rowText = (row: FieldRow, bytes: Uint8Array): string =>
  row.spec.format(
    row.owner.header,
    bytes.subarray(row.ownerStart, row.ownerStart + headerLength(row.owner)),
  );
