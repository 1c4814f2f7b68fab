// Laws of every run, on random networks with loops, storms and nonsense among them: it ends within its budgets, never throws,
// and what it tells is consistent. RUNS sets how many.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomCase } from '../test/random-network.ts';
import type { RandomCase } from '../test/random-network.ts';
import type { Trace } from '../trace/types.ts';
import { validateTrace } from '../trace/validate.ts';
import { runFlows } from './run.ts';

const numRuns = Number(process.env['RUNS'] ?? 1000);
const budgets = {
  eventsPerRun: 4000,
  packetsPerRun: 1500,
  hopsPerPacket: 64,
  ruleEvaluations: 200_000,
  seconds: 30,
};

const record = (c: RandomCase, silent = false): ReturnType<typeof runFlows> =>
  runFlows({ ...c, seed: 7, budgets, silent });

const problems = (trace: Trace): readonly string[] =>
  validateTrace(trace).filter((text) => trace.unfinished === null || !text.includes('fate'));

describe('any network', () => {
  it('ends within its budgets and tells a consistent trace', () => {
    let unfinished = 0;
    let served = 0;
    fc.assert(
      fc.property(randomCase, (c) => {
        const { trace, results } = record(c);
        if (results.flat().some((r) => r.result === 'ok')) served++;
        // The event that reaches the budget, and what the frame at hand still does.
        expect(trace.events.length).toBeLessThan(budgets.eventsPerRun * 2);
        expect(trace.packets.length).toBeLessThan(budgets.packetsPerRun * 2);
        if (trace.unfinished !== null) unfinished++;
        expect(problems(trace)).toEqual([]);
      }),
      { numRuns, seed: 20261120 },
    );
    // Loops are among them, or this proves nothing.
    expect(unfinished).toBeGreaterThan(0);
    expect(served).toBeGreaterThan(numRuns / 100);
  }, 300_000);

  it('gives the same packets and results when nobody records', () => {
    fc.assert(
      fc.property(randomCase, (c) => {
        const loud = record(c);
        fc.pre(loud.trace.unfinished === null);
        const silent = record(c, true);
        expect(silent.results).toEqual(loud.results);
        expect(silent.trace.packets.map((p) => p.fate.kind)).toEqual(
          loud.trace.packets.map((p) => p.fate.kind),
        );
      }),
      { numRuns: Math.ceil(numRuns / 3), seed: 3 },
    );
  }, 300_000);

  it('undoes NAT exactly, for every reply', () => {
    let undone = 0;
    fc.assert(
      fc.property(randomCase, (c) => {
        for (const pair of rewrites(record(c).trace)) {
          for (const back of pair.reply) {
            undone++;
            expect(pair.original).toContain(back);
          }
        }
      }),
      { numRuns, seed: 11 },
    );
    expect(undone).toBeGreaterThan(0);
  }, 300_000);
});

/** By connection and namespace: what was rewritten one way, and the inverse of what was rewritten the other way. */
function rewrites(trace: Trace): Iterable<{ original: string[]; reply: string[] }> {
  const pairs = new Map<string, { original: string[]; reply: string[] }>();
  for (const event of trace.events) {
    if (event.kind !== 'nat.rewrite') continue;
    const { entry, manip, direction, from, to } = event.detail;
    // Errors carry addresses without ports, and pings their id on one side only.
    if (!from.includes(':') || !to.includes(':')) continue;
    const key = `${event.site.netns} ${entry}`;
    let pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, (pair = { original: [], reply: [] }));
    if (direction === 'original') pair.original.push(`${manip} ${from} ${to}`);
    else pair.reply.push(`${manip === 'src' ? 'dst' : 'src'} ${to} ${from}`);
  }
  return pairs.values();
}
