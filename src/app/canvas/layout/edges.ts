// Lines between stations: straight where boxes face each other, else with right angles, around other boxes and apart from other lines.
// Candidates are few and tried all; the cheapest wins, the first of equals, so the drawing is always the same.
import { machineOf } from '../../../trace/steps/host.ts';
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station } from '../../../trace/steps/types.ts';
import type { Topology } from '../../../trace/types.ts';
import {
  bottom,
  contains,
  right,
  type Box,
  type Edge,
  type EdgeKind,
  type Point,
  type Rect,
} from './types.ts';

type Side = 'top' | 'bottom' | 'left' | 'right';
const SIDES: readonly Side[] = ['bottom', 'top', 'right', 'left'];
const OFFSETS: readonly (readonly number[])[] = [
  [0, -15, 15],
  [0, -15, 15, -26, 26],
];
const BEND = 14;
const CROSSING = 4000;
const SHARED = 60;
/** A line inside of a machine stays inside of it. */
const OUTSIDE = 2000;

export function route(
  topology: Topology,
  boxes: readonly Box[],
  stations: ReadonlyMap<string, string>,
  moves: readonly (readonly [Station, Station])[],
): { readonly edges: readonly Edge[]; readonly crossings: number } {
  const byId = new Map(boxes.map((b) => [b.id, b]));
  const edges: Edge[] = [];
  let crossings = 0;
  const done = new Set<string>();
  const jobs = moves.flatMap(([from, to]) => {
    const a = byId.get(stations.get(stationKey(from)) ?? '');
    const b = byId.get(stations.get(stationKey(to)) ?? '');
    if (a === undefined || b === undefined || a === b) return [];
    const pair = [a.id, b.id].sort().join(' ');
    if (done.has(pair)) return [];
    done.add(pair);
    return [{ from, to, a, b, far: Math.abs(a.x + a.w / 2 - b.x - b.w / 2) + Math.abs(a.y - b.y) }];
  });
  // Short lines first: they have the least choice.
  for (const { from, to, a, b } of [...jobs].sort((p, q) => p.far - q.far)) {
    const { points, price } = best(a, b, obstacles(boxes, a, b), edges, frameOf(boxes, a, b));
    crossings += Math.floor(price / CROSSING);
    const key = `${stationKey(from)} ${stationKey(to)}`;
    edges.push({
      id: key,
      from: stationKey(from),
      to: stationKey(to),
      kind: kindOf(topology, from, to),
      points,
    });
  }
  return { edges, crossings };
}

function kindOf(topology: Topology, a: Station, b: Station): EdgeKind {
  if (a.kind !== 'device' || b.kind !== 'device') return 'inside';
  const device = (s: Station & { kind: 'device' }) =>
    topology.namespaces.find((n) => n.name === s.netns)?.devices.find((d) => d.name === s.dev);
  if (a.netns === b.netns)
    return device(a)?.master === b.dev || device(b)?.master === a.dev ? 'port' : 'inside';
  return machineOf(topology, a.netns) === machineOf(topology, b.netns) ? 'veth' : 'cable';
}

/** Boxes that a line between these two must not touch: leaves, and frames that hold neither end. */
const obstacles = (boxes: readonly Box[], a: Box, b: Box): readonly Box[] =>
  boxes.filter((o) => o !== a && o !== b && !contains(o, a) && !contains(o, b));

interface Best {
  readonly points: readonly Point[];
  readonly price: number;
}

/** First from the middles; further apart only where that meets a box or another line. */
function best(
  a: Box,
  b: Box,
  around: readonly Box[],
  edges: readonly Edge[],
  frame: Rect | null,
): Best {
  let winner: Best = { points: [], price: Infinity };
  for (const offsets of OFFSETS) {
    winner = cheapest(a, b, around, edges, offsets, winner, frame);
    const free = length(winner.points);
    if (winner.price < free + SHARED) break;
  }
  return winner;
}

function cheapest(
  a: Box,
  b: Box,
  around: readonly Box[],
  edges: readonly Edge[],
  offsets: readonly number[],
  start: Best,
  frame: Rect | null,
): Best {
  let winner = start;
  for (const s of SIDES)
    for (const t of SIDES)
      for (const i of offsets)
        for (const j of offsets)
          for (const points of shapes(a, b, s, t, i, j)) {
            const out = frame !== null && !points.every((p) => holds(frame, p));
            const extra = (Math.abs(i) + Math.abs(j)) / 10 + (out ? OUTSIDE : 0);
            if (length(points) + extra >= winner.price) continue;
            const price = cost(points, a, b, around, edges) + extra;
            if (price < winner.price) winner = { points, price };
          }
  return winner;
}

const holds = (r: Rect, p: Point): boolean =>
  p.x >= r.x && p.x <= right(r) && p.y >= r.y && p.y <= bottom(r);

/** The smallest box that both are in. */
function frameOf(boxes: readonly Box[], a: Box, b: Box): Rect | null {
  const frames = boxes.filter((o) => o !== a && o !== b && contains(o, a) && contains(o, b));
  return frames.sort((p, q) => p.w * p.h - q.w * q.h)[0] ?? null;
}

