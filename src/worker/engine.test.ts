import { afterEach, describe, expect, it } from 'vitest';
import { library, loadScenario, scenarioIds } from '../scenario/library/index.ts';
import { createEngineClient } from './client.ts';
import type { EngineClient } from './client.ts';
import { createEngine } from './engine.ts';
import type { Outcome, Simulation } from './protocol.ts';
import { fakeEngine } from './testing.ts';

const clients: EngineClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});

/** The real engine, over a real message port. */
function simulate(
  scenario: string,
  choices: Readonly<Record<string, string>> = {},
): Promise<Outcome<Simulation>> {
  const spawn = fakeEngine(createEngine()).spawn;
  const client = createEngineClient({
    spawns: { worker: spawn, mainThread: spawn, patience: 10_000 },
  });
  clients.push(client);
  return client.call('simulate', { scenario, choices });
}

describe('the engine behind a message port', () => {
  it.each(scenarioIds)('answers the scenario %s with its journey', async (id) => {
    const outcome = await simulate(await loadScenario(id));
    expect(outcome.kind).toBe('done');
    if (outcome.kind !== 'done') return;
    const { scenario, network, trace } = outcome.value;
    expect(scenario.id).toBe(id);
    expect(network.namespaces.length).toBeGreaterThan(1);
    expect(trace.events.length).toBeGreaterThan(10);
    expect(trace.packets.some(({ fate }) => fate.kind === 'delivered')).toBe(true);
  });

  it('gives the same journey for the same text', async () => {
    const text = await loadScenario('clusterip');
    expect(JSON.stringify(await simulate(text))).toBe(JSON.stringify(await simulate(text)));
  });

  it('answers a mistake in the text with its line', async () => {
    const text = (await loadScenario('clusterip')).replace(/^seed:/m, 'sead:');
    const line = text.slice(0, text.indexOf('sead:')).split('\n').length;
    const outcome = await simulate(text);
    expect(outcome.kind).toBe('failed');
    if (outcome.kind !== 'failed') return;
    expect(outcome.diagnostics[0]?.place.line).toBe(line);
  });

  it('tells of a choice that the scenario does not offer', async () => {
    const outcome = await simulate(await loadScenario('clusterip'), { colour: 'red' });
    expect(outcome.kind).toBe('done');
    if (outcome.kind !== 'done') return;
    expect(outcome.value.trace.diagnostics.map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('colour'),
    );
  });

  it('has scenarios to answer', () => {
    expect(Object.keys(library)).toContain('clusterip');
  });
});
