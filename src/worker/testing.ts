// For the tests of this folder: the smallest simulation there is, and engines that misbehave on demand.
import { invariant } from '../base/assert.ts';
import { decodeScenario } from '../scenario/schema/decode.ts';
import type { Link } from './connect.ts';
import { portChannel } from './protocol.ts';
import type { FromEngine, Simulation, ToEngine } from './protocol.ts';
import { serveEngine } from './serve.ts';
import type { Handlers } from './serve.ts';

const decoded = decodeScenario(`
version: 1
id: empty
title: Nothing happens
timeline:
  - wait: 1
`);
invariant(decoded.ok, 'the empty scenario is a scenario');
const EMPTY = decoded.value;

export const emptySimulation = (seed = 1): Simulation => ({
  scenario: EMPTY,
  network: { namespaces: [] },
  trace: {
    version: 1,
    seed,
    topology: { namespaces: [] },
    tables: [],
    packets: [],
    events: [],
    marks: [],
    diagnostics: [],
    unfinished: null,
  },
});

/** An engine behind a MessageChannel that can be killed, and tells how often it was closed. */
export interface FakeEngine {
  readonly spawn: () => Link;
  readonly spawned: () => number;
  readonly closed: () => number;
  /** As if the worker's thread had died. */
  readonly kill: (message: string) => void;
}

/** `handlers` null: it starts, and never says a word. */
export function fakeEngine(handlers: Handlers | null, delay = 0): FakeEngine {
  let spawned = 0;
  let closed = 0;
  let death: (message: string) => void = () => {};
  return {
    spawned: () => spawned,
    closed: () => closed,
    kill: (message) => death(message),
    spawn() {
      spawned += 1;
      const { port1, port2 } = new MessageChannel();
      const near = portChannel<ToEngine, FromEngine>(port1);
      const far = portChannel<FromEngine, ToEngine>(port2);
      if (handlers !== null) setTimeout(() => serveEngine(far, handlers), delay);
      return {
        channel: {
          post: near.post,
          listen: near.listen,
          close() {
            closed += 1;
            near.close();
          },
        },
        onDeath(listener) {
          death = listener;
        },
      };
    },
  };
}
