// Picture and words for every topology that a real kernel was recorded in, where those recordings are at hand: nothing here may
// depend on one scenario.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../kernel/run.ts';
import type { LinuxNetwork, StepSpec } from '../network/types.ts';
import { stepsOf } from '../trace/steps/index.ts';
import { leaves } from '../trace/steps/fine.ts';
import { sceneOf } from './canvas/layout/scene.ts';
import { travelsOf } from './canvas/layout/travel.ts';
import { contains, overlaps, type Box, type Edge, type Scene } from './canvas/layout/types.ts';
import { tell } from './presenters/index.ts';

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../shared/conformance/kernel/open/',
);
const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];

interface Recording {
  readonly topology: LinuxNetwork;
  readonly steps: readonly StepSpec[];
}
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

describe.skipIf(files.length === 0)('the recorded topologies', () => {
  it.each(files)('%s can be drawn and told', (file) => {
    const { topology, steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording;
    const trace = run({ network: topology, steps, seed: 1 });
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
  });
});
