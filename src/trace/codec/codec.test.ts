import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { run } from '../../kernel/run.ts';
import { compiledScenario, runScenario } from '../../test/journey.ts';
import { randomCase } from '../../test/random-network.ts';
import type { Trace } from '../types.ts';
import { readJourney, writeJourney } from './journey.ts';
import { createTapeReader } from './read.ts';
import type { Tape } from './tape.ts';
import { buffersOf } from './tape.ts';
import { createTapeWriter } from './write.ts';

function taped(value: unknown): unknown {
  const tape = createTapeWriter();
  tape.value(value);
  return createTapeReader(sent(tape.finish())).value();
}
const sent = (tape: Tape): Tape => structuredClone(tape, { transfer: [...buffersOf(tape)] });
const journeyOf = ({ events, packets }: Trace) => ({ events, packets });

/** As names of members come in traces, and worse: equal beginnings, numbers, what objects inherit. */
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', '0', '10', 'length', 'constructor', 'toString', ''),
  fc.string(),
).filter((text) => text !== '__proto__'); // prettier-ignore
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, true, false, -0, 0, NaN, Infinity, 2 ** 28, 2 ** 28 - 1),
    fc.constantFrom(-(2 ** 28), -(2 ** 28) - 1, 2 ** 31, 2 ** 32, -(2 ** 31), 2 ** 53),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value')),
    fc.dictionary(name, tie('value'), { noNullPrototype: true }),
  ),
})).value;

describe('a tape', () => {
  it('gives back any plain data, whatever was written before it', () => {
    fc.assert(
      fc.property(fc.array(plain), (values) => {
        // toStrictEqual takes a member named `constructor` for a type.
        expect(isDeepStrictEqual(taped(values), values)).toBe(true);
      }),
      { numRuns: 1000, seed: 20261121 },
    );
  });

  it('gives back one object where there was one, and two where there were two', () => {
    const site = { netns: 'a', dev: null };
    const list = [site, { ...site }, [site]];
    const [one, two, [three]] = taped([...list, list]) as [unknown, unknown, [unknown], unknown];
    expect(one).toEqual(site);
    expect(three).toBe(one);
    expect(two).toEqual(site);
    expect(two).not.toBe(one);
  });

  it('keeps the order of members', () => {
    const values = [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { a: 1, b: 2, c: 3 }];
    expect(JSON.stringify(taped(values))).toBe(JSON.stringify(values));
  });

  it('has room for more than it began with', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => ({ i, text: `${i % 100}` }));
    expect(taped(values)).toEqual(values);
  });

  it('refuses what is no data', () => {
    expect(() => taped({ call: () => 1 })).toThrow('a function is not data');
  });
});

describe('a journey on a tape', () => {
  it('is the built-in journey again', () => {
    const trace = journeyOf(runScenario(compiledScenario('clusterip')));
    expect(readJourney(sent(writeJourney(trace)))).toStrictEqual(trace);
  });

  it('is any journey again, down to the objects that packets share', () => {
    let events = 0;
    fc.assert(
      fc.property(randomCase, fc.nat(), ({ network, steps }, seed) => {
        const budgets = { eventsPerRun: 2000, packetsPerRun: 500, seconds: 20 };
        const trace = journeyOf(run({ network, steps, seed, budgets }));
        const again = readJourney(sent(writeJourney(trace)));
        expect(again).toStrictEqual(trace);
        const layers = ({ packets }: typeof trace) =>
          packets.flatMap((packet) => packet.revisions.flatMap((revision) => revision.layers));
        expect(new Set(layers(again)).size).toBe(new Set(layers(trace)).size);
        events += trace.events.length;
      }),
      { numRuns: 60, seed: 20261121 },
    );
    expect(events).toBeGreaterThan(1000);
  }, 120_000);
});
