// What a run leaves ready for the next one (rules that were read, tables that were printed, a draw that was found) changes no trace.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LinuxNetwork } from '../network/types.ts';
import { compiledScenario } from '../test/journey.ts';
import { randomCase } from '../test/random-network.ts';
import { run } from './run.ts';

const budgets = { eventsPerRun: 2000, packetsPerRun: 500, hopsPerPacket: 64, seconds: 20 };

/** Equal, and known to nobody. */
const afresh = (network: LinuxNetwork): LinuxNetwork => structuredClone(network);

it('on any network, a second run tells what a first one tells', () => {
  fc.assert(
    fc.property(randomCase, fc.nat(), ({ network, steps }, seed) => {
      const first = run({ network: afresh(network), steps, seed, budgets });
      run({ network, steps: [], seed: 1 });
      expect(run({ network, steps, seed, budgets })).toEqual(first);
      expect(run({ network, steps, seed, budgets })).toEqual(first);
    }),
    { numRuns: 100, seed: 20261121 },
  );
}, 60_000);

it('a draw that was found is not taken for another question', () => {
  const { network, steps, servedBy } = compiledScenario('clusterip');
  const names = network.namespaces.flatMap((ns) => (ns.listeners ?? []).map((one) => one.name));
  const served = [...new Set(names)].filter((name) => name?.includes('web'));
  const questions = [1, 2, 3].flatMap((seed) =>
    [servedBy, ...served.map((name) => [name ?? ''])].map((want) => ({ seed, want })),
  );
  expect(questions.length).toBeGreaterThan(6);
  const seeds = questions.map(({ seed, want }) => {
    const trace = run({ network, steps, seed, wantServedBy: want });
    const fresh = run({ network: afresh(network), steps, seed, wantServedBy: want });
    expect(trace).toEqual(fresh);
    return trace.seed;
  });
  expect(new Set(seeds).size).toBeGreaterThan(3);
});
