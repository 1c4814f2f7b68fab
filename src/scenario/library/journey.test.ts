// The clusterip journey from end to end: manifests in, an answer from the pod on the other node out.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runFlows } from '../../kernel/run.ts';
import { compileScenario } from '../compile/compile.ts';
import { decodeScenario } from '../schema/decode.ts';

const text = readFileSync(new URL('./clusterip.yaml', import.meta.url), 'utf8');

function journey(seed: number) {
  const scenario = decodeScenario(text.replace('seed: 1', `seed: ${seed}`));
  const compiled = scenario.ok ? compileScenario(scenario.value) : scenario;
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { network, steps, servedBy } = compiled.value;
  const run = runFlows({ network, steps, seed, wantServedBy: servedBy, silent: true });
  return { ...run, servedBy };
}

describe('clusterip', () => {
  it.each([1, 2, 3])('is answered from node-b, whatever the seed (%i)', (seed) => {
    const { results, trace, servedBy } = journey(seed);
    expect(results).toMatchObject([[{ result: 'ok', served_by: servedBy?.[0] }]]);
    expect(trace.diagnostics).toEqual([]);
    expect(trace.unfinished).toBe(null);
  });
});
