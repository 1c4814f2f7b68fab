import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../../test/sample-trace.ts';
import { stepsOf } from '../../../trace/steps/index.ts';
import { labelWidth, monoWidth } from './measure.ts';
import { sceneOf } from './scene.ts';
import { boxOf, inside, pointAt, tableOf, travelsOf } from './travel.ts';
import { contains, overlaps, type Box } from './types.ts';

const trace = sampleTrace();
const scene = sceneOf(trace);
const byId = new Map(scene.boxes.map((b) => [b.id, b]));

describe('the picture', () => {
  it('is the same every time', () => expect(sceneOf(sampleTrace())).toEqual(scene));

  it('shows all stations of the journey', () => {
    for (const grain of ['overview', 'detail'] as const)
      for (const step of stepsOf(trace, grain))
        for (const station of step.path) expect(boxOf(scene, byId, station), step.id).toBeDefined();
  });

  it('has no two siblings that overlap', () => {
    for (const a of scene.boxes)
      for (const b of scene.boxes)
        if (a.id < b.id && a.parent === b.parent)
          expect(overlaps(a, b), `${a.id} / ${b.id}`).toBe(false);
  });

  it('has children inside of their parents, below the title', () => {
    for (const box of scene.boxes) {
      if (box.parent === null) continue;
      const parent = byId.get(box.parent)!;
      expect(contains(parent, box), box.id).toBe(true);
      expect(box.y).toBeGreaterThanOrEqual(parent.y + 26);
    }
  });

  it('has room for every label', () => {
    const frame = (b: Box): boolean => ['cluster', 'machine', 'pod'].includes(b.kind);
    for (const b of scene.boxes)
      if (b.kind !== 'more')
        expect(
          frame(b) || b.bar ? labelWidth(b.label, b.note) : monoWidth(b.label) + 8,
          b.id,
        ).toBeLessThanOrEqual(b.w);
  });

  it('has no line through a box that it does not lead to', () => {
    for (const edge of scene.edges) {
      const ends = [scene.stations.get(edge.from), scene.stations.get(edge.to)].map((id) =>
        byId.get(id!)!,
      );
      for (let i = 1; i < edge.points.length; i++) {
        const [p, q] = [edge.points[i - 1]!, edge.points[i]!];
        expect(Math.min(Math.abs(p.x - q.x), Math.abs(p.y - q.y)), edge.id).toBeLessThan(1);
        const line = {
          x: Math.min(p.x, q.x),
          y: Math.min(p.y, q.y),
          w: Math.abs(p.x - q.x),
          h: Math.abs(p.y - q.y),
        };
        for (const box of scene.boxes)
          if (!ends.includes(box) && !ends.some((e) => contains(box, e)))
            expect(overlaps(line, box), `${edge.id} through ${box.id}`).toBe(false);
      }
    }
  });
});

describe('the way of the packet', () => {
  const steps = stepsOf(trace, 'overview');
  const travels = travelsOf(scene, steps);

  it('goes on where the packet was', () => {
    const last = new Map<number, { x: number; y: number }>();
    steps.forEach((step, i) => {
      if (step.packet === null || step.topic === 'resolve') return;
      const { points } = travels[i]!;
      const before = last.get(step.packet);
      if (before !== undefined) expect(points[0]).toEqual(before);
      last.set(step.packet, points.at(-1)!);
    });
  });

  it('follows lines all the way', () => {
    travels.forEach((travel, i) => {
      const boxes = travel.boxes.filter((id, k) => k > 0 && id !== travel.boxes[k - 1]);
      expect(travel.edges.length, steps[i]!.id).toBeGreaterThanOrEqual(boxes.length);
    });
  });

  it('stays inside of the picture', () => {
    const all = { x: 0, y: -20, w: scene.width, h: scene.height + 20 };
    for (const travel of travels) for (const p of travel.points) expect(inside(all, p)).toBe(true);
  });
});

describe('the table of points', () => {
  const point = fc.record({
    x: fc.integer({ min: 0, max: 900 }),
    y: fc.integer({ min: 0, max: 600 }),
  });

  it('starts and ends at the ends of the line, and moves evenly', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 8 }), (points) => {
        tableOf(points);
        const [a, b] = [pointAt(points, 0), pointAt(points, 1)];
        expect([a.x, a.y]).toEqual([points[0]!.x, points[0]!.y]);
        expect(b.x).toBeCloseTo(points.at(-1)!.x, 5);
        expect(b.y).toBeCloseTo(points.at(-1)!.y, 5);
      }),
    );
  });
});
