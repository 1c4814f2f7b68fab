// A hundred journeys in one process leave nothing behind: no cache without a bound, no state in a module.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { compiledScenario, runScenario } from '../test/journey.ts';

it('a hundred runs grow the heap by less than a tenth', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const compiled = compiledScenario('clusterip');
  // The first hundred also fill V8's own tables (feedback, optimised code), once; measured after it, only
  // what a run leaves behind counts.
  for (let i = 0; i < 100; i++) runScenario(compiled);
  const before = heap();
  for (let i = 0; i < 100; i++) runScenario(compiled);
  expect(heap() / before).toBeLessThan(1.1);
});
