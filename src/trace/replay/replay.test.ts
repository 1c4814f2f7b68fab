import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import type { Row, Seq, TableId, TableWrite, Trace, TraceEvent } from '../types.ts';
import { changesBetween, changesOf, packetAt } from './packets.ts';
import { START, createReplay, tablesAt } from './tables.ts';

const seq = (n: number): Seq => n as Seq;

/** A trace of writes only: each entry sets a key of a table of a namespace, or deletes it. */
function traceOf(commands: readonly (readonly Command[])[]): Trace {
  const state = new Map<string, Row>();
  const write = ({ netns, table, key, value }: Command): TableWrite => {
    const id = `${netns}/${table}/${key}`;
    const before = state.get(id) ?? null;
    const after = value === null ? null : { value };
    if (after === null) state.delete(id);
    else state.set(id, after);
    return { netns, table, key, before, after };
  };
  const [first = [], ...rest] = commands;
  return {
    version: 1,
    seed: 0,
    topology: { namespaces: [] },
    tables: first.map(write),
    packets: [],
    events: rest.map((writes, i): TraceEvent => ({
      kind: 'timer',
      seq: seq(i),
      at: i as TraceEvent['at'],
      cause: null,
      packet: null,
      revision: 0,
      site: { netns: 'a', dev: null },
      writes: writes.map(write),
      detail: { timer: 't', text: '' },
    })),
    marks: [],
    diagnostics: [],
    unfinished: null,
  };
}

interface Command {
  readonly netns: string;
  readonly table: TableId;
  readonly key: string;
  readonly value: number | null;
}
const command: fc.Arbitrary<Command> = fc.record({
  netns: fc.constantFrom('a', 'b'),
  table: fc.constantFrom('neigh' as const, 'conntrack' as const),
  key: fc.constantFrom('x', 'y', 'z'),
  value: fc.option(fc.nat({ max: 3 })),
});
const commands = fc.array(fc.array(command, { maxLength: 4 }), { minLength: 1, maxLength: 12 });

/** All rows, with their order. */
const dump = (view: Pick<ReturnType<typeof tablesAt>, 'rows'>): unknown =>
  ['a', 'b'].flatMap((netns) =>
    (['neigh', 'conntrack'] as const).map((table) => [...view.rows(netns, table)]),
  );

describe('tables', () => {
  it('forward n and back n is where one was; any walk equals the direct way', () => {
    fc.assert(
      fc.property(commands, fc.array(fc.integer({ min: -3, max: 15 })), (list, walk) => {
        const trace = traceOf(list);
        const walker = createReplay(trace);
        for (const goal of walk) {
          walker.seek(seq(goal));
          const direct = createReplay(trace);
          direct.seek(seq(goal));
          expect(walker.seq).toBe(direct.seq);
          expect(dump(walker)).toEqual(dump(direct));
        }
        walker.seek(START);
        expect(dump(walker)).toEqual(dump(createReplay(trace)));
      }),
    );
  });
  it('the last state has the last value of each key', () => {
    fc.assert(
      fc.property(commands, (list) => {
        const trace = traceOf(list);
        const replay = createReplay(trace);
        replay.seek(seq(list.length));
        const last = new Map<string, Command>();
        for (const c of list.flat()) last.set(`${c.netns}/${c.table}/${c.key}`, c);
        for (const c of last.values())
          expect(replay.row(c.netns, c.table, c.key)).toEqual(
            c.value === null ? null : { value: c.value },
          );
      }),
    );
  });
  it('views of two moments do not disturb each other, and rows once read stay as they were', () => {
    const set = (value: number | null): Command => ({
      netns: 'a',
      table: 'neigh',
      key: 'x',
      value,
    });
    const trace = traceOf([[], [set(1)], [set(2)], [set(null)]]);
    const [one, two] = [tablesAt(trace, seq(0)), tablesAt(trace, seq(1))];
    const early = one.rows('a', 'neigh');
    expect(two.row('a', 'neigh', 'x')).toEqual({ value: 2 });
    expect(one.row('a', 'neigh', 'x')).toEqual({ value: 1 });
    expect(tablesAt(trace, seq(2)).rows('a', 'neigh').size).toBe(0);
    expect([...early.values()]).toEqual([{ value: 1 }]);
    expect(tablesAt(trace, START).row('a', 'neigh', 'x')).toBeNull();
  });
  it('keeps the place of a row that went and came back', () => {
    const set = (key: string, value: number | null): Command => ({
      netns: 'a',
      table: 'neigh',
      key,
      value,
    });
    const trace = traceOf([[set('x', 1), set('y', 1)], [set('x', null)], [set('x', 2)]]);
    const keys = (n: number): string[] => [...tablesAt(trace, seq(n)).rows('a', 'neigh').keys()];
    expect([keys(-1), keys(0), keys(1)]).toEqual([['x', 'y'], ['y'], ['x', 'y']]);
  });
});

describe('packets', () => {
  const trace = sampleTrace();
  const encap = trace.events.find((e) => e.kind === 'tunnel.encap')!;
  const rewrite = trace.events.find((e) => e.kind === 'nat.rewrite')!;

  it('a packet at a moment has the revision of its last event', () => {
    for (const event of trace.events) {
      if (event.packet === null) continue;
      const record = trace.packets.find((p) => p.id === event.packet)!;
      expect(packetAt(trace, event.packet, event.seq)).toBe(record.revisions[event.revision]);
    }
    expect(packetAt(trace, encap.packet!, START)).toBe(
      trace.packets.find((p) => p.id === encap.packet)!.revisions[0],
    );
  });
  it('an event changes what its kind says', () => {
    expect(changesOf(trace, encap).some((c) => c.kind === 'vxlan' && c.after !== null)).toBe(true);
    expect(changesOf(trace, encap).every((c) => c.field === 'layer')).toBe(true);
    const fields = changesOf(trace, rewrite).map((c) => `${c.kind}.${c.field}`);
    expect(fields).toContain('ipv4.dst');
    expect(changesOf(trace, rewrite)).toBe(changesOf(trace, rewrite));
  });
  it('events that do not touch the packet change nothing', () => {
    const walks = trace.events.filter((e) => e.kind === 'nf.walk' || e.kind === 'ct.lookup');
    expect(walks.length).toBeGreaterThan(0);
    for (const event of walks) expect(changesOf(trace, event)).toEqual([]);
  });
  it('a step of several events sees the changes of all of them', () => {
    const id = encap.packet!;
    const last = trace.packets.find((p) => p.id === id)!.revisions.length - 1;
    const fields = changesBetween(trace, id, 0, last).map((c) => c.field);
    expect(fields).toContain('ttl');
    expect(changesBetween(trace, id, 0, last, true).map((c) => c.field)).toContain('checksum');
    expect(changesBetween(trace, id, last, last)).toEqual([]);
  });
});
