// How a simulation changes threads. What happened goes as numbers whose buffers are handed over, and becomes objects when the page
// first looks at it. What stood before it happened goes once: a page that has it from an earlier answer says so with its call.
import { invariant } from '../base/assert.ts';
import type { LinuxNetwork } from '../network/types.ts';
import type { Scenario } from '../scenario/schema/decode.ts';
import { readJourney, writeJourney } from '../trace/codec/journey.ts';
import type { Journey } from '../trace/codec/journey.ts';
import { buffersOf } from '../trace/codec/tape.ts';
import type { Tape } from '../trace/codec/tape.ts';
import type { TableWrite, Trace } from '../trace/types.ts';
import type { Simulation } from './protocol.ts';

/** What stood before the first event. */
export interface Standing {
  /** The engine's number for it; another engine has other numbers. */
  readonly id: number;
  readonly network: LinuxNetwork;
  readonly tables: readonly TableWrite[];
}

export interface PackedSimulation {
  readonly scenario: Scenario;
  /** Its number alone where the page has it. */
  readonly standing: Standing | Standing['id'];
  readonly trace: Omit<Trace, 'tables' | keyof Journey>;
  readonly journey: Tape;
}

export interface Packed {
  readonly message: PackedSimulation;
  readonly transfer: readonly Transferable[];
}

/** The engine's side. `has`: the number of what the page has. */
export type Packer = (simulation: Simulation, has: Standing['id'] | null) => Packed;

export function createPacker(): Packer {
  const known = new WeakMap<LinuxNetwork, Standing>();
  let count = 0;
  const standingOf = (network: LinuxNetwork, tables: readonly TableWrite[]): Standing => {
    const before = known.get(network);
    if (before?.tables === tables) return before;
    const standing = { id: ++count, network, tables };
    known.set(network, standing);
    return standing;
  };
  return ({ scenario, network, trace, ...others }, has) => {
    const { events, packets, tables, ...rest } = trace;
    const standing = standingOf(network, tables);
    const journey = writeJourney({ events, packets });
    return {
      message: {
        ...others,
        scenario,
        standing: standing.id === has ? standing.id : standing,
        trace: rest,
        journey,
      },
      transfer: buffersOf(journey),
    };
  };
}

/** The page's side: the simulation, and what stood, for the next call. `had`: what the page had when it called. */
export function unpack(
  { scenario, standing: sent, trace, journey: tape }: PackedSimulation,
  had: Standing | null,
): { readonly simulation: Simulation; readonly standing: Standing } {
  const standing = typeof sent === 'number' ? had : sent;
  invariant(
    standing !== null && (typeof sent !== 'number' || standing.id === sent),
    'the engine leaves out only what the page has',
  );
  const { network, tables } = standing;
  const { version, seed, topology, ...rest } = trace;
  const whole = { version, seed, topology, tables, ...NOTHING_YET, ...rest };
  Object.defineProperties(whole, LAZY);
  tapes.set(whole, tape);
  return { standing, simulation: { scenario, network, trace: whole } };
}

/** Keeps the order of members. */
const NOTHING_YET: Journey = { packets: [], events: [] };

/** What nobody has read yet. */
const tapes = new WeakMap<object, Tape>();

/** Made at the first look. The getters are the same for all traces: with its own, a trace would have a hidden class of its own, and V8
 *  keeps that, and so the trace, until the next full collection of garbage. */
function open(trace: object): Journey {
  const tape = tapes.get(trace);
  invariant(tape !== undefined, 'a trace has a tape until it is read');
  tapes.delete(trace);
  const { packets, events } = readJourney(tape);
  Object.defineProperties(trace, { packets: { value: packets }, events: { value: events } });
  return { packets, events };
}
const lazy = (get: (this: object) => unknown): PropertyDescriptor => ({
  get,
  enumerable: true,
  configurable: true,
});
const LAZY: PropertyDescriptorMap = {
  packets: lazy(function () {
    return open(this).packets;
  }),
  events: lazy(function () {
    return open(this).events;
  }),
};
