import { expect, it } from 'vitest';
import { invariant } from '../base/assert.ts';
import { loadScenario, scenarioIds } from '../scenario/library/index.ts';
import { createEngine } from './engine.ts';
import { createPacker, unpack } from './packing.ts';
import type { Packed, PackedSimulation } from './packing.ts';
import type { Simulation } from './protocol.ts';

const context = { shouldStop: () => false, breathe: () => Promise.resolve(), progress: () => {} };

async function simulated(engine: ReturnType<typeof createEngine>, scenario: string) {
  const answer = await engine.simulate({ scenario }, context);
  invariant(answer.kind === 'done', 'the scenario runs');
  return answer.value;
}
/** As a message port would. */
const sent = ({ message, transfer }: Packed): PackedSimulation =>
  structuredClone(message, { transfer: [...transfer] });

it.each(scenarioIds)('%s comes out as it went in, first and again', async (id) => {
  const engine = createEngine();
  const pack = createPacker();
  const first = await simulated(engine, await loadScenario(id));
  const one = unpack(sent(pack(first, null)), null);
  expect(one.simulation).toEqual(first);
  const second = await simulated(engine, await loadScenario(id));
  expect(second.trace).not.toBe(first.trace);
  const message = sent(pack(second, one.standing.id));
  expect(message.standing).toBe(one.standing.id);
  const two = unpack(message, one.standing);
  expect(two.simulation).toEqual(second);
  expect(JSON.stringify(two.simulation)).toBe(JSON.stringify(second));
});

it('sends what stood again when the page has something else', async () => {
  const engine = createEngine();
  const pack = createPacker();
  const text = await loadScenario('clusterip');
  const one = unpack(sent(pack(await simulated(engine, text), null)), null);
  const other = await simulated(engine, text.replace('seed: 1', 'seed: 2'));
  const two = unpack(sent(pack(other, one.standing.id)), one.standing);
  expect(two.standing.id).not.toBe(one.standing.id);
  expect(two.simulation).toEqual(other);
});

it('keeps what stood when only the timeline changes', async () => {
  const engine = createEngine();
  const pack = createPacker();
  const text = await loadScenario('clusterip');
  const one = unpack(sent(pack(await simulated(engine, text), null)), null);
  const changed = text.replace('curl http://web', 'curl http://web:81');
  expect(changed).not.toBe(text);
  const other = await simulated(engine, changed);
  const message = sent(pack(other, one.standing.id));
  expect(message.standing).toBe(one.standing.id);
  expect(unpack(message, one.standing).simulation).toEqual(other);
  expect(unpack(message, one.standing).simulation).toEqual(
    await simulated(createEngine(), changed),
  );
});

it('makes events when somebody looks, and once', async () => {
  const { scenario, network, trace } = await simulated(
    createEngine(),
    await loadScenario('clusterip'),
  );
  const packed = sent(createPacker()({ scenario, network, trace } satisfies Simulation, null));
  let read = 0;
  const cells = packed.journey.cells;
  const journey = {
    ...packed.journey,
    get cells() {
      read += 1;
      return cells;
    },
  };
  const { simulation } = unpack({ ...packed, journey }, null);
  expect(simulation.trace.unfinished).toBeNull();
  expect(read).toBe(0);
  expect(simulation.trace.events).toBe(simulation.trace.events);
  expect(simulation.trace.packets).toBe(simulation.trace.packets);
  expect(read).toBe(1);
});
