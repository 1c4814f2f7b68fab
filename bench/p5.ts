// P5: what the page's thread spends on an answer of the engine, against the same trace posted as objects. A port of Node hands over one
// message at a time, at the moment it is asked to, so the clock sees the receiver's part alone. As with the page's second click, what stood
// before the journey is there already, on both sides of the comparison.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { invariant } from '../src/base/assert.ts';
import { loadScenario } from '../src/scenario/library/index.ts';
import { createEngine } from '../src/worker/engine.ts';
import { createPacker, unpack } from '../src/worker/packing.ts';
import type { PackedSimulation } from '../src/worker/packing.ts';
import type { Simulation } from '../src/worker/protocol.ts';
import { median } from './measure.ts';
import type { Bench } from './types.ts';

const WARM = 100;
const ROUNDS = 101;
const context = { shouldStop: () => false, breathe: () => Promise.resolve(), progress: () => {} };

export const p5: Bench = {
  id: 'P5',
  title: "the page's part of an answer / of the same trace as objects",
  unit: 'x',
  goal: { most: 0.3, stretch: 0.1 },
  async run() {
    const answer = await createEngine().simulate(
      { scenario: await loadScenario('clusterip') },
      context,
    );
    invariant(answer.kind === 'done', 'the built-in scenario runs');
    const simulation = answer.value;
    const { port1, port2 } = new MessageChannel();
    const receive = (): unknown => receiveMessageOnPort(port2)?.message;
    const pack = createPacker();
    const { standing } = unpack(structuredClone(pack(simulation, null).message), null);

    const objects = (): number => {
      const { tables: _, ...trace } = simulation.trace;
      port1.postMessage({ scenario: simulation.scenario, trace });
      return timeOf(receive);
    };
    const packed = (look: (got: Simulation) => unknown): number => {
      const { message, transfer } = pack(simulation, standing.id);
      port1.postMessage(message, transfer as readonly ArrayBuffer[]);
      return timeOf(() => look(unpack(receive() as PackedSimulation, standing).simulation));
    };
    const all: (readonly [objects: number, there: number, read: number])[] = [];
    for (let round = 0; round < WARM + ROUNDS; round++)
      all.push([
        objects(),
        packed((got) => got),
        packed(({ trace }) => [trace.events, trace.packets]),
      ]);
    port1.close();
    const rounds = all.slice(WARM);
    const [whole, there, read] = [0, 1, 2].map((i) =>
      median(rounds.map((round) => round[i] ?? NaN)),
    );
    invariant(whole !== undefined && there !== undefined && read !== undefined, 'three medians');
    const { events } = simulation.trace;
    return {
      value: there / whole,
      note: `${there.toFixed(3)} ms / ${whole.toFixed(3)} ms, ${events.length} events; ${(read / whole).toFixed(2)}x when all of them are read`,
    };
  },
};

function timeOf(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
