// The packet as nested headers, with what changed: data for the panel, no markup.
import { changesBetween } from '../../trace/replay/packets.ts';
import { fieldRanges } from '../../wire/codec/ranges.ts';
import { specOf } from '../../wire/headers/index.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { printMac } from '../../wire/addr/mac.ts';
import type { Layer, LayerId, Packet } from '../../wire/types.ts';
import type { Step } from '../../trace/steps/index.ts';
import type { Trace } from '../../trace/types.ts';
import { packetAfter, packetBefore } from '../presenters/facts.ts';

export interface FieldView {
  readonly key: string;
  readonly label: string;
  readonly filter: string;
  readonly value: string;
  /** The old value, if the step changed it. */
  readonly was: string | null;
  readonly changed: boolean;
  readonly derived: boolean;
}
export interface LayerView {
  readonly id: LayerId;
  readonly title: string;
  readonly summary: string;
  readonly state: 'same' | 'changed' | 'added';
  readonly fields: readonly FieldView[];
}
export interface ChangeView {
  readonly key: string;
  readonly layer: string;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly whole: boolean;
}
export interface PacketView {
  readonly packet: Packet;
  readonly layers: readonly LayerView[];
  readonly changes: readonly ChangeView[];
  /** Checksums and lengths that follow from the changes. */
  readonly derived: number;
}

const views = new WeakMap<Step, PacketView | null>();

export function packetView(trace: Trace, step: Step): PacketView | null {
  let view = views.get(step);
  if (view === undefined) views.set(step, (view = build(trace, step)));
  return view;
}

function build(trace: Trace, step: Step): PacketView | null {
  const packet = packetAfter(trace, step);
  if (packet === null || step.packet === null) return null;
  const all = changesBetween(trace, step.packet, step.before, step.after, true);
  const plain = changesBetween(trace, step.packet, step.before, step.after);
  const titleOf = layerTitles(packet, packetBefore(trace, step));
  const byField = new Map(all.map((c) => [`${c.layer} ${c.field}`, c]));
  const ranges = fieldRanges(packet);
  const layers = packet.layers.map((layer): LayerView => {
    const added = byField.has(`${layer.id} layer`);
    const fields = ranges
      .filter((r) => r.layer === layer.id)
      .map((r): FieldView => {
        const change = byField.get(`${layer.id} ${r.field}`);
        return {
          key: r.field,
          label: r.label,
          filter: r.filter,
          value: r.value,
          was: change?.before ?? null,
          changed: change !== undefined,
          derived: r.derived,
        };
      });
    const touched = fields.some((f) => f.changed && !f.derived);
    return {
      id: layer.id,
      title: specOf(layer.kind).title,
      summary: summaryOf(layer),
      state: added ? 'added' : touched ? 'changed' : 'same',
      fields,
    };
  });
  const changes = plain.map((c): ChangeView => ({
    key: `${c.layer} ${c.field}`,
    layer: titleOf.get(c.layer) ?? c.kind,
    label: c.label,
    before: c.before,
    after: c.after,
    whole: c.field === 'layer',
  }));
  return { packet, layers, changes, derived: all.length - plain.length };
}

const layerTitles = (...packets: readonly (Packet | null)[]): ReadonlyMap<LayerId, string> =>
  new Map(
    packets.flatMap((p) => p?.layers.map((l) => [l.id, specOf(l.kind).title] as const) ?? []),
  );

/** One line for a closed header. */
export function summaryOf(layer: Layer): string {
  switch (layer.kind) {
    case 'ethernet':
      return `${printMac(layer.header.src)} → ${printMac(layer.header.dst)}`;
    case 'ipv4':
    case 'ipv6':
      return `${printAddr(layer.header.src)} → ${printAddr(layer.header.dst)}`;
    case 'tcp':
    case 'udp':
      return `${layer.header.sport} → ${layer.header.dport}`;
    case 'vxlan':
      return `VNI ${layer.header.vni}`;
    case 'arp':
      return layer.header.op === 1
        ? `who has ${printAddr(layer.header.tpa)}?`
        : `${printAddr(layer.header.spa)} is ${printMac(layer.header.sha)}`;
    case 'payload':
      return `${layer.header.length} bytes`;
    case 'fragment':
      return `${layer.header.offset}–${layer.header.offset + layer.header.length}`;
    default:
      return '';
  }
}
