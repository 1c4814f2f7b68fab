// A piece of the picture before it has its place: boxes relative to its own corner, and which station is which box.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station } from '../../../trace/steps/types.ts';
import type { Box, BoxKind, Point } from './types.ts';

export interface Part {
  readonly w: number;
  readonly h: number;
  readonly boxes: readonly Box[];
  readonly stations: readonly (readonly [string, string])[];
}

interface Leaf {
  readonly kind: BoxKind;
  readonly netns: string;
  readonly label: string;
  readonly note?: string;
  readonly bar?: boolean;
  readonly station?: Station;
  readonly id?: string;
}

export function leaf(spec: Leaf, x: number, y: number, w: number, h: number): Part {
  const id =
    spec.id ??
    (spec.station === undefined ? `${spec.netns}|${spec.kind}` : stationKey(spec.station));
  const box: Box = {
    id,
    kind: spec.kind,
    parent: null,
    label: spec.label,
    note: spec.note ?? '',
    netns: spec.netns,
    bar: spec.bar ?? false,
    depth: 0,
    x,
    y,
    w,
    h,
  };
  const stations = spec.station === undefined ? [] : [[stationKey(spec.station), id] as const];
  return { w: x + w, h: y + h, boxes: [box], stations };
}

export const moved = (part: Part, by: Point): Part => ({
  w: part.w + by.x,
  h: part.h + by.y,
  boxes: part.boxes.map((b) => ({ ...b, x: b.x + by.x, y: b.y + by.y })),
  stations: part.stations,
});

/** A box around parts that lie in it already. */
export function wrap(box: Omit<Box, 'x' | 'y' | 'depth' | 'parent'>, parts: readonly Part[]): Part {
  const outer: Box = { ...box, x: 0, y: 0, depth: 0, parent: null };
  const inner = parts.flatMap((p) => p.boxes);
  return {
    w: box.w,
    h: box.h,
    boxes: [outer, ...inner.map((b) => ({ ...b, parent: b.parent ?? box.id, depth: b.depth + 1 }))],
    stations: parts.flatMap((p) => p.stations),
  };
}
