// Every built-in scenario decodes and compiles, and its network is pinned as text that a person can review.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileScenario } from '../compile/compile.ts';
import { decodeScenario } from '../schema/decode.ts';
import { isScenarioId, scenarioIds } from './index.ts';

const read = (id: string): string => readFileSync(new URL(`./${id}.yaml`, import.meta.url), 'utf8');

describe('scenario library', () => {
  it('lists every file, and nothing else', () => {
    const files = readdirSync(new URL('.', import.meta.url))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => name.slice(0, -'.yaml'.length));
    expect([...scenarioIds].sort()).toEqual(files.sort());
    expect(isScenarioId('clusterip')).toBe(true);
    expect(isScenarioId('constructor')).toBe(false);
  });

  it.each([...scenarioIds])('%s compiles to the network that is on record', async (id) => {
    const scenario = decodeScenario(read(id), id);
    if (!scenario.ok) throw new Error(JSON.stringify(scenario.error, null, 2));
    expect(scenario.value.id).toBe(id);
    const compiled = compileScenario(scenario.value);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error, null, 2));
    await expect(`${JSON.stringify(readable(compiled.value), null, 2)}\n`).toMatchFileSnapshot(
      `./${id}.network.txt`,
    );
  });
});

/** Multi-line texts as lists of lines, so that a change in one rule is one line of a diff. */
function readable(value: unknown): unknown {
  if (typeof value === 'string' && value.endsWith('COMMIT\n'))
    return value.split('\n').slice(0, -1);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, readable(field)]));
}
