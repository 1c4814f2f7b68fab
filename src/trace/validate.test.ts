import { describe, expect, it } from 'vitest';
import { tinyTrace } from '../test/tiny-trace.ts';
import type { PacketRecord, Seq, TableWrite, Trace, TraceEvent } from './types.ts';
import { sameRow, validateTrace } from './validate.ts';

const trace = tinyTrace();

/** The trace with one event changed. */
function withEvent(find: (event: TraceEvent) => boolean, change: Partial<TraceEvent>): Trace {
  const at = trace.events.findIndex(find);
  expect(at).toBeGreaterThanOrEqual(0);
  const event = { ...trace.events[at], ...change } as TraceEvent;
  return { ...trace, events: trace.events.with(at, event) };
}
function withPacket(at: number, change: Partial<PacketRecord>): Trace {
  return { ...trace, packets: trace.packets.with(at, { ...trace.packets[at]!, ...change }) };
}
const problems = (of: Trace): string => validateTrace(of).join('\n');
const seq = (n: number): Seq => n as Seq;

describe('validateTrace', () => {
  it('finds nothing in a good trace', () => {
    expect(validateTrace(trace)).toEqual([]);
  });
  it('a gap, time that runs back, an effect before its cause', () => {
    expect(problems(withEvent((e) => e.seq === 5, { seq: seq(99) }))).toContain(
      'stands at place 5',
    );
    const early = withEvent((e) => e.seq === 4, { at: -1 as TraceEvent['at'] });
    expect(problems(early)).toContain('happens at -1');
    expect(problems(withEvent((e) => e.seq === 5, { cause: seq(5) }))).toContain('not earlier');
  });
  it('a write that does not start from the state', () => {
    const stray: TableWrite = {
      netns: 'node-a',
      table: 'neigh',
      key: 'stray',
      before: { mac: 'aa' },
      after: null,
    };
    expect(problems({ ...trace, tables: [...trace.tables, stray] })).toContain('before the first');
    const twice = withEvent((e) => e.writes.length > 0, { writes: [stray] });
    expect(problems(twice)).toContain('node-a neigh stray does not start');
  });
  it('places that do not exist', () => {
    const nowhere = { netns: 'mars', dev: 'eth0' };
    expect(problems(withEvent((e) => e.kind === 'ip.forward', { site: nowhere }))).toContain(
      'mars',
    );
    const device = { netns: 'node-a', dev: 'eth7' };
    expect(problems(withEvent((e) => e.kind === 'dev.rx', { site: device }))).toContain('eth7');
    expect(problems(withEvent((e) => e.kind === 'ip.forward', { site: device }))).toBe('');
    const peer = { detail: { peer: nowhere } } as Partial<TraceEvent>;
    expect(problems(withEvent((e) => e.kind === 'dev.tx', peer))).toContain('mars');
  });
  it('revisions that jump, miss or do not exist', () => {
    expect(problems(withEvent((e) => e.kind === 'dev.rx', { revision: 3 }))).toContain('jumps');
    const { revisions } = trace.packets[0]!;
    const more = [...revisions, revisions[0]!];
    expect(problems(withPacket(0, { revisions: more }))).toContain('no event reaches');
    expect(problems(withPacket(0, { revisions: [] }))).toContain('has no revision');
  });
  it('fates that contradict the drops', () => {
    const dropped = { kind: 'dropped' as const, reason: 'NETFILTER_DROP', seq: seq(3) };
    expect(problems(withPacket(0, { fate: dropped }))).toContain('is not the drop');
    const drop = {
      kind: 'drop' as const,
      detail: { reason: 'NETFILTER_DROP', at: 'nf_hook_slow', why: '', fatal: true },
    };
    const of = withEvent((e) => e.packet === 1 && e.kind === 'ip.forward', drop);
    expect(problems(of)).toContain('fatal, but packet 1 is');
    const lost = { kind: 'replaced' as const, by: [999 as PacketRecord['id']] };
    expect(problems(withPacket(0, { fate: lost }))).toContain('999');
  });
  it('packets that follow their own death', () => {
    const at = trace.events.findIndex((e) => e.packet === 1 && e.kind === 'ip.forward');
    const detail = { reason: 'NETFILTER_DROP', at: 'nf_hook_slow', why: '', fatal: true };
    const dead = withEvent((e) => e.seq === at, { kind: 'drop', detail } as Partial<TraceEvent>);
    const fate = { kind: 'dropped' as const, reason: 'NETFILTER_DROP', seq: seq(at) };
    const packets = dead.packets.map((p) => (p.id === 1 ? { ...p, fate } : p));
    expect(problems({ ...dead, packets })).toContain('packet 1 was dropped, but');
  });
  it('marks out of order', () => {
    const marks = [
      { step: 'a', seq: seq(9) },
      { step: 'b', seq: seq(3) },
    ];
    expect(problems({ ...trace, marks })).toContain('mark b');
  });
});

describe('rows', () => {
  it('are the same when they say the same', () => {
    expect(sameRow({ a: 1, b: null }, { b: null, a: 1 })).toBe(true);
    expect(sameRow({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(sameRow(null, null)).toBe(true);
    expect(sameRow(null, {})).toBe(false);
  });
});
