// Every built-in journey, run by the real engine: its golden text, and the laws that every trace obeys.
import { describe, expect, it } from 'vitest';
import type { Seq } from '../../trace/types.ts';
import { EXPORTERS } from '../../trace/export/index.ts';
import { START, createReplay, tablesAt } from '../../trace/replay/tables.ts';
import { stepsOf } from '../../trace/steps/index.ts';
import { validateTrace } from '../../trace/validate.ts';
import { compiledScenario, runScenario } from '../../test/journey.ts';
import { scenarioIds } from './index.ts';

describe.each([...scenarioIds])('%s', (id) => {
  const compiled = compiledScenario(id);
  const trace = runScenario(compiled);

  it('is the journey on record', async () => {
    const text = EXPORTERS.text.export({ trace, network: compiled.network, scenario: null });
    await expect(text).toMatchFileSnapshot(`./${id}.golden.txt`);
  });

  it('keeps every promise of a trace', () => {
    expect(validateTrace(trace)).toEqual([]);
    expect(trace.diagnostics).toEqual([]);
    expect(trace.unfinished).toBeNull();
    expect(trace.packets.filter((p) => p.fate.kind === 'unfinished')).toEqual([]);
  });

  it('gives the same bytes for the same seed', () => {
    expect(JSON.stringify(runScenario(compiledScenario(id)))).toBe(JSON.stringify(trace));
  });

  it('has the same packets when nobody records', () => {
    const silent = runScenario(compiled, true);
    expect(silent.events).toEqual([]);
    const outcome = (p: (typeof trace.packets)[number]): string =>
      `${p.id} ${p.flow} ${p.parent} ${p.fate.kind}`;
    expect(silent.packets.map(outcome)).toEqual(trace.packets.map(outcome));
  });

  it('replays: n forward and n back is the start, and seek(n) equals n times next', () => {
    const show = (rows: Iterable<readonly [string, unknown]>): string =>
      JSON.stringify([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
    const names = trace.topology.namespaces.map((ns) => ns.name);
    const tables = ['neigh', 'fdb', 'conntrack', 'socket', 'iptables'] as const;
    const state = (view: ReturnType<typeof tablesAt>): string =>
      names.map((ns) => tables.map((t) => show(view.rows(ns, t))).join('\n')).join('\n');
    const walker = createReplay(trace);
    walker.seek(START);
    const start = state(walker);
    const seen: string[] = [];
    for (const { seq } of trace.events) {
      walker.seek(seq);
      seen.push(state(walker));
    }
    for (const { seq } of [...trace.events].reverse()) {
      walker.seek(seq);
      expect(state(walker)).toBe(seen[seq]);
      walker.seek((seq - 1) as Seq);
      expect(state(walker)).toBe(seq === 0 ? start : seen[seq - 1]);
    }
    for (const seq of [0, 7, Math.floor(trace.events.length / 2), trace.events.length - 1])
      expect(state(tablesAt(trace, seq as Seq))).toBe(seen[seq]);
  }, 60_000);

  it('is told in at most 45 steps with ids of their own', () => {
    const steps = stepsOf(trace, 'overview');
    expect(steps.length).toBeLessThanOrEqual(45);
    expect(steps.length).toBeGreaterThan(10);
    for (const grain of ['overview', 'detail', 'rules'] as const) {
      const ids = stepsOf(trace, grain).map((s) => s.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});
