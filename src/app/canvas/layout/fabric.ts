// The network between machines: switches as bars below what is plugged into them. Bars that would lie over each other get rows of
// their own.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Site, TopologyNamespace } from '../../../trace/types.ts';
import { labelWidth } from './measure.ts';
import { leaf, type Part } from './parts.ts';
import { PAD, ROW, type Box } from './types.ts';
import type { Used } from './used.ts';

export const siteKey = (site: Site): string =>
  stationKey({ kind: 'device', netns: site.netns, dev: site.dev ?? '' });

export interface Span {
  readonly ns: TopologyNamespace;
  readonly from: number;
  readonly to: number;
}

/** From the first to the last device that is plugged into a switch. */
export function spanOf(
  ns: TopologyNamespace,
  boxes: readonly Box[],
  stations: ReadonlyMap<string, string>,
): Span {
  const ends = ns.devices.flatMap((d) => {
    const id = d.peer === null ? undefined : stations.get(siteKey(d.peer));
    return boxes.filter((b) => b.id === id);
  });
  // Its name in the middle, its sign before it.
  const least = labelWidth(ns.label) + 6 * PAD;
  if (ends.length === 0) return { ns, from: 0, to: least };
  const from = Math.max(0, Math.min(...ends.map((r) => r.x + r.w / 2 - 50)));
  const to = Math.max(...ends.map((r) => r.x + r.w / 2 + 50));
  const grow = Math.max(0, least - (to - from)) / 2;
  return { ns, from: Math.max(0, from - grow), to: to + grow };
}

/** Rows of spans that do not touch each other, widest first. */
export function rowsOf(spans: readonly Span[]): readonly (readonly Span[])[] {
  const rows: Span[][] = [];
  for (const span of [...spans].sort((a, b) => a.to - a.from - (b.to - b.from))) {
    const row = rows.find((r) => r.every((o) => o.to + 12 < span.from || span.to + 12 < o.from));
    if (row === undefined) rows.push([span]);
    else row.push(span);
  }
  return rows;
}

/** The ports of a switch and its bridge are places on one bar. */
export function switchPart({ ns, from, to }: Span, used: Used, y: number): Part {
  const spec = { kind: 'switch' as const, netns: ns.name, label: ns.label, bar: true, id: ns.name };
  const stations = used.stations
    .filter((s) => s.netns === ns.name)
    .map((s) => [stationKey(s), ns.name] as const);
  return { ...leaf(spec, from, y, to - from, ROW), stations };
}
