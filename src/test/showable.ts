// What the page asks of any trace: a picture without faults, a way for every step, and words for it.
import { expect } from 'vitest';
import { sceneOf } from '../app/canvas/layout/scene.ts';
import { travelsOf } from '../app/canvas/layout/travel.ts';
import { contains, overlaps, type Box, type Edge, type Scene } from '../app/canvas/layout/types.ts';
import { tell } from '../app/presenters/index.ts';
import { leaves } from '../trace/steps/fine.ts';
import { stepsOf } from '../trace/steps/index.ts';
import type { Trace } from '../trace/types.ts';

const words = (text: string): number =>
  text.split(/\s+/).filter((w) => /[\p{L}\d]/u.test(w)).length;

function faultsOf(scene: Scene): readonly string[] {
  const byId = new Map(scene.boxes.map((b) => [b.id, b]));
  const faults: string[] = [];
  for (const a of scene.boxes) {
    if (a.parent !== null && !contains(byId.get(a.parent)!, a)) faults.push(`${a.id} sticks out`);
    for (const b of scene.boxes)
      if (a.id < b.id && a.parent === b.parent && overlaps(a, b)) faults.push(`${a.id} on ${b.id}`);
  }
  for (const edge of scene.edges)
    for (const box of crossed(scene, byId, edge)) faults.push(`${edge.id} through ${box.id}`);
  return faults;
}

function crossed(scene: Scene, byId: ReadonlyMap<string, Box>, edge: Edge): readonly Box[] {
  const ends = [edge.from, edge.to].map((key) => byId.get(scene.stations.get(key)!)!);
  return edge.points.slice(1).flatMap((q, i) => {
    const p = edge.points[i]!;
    const line = {
      x: Math.min(p.x, q.x),
      y: Math.min(p.y, q.y),
      w: Math.abs(p.x - q.x),
      h: Math.abs(p.y - q.y),
    };
    return scene.boxes.filter(
      (b) => !ends.includes(b) && !ends.some((e) => contains(b, e)) && overlaps(line, b),
    );
  });
}

export function expectShowable(trace: Trace): void {
  const scene = sceneOf(trace);
  expect(faultsOf(scene)).toEqual([]);
  const overview = stepsOf(trace, 'overview');
  for (const { points } of travelsOf(scene, overview)) expect(points.length).toBeGreaterThan(0);
  for (const step of leaves(overview)) {
    const { where, title, what, why } = tell(trace, step);
    for (const text of [where, title, what, why]) expect(text, step.id).toMatch(/\S/);
    expect(words(`${what} ${why}`), `${step.id}: ${what} ${why}`).toBeLessThanOrEqual(40);
  }
  for (const step of stepsOf(trace, 'detail')) {
    const { where, title, what, why } = tell(trace, step);
    const all = [where, title, what, why].join(' ');
    expect(all, step.id).not.toMatch(/undefined|NaN|\[object/);
  }
}
