// What changed between two revisions of a packet, layer by layer: a LayerId survives rewrites and tunnels, so a layer
// that is in one only came or went as a whole. Lengths and checksums follow from the rest and are left out
// unless asked for.
import { specOf } from '../headers/index.ts';
import { headerLength } from '../length.ts';
import type { FieldChange, Layer, LayerId, Packet } from '../types.ts';
import { emitPacket } from './emit.ts';
import { fieldRows, rowText } from './rows.ts';
import type { FieldRow } from './rows.ts';

export interface DiffOptions {
  /** Also the fields that the emitter makes. */
  readonly derived?: boolean;
}

const NO_BYTES = new Uint8Array(0);

interface Side {
  readonly layer: Layer;
  readonly own: Uint8Array;
}

export function diffPackets(
  before: Packet,
  after: Packet,
  options: DiffOptions = {},
): readonly FieldChange[] {
  if (before === after || before.layers === after.layers) return [];
  const derived = options.derived === true;
  const old = sides(before, derived);
  const now = sides(after, derived);
  const changes: FieldChange[] = [];
  for (const side of old.values())
    if (!now.has(side.layer.id)) changes.push(wholeLayer(side.layer, 'gone'));
  for (const side of now.values()) {
    const was = old.get(side.layer.id);
    if (was === undefined) changes.push(wholeLayer(side.layer, 'new'));
    else changes.push(...diffLayer(was, side, derived));
  }
  return changes;
}

function sides(packet: Packet, derived: boolean): ReadonlyMap<LayerId, Side> {
  const bytes = derived ? emitPacket(packet) : NO_BYTES;
  const map = new Map<LayerId, Side>();
  let start = 0;
  for (const layer of packet.layers) {
    const end = start + headerLength(layer);
    map.set(layer.id, { layer, own: bytes.subarray(start, end) });
    start = end;
  }
  return map;
}

function wholeLayer(layer: Layer, what: 'new' | 'gone'): FieldChange {
  const { title } = specOf(layer.kind);
  return {
    layer: layer.id,
    kind: layer.kind,
    field: 'layer',
    label: title,
    before: what === 'gone' ? title : null,
    after: what === 'new' ? title : null,
  };
}

function diffLayer(was: Side, now: Side, derived: boolean): FieldChange[] {
  if (was.layer.header === now.layer.header && !derived) return [];
  const text = (row: FieldRow, side: Side): string => rowText(row, side.own);
  const wanted = (side: Side): FieldRow[] =>
    fieldRows(side.layer).filter((row) => derived || !row.derived);
  const oldRows = new Map(wanted(was).map((row) => [row.field, row]));
  const changes: FieldChange[] = [];
  const change = (row: FieldRow, before: string | null, after: string | null): void => {
    if (before === after) return;
    const { id: layer, kind } = now.layer;
    changes.push({ layer, kind, field: row.field, label: row.label, before, after });
  };
  for (const row of wanted(now)) {
    const old = oldRows.get(row.field);
    oldRows.delete(row.field);
    change(row, old === undefined ? null : text(old, was), text(row, now));
  }
  for (const row of oldRows.values()) change(row, text(row, was), null);
  return changes;
}
