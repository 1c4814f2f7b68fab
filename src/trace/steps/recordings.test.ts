// Steps of every topology that a real kernel was recorded in, where those recordings are at hand: the rules of steps hold for any
// trace, not only for the journeys that were in mind when they were written.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../../kernel/run.ts';
import type { LinuxNetwork, StepSpec } from '../../network/types.ts';
import { journeyOf, stepsOf } from './index.ts';
import { leaves } from './fine.ts';
import { LIMIT } from './overview.ts';
import type { Step } from './types.ts';

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../shared/conformance/kernel/open/',
);
const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];

interface Recording {
  readonly topology: LinuxNetwork;
  readonly steps: readonly StepSpec[];
}
const ids = (steps: readonly Step[]): string[] => steps.flatMap((s) => [s.id, ...ids(s.children)]);

describe.skipIf(files.length === 0)('steps of the recorded topologies', () => {
  it.each(files)('%s', (file) => {
    const { topology, steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording;
    const trace = run({ network: topology, steps, seed: 1 });
    const journey = journeyOf(trace);
    const told = [
      ...journey.overview.flatMap((s) => s.events),
      ...journey.background.flatMap((b) => b.events),
    ];
    expect(told.sort((a, b) => a - b)).toEqual(trace.events.map((e) => e.seq));
    expect(journey.overview.length).toBeLessThanOrEqual(LIMIT);
    const all = [...ids(journey.overview), ...stepsOf(trace, 'detail').map((s) => s.id)];
    expect(new Set(all).size).toBe(all.length);
    for (const step of leaves(journey.overview))
      expect(step.path.length, step.id).toBeGreaterThan(0);
    const lost = trace.events.filter(
      (e) => e.kind === 'drop' && e.detail.fatal && trace.packets[e.packet! - 1]?.flow !== null,
    );
    for (const drop of lost.slice(0, 1)) {
      const teller = leaves(journey.overview).find((s) => s.events.includes(drop.seq));
      if (teller !== undefined && teller.topic !== 'resolve')
        expect(teller.tokens, teller.id).toContain('drop');
    }
  });
});
