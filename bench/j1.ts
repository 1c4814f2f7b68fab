// J1: what a reader waits for after a click: the ClusterIP scenario from its text to the whole trace, in Node, by code that is warm and an
// engine that has not seen the text. A time, so without a goal; the worker's start and the message to the page are not in it.
import { loadScenario } from '../src/scenario/library/index.ts';
import { createEngine } from '../src/worker/engine.ts';
import type { CallContext } from '../src/worker/serve.ts';
import { timeOf } from './measure.ts';
import type { Bench } from './types.ts';

const context: CallContext = {
  shouldStop: () => false,
  breathe: () => Promise.resolve(),
  progress: () => {},
};

export const j1: Bench = {
  id: 'J1',
  title: 'one ClusterIP journey, text to trace',
  unit: ' ms',
  async run() {
    const scenario = await loadScenario('clusterip');
    const answer = await createEngine().simulate({ scenario }, context);
    if (answer.kind !== 'done') throw new Error(`the scenario did not run: ${answer.kind}`);
    const { events, packets } = answer.value.trace;
    const value = await timeOf(() => createEngine().simulate({ scenario }, context));
    return { value, note: `${events.length} events, ${packets.length} packets` };
  },
};
