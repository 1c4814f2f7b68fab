// One line of the picture. Its way is ours, not React Flow's: the packet goes along the same points.
import { memo } from 'react';
import type { Edge as FlowEdge, EdgeProps } from 'reactflow';
import { usePlayer } from '../../store/stores.ts';
import type { Edge, Point } from '../layout/types.ts';
import { edgeLight, lightsAt } from '../picture.ts';

export type LineData = { readonly edge: Edge };
export type LineEdgeType = FlowEdge<LineData, 'line'>;

const RADIUS = 6;

/** Right angles with round corners. */
export function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let d = `M${first.x} ${first.y}`;
  rest.forEach((p, i) => {
    const next = rest[i + 1];
    if (next === undefined) {
      d += `L${p.x} ${p.y}`;
      return;
    }
    const before = points[i]!;
    const r = Math.min(RADIUS, dist(before, p) / 2, dist(p, next) / 2);
    const a = towards(p, before, r);
    const b = towards(p, next, r);
    d += `L${a.x} ${a.y}Q${p.x} ${p.y} ${b.x} ${b.y}`;
  });
  return d;
}
const dist = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const towards = (from: Point, to: Point, r: number): Point => {
  const d = dist(from, to);
  return d === 0
    ? from
    : { x: from.x + ((to.x - from.x) * r) / d, y: from.y + ((to.y - from.y) * r) / d };
};

export const LineEdge = memo(function LineEdge({ data }: EdgeProps<LineEdgeType>) {
  const id = data?.edge.id ?? '';
  const light = usePlayer((s) => edgeLight(lightsAt(s), id));
  const tunnel = usePlayer((s) => lightsAt(s).tunnel.has(id));
  const way = usePlayer((s) => lightsAt(s).way);
  if (data === undefined) return null;
  const d = rounded(data.edge.points);
  const wide = tunnel || data.edge.kind === 'veth' || data.edge.kind === 'cable';
  return (
    <g
      className={`line line-${data.edge.kind} line-${light}${tunnel ? ' line-tunnel' : ''}`}
      data-way={way}
    >
      <path className={wide ? 'line-outer' : 'line-single'} d={d} />
      {wide && <path className="line-inner" d={d} />}
    </g>
  );
});