const upright = (s: Side): boolean => s === 'top' || s === 'bottom';

function port(box: Box, side: Side, offset: number, towards: Rect): Point {
  const limit = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);
  if (upright(side)) {
    const wanted = box.bar ? towards.x + towards.w / 2 : box.x + box.w / 2;
    const x = limit(wanted + offset, box.x + 10, right(box) - 10);
    return { x, y: side === 'top' ? box.y : bottom(box) };
  }
  const y = limit(box.y + box.h / 2 + offset / 2, box.y + 6, bottom(box) - 6);
  return { x: side === 'left' ? box.x : right(box), y };
}

function shapes(
  a: Box,
  b: Box,
  s: Side,
  t: Side,
  i: number,
  j: number,
): readonly (readonly Point[])[] {
  const p = port(a, s, i, b);
  let q = port(b, t, j, a);
  // A bar meets the line where it comes from.
  if (b.bar && upright(t) && upright(s))
    q = { x: Math.min(Math.max(p.x, b.x + 10), right(b) - 10), y: q.y };
  const found: Point[][] = [];
  const x = (Math.max(a.x, b.x) + Math.min(right(a), right(b))) / 2;
  if (
    i === 0 &&
    j === 0 &&
    upright(s) &&
    upright(t) &&
    Math.min(right(a), right(b)) - Math.max(a.x, b.x) > 24
  ) {
    const narrow = a.w < b.w ? a.x + a.w / 2 : b.x + b.w / 2;
    const common = Math.abs(narrow - x) < Math.min(a.w, b.w) / 2 ? narrow : x;
    if (common > Math.max(a.x, b.x) + 8 && common < Math.min(right(a), right(b)) - 8)
      found.push([
        { x: common, y: p.y },
        { x: common, y: q.y },
      ]);
  }
  if (Math.abs(p.x - q.x) < 0.5 || Math.abs(p.y - q.y) < 0.5) found.push([p, q]);
  if (upright(s) !== upright(t))
    found.push(upright(s) ? [p, { x: p.x, y: q.y }, q] : [p, { x: q.x, y: p.y }, q]);
  else if (upright(s)) {
    const lanes =
      s === t
        ? [s === 'top' ? Math.min(p.y, q.y) - 12 : Math.max(p.y, q.y) + 12]
        : [(p.y + q.y) / 2, p.y + sign(s) * 12, q.y + sign(t) * 12];
    for (const y of lanes) found.push([p, { x: p.x, y }, { x: q.x, y }, q]);
  } else {
    const lanes =
      s === t
        ? [s === 'left' ? Math.min(p.x, q.x) - 12 : Math.max(p.x, q.x) + 12]
        : [(p.x + q.x) / 2, p.x + sign(s) * 9, q.x + sign(t) * 9];
    for (const x of lanes) found.push([p, { x, y: p.y }, { x, y: q.y }, q]);
  }
  return found.filter((points) => leaves(points, s) && arrives(points, t));
}
const sign = (s: Side): number => (s === 'bottom' || s === 'right' ? 1 : -1);

/** The line goes away from its box, and comes to the other one from outside. */
function leaves(points: readonly Point[], side: Side): boolean {
  const [p, q] = [points[0]!, points[1]!];
  const d = upright(side) ? q.y - p.y : q.x - p.x;
  return (
    d * sign(side) > 1 && (upright(side) ? Math.abs(q.x - p.x) < 0.5 : Math.abs(q.y - p.y) < 0.5)
  );
}
const arrives = (points: readonly Point[], side: Side): boolean =>
  leaves([...points].reverse(), side);

function cost(
  points: readonly Point[],
  a: Box,
  b: Box,
  around: readonly Box[],
  edges: readonly Edge[],
): number {
  let price = 0;
  for (let i = 1; i < points.length; i++) {
    const segment = between(points[i - 1]!, points[i]!);
    price += segment.w + segment.h + BEND;
    for (const box of around) if (touches(segment, box, 3)) price += CROSSING;
    for (const own of [a, b]) if (touches(segment, own, -2)) price += CROSSING;
    for (const edge of edges)
      for (let k = 1; k < edge.points.length; k++) {
        const other = between(edge.points[k - 1]!, edge.points[k]!);
        if (!touches(segment, other, 5)) continue;
        const along = segment.w > segment.h === other.w > other.h;
        price += along ? SHARED * 6 : SHARED;
      }
  }
  return price;
}

const length = (points: readonly Point[]): number =>
  points.reduce(
    (sum, p, i) =>
      i === 0
        ? 0
        : sum + BEND + Math.abs(p.x - points[i - 1]!.x) + Math.abs(p.y - points[i - 1]!.y),
    0,
  );

const between = (p: Point, q: Point): Rect => ({
  x: Math.min(p.x, q.x),
  y: Math.min(p.y, q.y),
  w: Math.abs(p.x - q.x),
  h: Math.abs(p.y - q.y),
});
const touches = (s: Rect, r: Rect, gap: number): boolean =>
  s.x < right(r) + gap && r.x < right(s) + gap && s.y < bottom(r) + gap && r.y < bottom(s) + gap;
