// Picture and words for every topology that a real kernel was recorded in, where those recordings are at hand: nothing here may
// depend on one scenario.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { run } from '../kernel/run.ts';
import type { LinuxNetwork, StepSpec } from '../network/types.ts';
import { expectShowable } from '../test/showable.ts';

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../shared/conformance/kernel/open/',
);
const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.json')) : [];

interface Recording {
  readonly topology: LinuxNetwork;
  readonly steps: readonly StepSpec[];
}
describe.skipIf(files.length === 0)('the recorded topologies', () => {
  it.each(files)('%s can be drawn and told', (file) => {
    const { topology, steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording;
    const trace = run({ network: topology, steps, seed: 1 });
    expectShowable(trace);
  });
});
