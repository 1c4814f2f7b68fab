// The line that the packet moves along in a step, and a table of points on it, so that a frame of the animation is one lookup.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station, Step } from '../../../trace/steps/types.ts';
import { bottom, right, type Box, type Edge, type Point, type Rect, type Scene } from './types.ts';

export interface Travel {
  /** From where the packet was to where it rests. One point: it stays. */
  readonly points: readonly Point[];
  /** Lines it goes along, in order. */
  readonly edges: readonly string[];
  readonly boxes: readonly string[];
}

/** Samples of a travel at equal distances: `2 * SAMPLES` numbers, x and y in turn. */
export const SAMPLES = 256;

/** Travels of steps in order: each packet goes on from where its last step left it. */
export function travelsOf(scene: Scene, steps: readonly Step[]): readonly Travel[] {
  const boxes = new Map(scene.boxes.map((b) => [b.id, b]));
  const edges = edgesByPair(scene);
  const last = new Map<number, { readonly box: Box; readonly at: Point }>();
  return steps.map((step) => {
    const before =
      step.packet === null || step.topic === 'resolve' ? undefined : last.get(step.packet);
    const stops = step.path.flatMap((s) => boxOf(scene, boxes, s) ?? []);
    const travel = travelOf(edges, stops, before);
    const box = stops.at(-1);
    if (step.packet !== null && step.topic !== 'resolve' && box !== undefined)
      last.set(step.packet, { box, at: travel.points.at(-1)! });
    return travel;
  });
}

/** The box of a station, or of what it is part of where the picture leaves it out. */
export function boxOf(
  scene: Scene,
  boxes: ReadonlyMap<string, Box>,
  station: Station,
): Box | undefined {
  const exact = scene.stations.get(stationKey(station));
  return boxes.get(exact ?? '') ?? boxes.get(station.netns) ?? boxes.get(`${station.netns}|more`);
}

/** Where a packet stands on a box when no line brought it there. */
export const dock = (box: Rect): Point => ({ x: box.x + box.w / 2, y: box.y });

function edgesByPair(
  scene: Scene,
): ReadonlyMap<string, { readonly edge: Edge; readonly back: boolean }> {
  const map = new Map<string, { edge: Edge; back: boolean }>();
  for (const edge of scene.edges) {
    const a = scene.stations.get(edge.from);
    const b = scene.stations.get(edge.to);
    map.set(`${a} ${b}`, { edge, back: false });
    map.set(`${b} ${a}`, { edge, back: true });
  }
  return map;
}

function travelOf(
  edges: ReturnType<typeof edgesByPair>,
  stops: readonly Box[],
  before: { readonly box: Box; readonly at: Point } | undefined,
): Travel {
  const points: Point[] = before === undefined ? [] : [before.at];
  const used: string[] = [];
  const seen: string[] = [];
  let here = before?.box;
  for (const box of stops) {
    seen.push(box.id);
    if (here === undefined) points.push(dock(box));
    else if (here.id !== box.id) {
      const found = edges.get(`${here.id} ${box.id}`);
      if (found === undefined) points.push(dock(box));
      else {
        used.push(found.edge.id);
        points.push(...(found.back ? [...found.edge.points].reverse() : found.edge.points));
      }
    }
    here = box;
  }
  const end = points.at(-1);
  if (here !== undefined && end !== undefined && !here.bar && points.length > 1)
    points.push(dock(here));
  return {
    points: simple(points.length === 0 ? [{ x: 0, y: 0 }] : points),
    edges: used,
    boxes: seen,
  };
}

const simple = (points: readonly Point[]): readonly Point[] =>
  points.filter(
    (p, i) => i === 0 || Math.hypot(p.x - points[i - 1]!.x, p.y - points[i - 1]!.y) > 0.01,
  );

export function lengthOf(points: readonly Point[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++)
    sum += Math.hypot(points[i]!.x - points[i - 1]!.x, points[i]!.y - points[i - 1]!.y);
  return sum;
}

const tables = new WeakMap<readonly Point[], Float64Array>();

/** The table of a line, made once. */
export function tableOf(points: readonly Point[]): Float64Array {
  const known = tables.get(points);
  if (known !== undefined) return known;
  const table = new Float64Array(2 * SAMPLES);
  const total = lengthOf(points);
  let i = 0;
  let passed = 0;
  for (let n = 0; n < SAMPLES; n++) {
    const wanted = (total * n) / (SAMPLES - 1);
    let span = spanOf(points, i);
    while (i < points.length - 2 && passed + span < wanted) {
      passed += span;
      i++;
      span = spanOf(points, i);
    }
    const a = points[i]!;
    const b = points[i + 1] ?? a;
    const f = span === 0 ? 0 : Math.min(1, (wanted - passed) / span);
    table[2 * n] = a.x + (b.x - a.x) * f;
    table[2 * n + 1] = a.y + (b.y - a.y) * f;
  }
  tables.set(points, table);
  return table;
}
const spanOf = (points: readonly Point[], i: number): number => {
  const a = points[i]!;
  const b = points[i + 1];
  return b === undefined ? 0 : Math.hypot(b.x - a.x, b.y - a.y);
};

/** The point at `progress` 0..1. */
export function pointAt(points: readonly Point[], progress: number): Point {
  const table = tableOf(points);
  const at = Math.min(1, Math.max(0, progress)) * (SAMPLES - 1);
  const i = Math.min(SAMPLES - 2, Math.floor(at));
  const f = at - i;
  const mix = (k: number): number => table[2 * i + k]! * (1 - f) + table[2 * i + 2 + k]! * f;
  return { x: mix(0), y: mix(1) };
}

export const inside = (r: Rect, p: Point): boolean =>
  p.x >= r.x && p.y >= r.y && p.x <= right(r) && p.y <= bottom(r);
