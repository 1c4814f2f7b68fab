// The promises of a trace (types.ts) as a check: what a reader, an exporter or the picture takes for granted holds, or
// there is a sentence that says where not. Runs in tests and in development builds, never on a user's input.
import type { PacketId } from '../wire/types.ts';
import { lookupOf } from './replay/lookup.ts';
import type { PacketRecord, Row, Site, TableWrite, Trace, TraceEvent } from './types.ts';

export function validateTrace(trace: Trace): readonly string[] {
  return [
    ...checkOrder(trace),
    ...checkWrites(trace),
    ...checkSites(trace),
    ...checkRevisions(trace),
    ...checkFates(trace),
    ...checkMarks(trace),
  ];
}

const name = (event: TraceEvent): string => `event ${event.seq} (${event.kind})`;

/** Seqs count from 0, time does not run back, causes come first. */
function checkOrder(trace: Trace): string[] {
  const problems: string[] = [];
  trace.events.forEach((event, i) => {
    if (event.seq !== i) problems.push(`${name(event)} stands at place ${i}`);
    const previous = trace.events[i - 1];
    if (previous !== undefined && event.at < previous.at)
      problems.push(`${name(event)} happens at ${event.at}, before ${name(previous)}`);
    if (event.cause !== null && (event.cause < 0 || event.cause >= event.seq))
      problems.push(`${name(event)} has the cause ${event.cause}, which is not earlier`);
  });
  return problems;
}

export function sameRow(a: Row | null, b: Row | null): boolean {
  if (a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Each write starts from what the writes before it left. */
function checkWrites(trace: Trace): string[] {
  const problems: string[] = [];
  const state = new Map<string, Row>();
  const apply = (write: TableWrite, where: string): void => {
    const id = `${write.netns} ${write.table} ${write.key}`;
    if (!sameRow(write.before, state.get(id) ?? null))
      problems.push(`${where}: the write of ${id} does not start from the row that is there`);
    if (write.after === null) state.delete(id);
    else state.set(id, write.after);
  };
  for (const write of trace.tables) apply(write, 'before the first event');
  for (const event of trace.events) for (const write of event.writes) apply(write, name(event));
  return problems;
}

/** Namespaces exist; a packet crosses devices that exist. */
function checkSites(trace: Trace): string[] {
  const devices = new Map(
    trace.topology.namespaces.map((ns) => [ns.name, new Set(ns.devices.map((d) => d.name))]),
  );
  const problems: string[] = [];
  const check = (site: Site, event: TraceEvent, crossing: boolean): void => {
    const names = devices.get(site.netns);
    if (names === undefined) problems.push(`${name(event)}: there is no namespace ${site.netns}`);
    else if (crossing && (site.dev === null || !names.has(site.dev)))
      problems.push(`${name(event)}: there is no device ${site.dev ?? '(none)'} in ${site.netns}`);
  };
  for (const event of trace.events) {
    check(event.site, event, event.kind === 'dev.tx' || event.kind === 'dev.rx');
    if (event.kind === 'dev.tx' && event.detail.peer !== null)
      check(event.detail.peer, event, true);
  }
  return problems;
}

/** Every revision is reached, in order, one at a time: an event that rewrites is never missing. */
function checkRevisions(trace: Trace): string[] {
  const problems: string[] = [];
  const records = new Map(trace.packets.map((p) => [p.id, p]));
  if (records.size !== trace.packets.length) problems.push('two packets have the same id');
  const current = new Map<PacketId, number>();
  for (const event of trace.events) {
    if (event.packet === null) continue;
    const record = records.get(event.packet);
    if (record === undefined) {
      problems.push(`${name(event)}: there is no packet ${event.packet}`);
      continue;
    }
    const last = current.get(event.packet) ?? 0;
    if (event.revision !== last && event.revision !== last + 1)
      problems.push(
        `${name(event)}: packet ${event.packet} jumps from revision ${last} to ${event.revision}`,
      );
    if (event.revision >= record.revisions.length)
      problems.push(`${name(event)}: packet ${event.packet} has no revision ${event.revision}`);
    current.set(event.packet, event.revision);
  }
  for (const { id, revisions } of trace.packets) {
    if (revisions.length === 0) problems.push(`packet ${id} has no revision`);
    const reached = current.get(id) ?? 0;
    if (revisions.length > 0 && reached < revisions.length - 1)
      problems.push(`packet ${id}: no event reaches the revisions behind ${reached}`);
  }
  return problems;
}

/** A fatal drop is the fate of its packet, and the fate `dropped` names a fatal drop. */
function checkFates(trace: Trace): string[] {
  const problems: string[] = [];
  const records = new Map(trace.packets.map((p) => [p.id, p]));
  for (const event of trace.events) {
    if (event.kind !== 'drop' || !event.detail.fatal) continue;
    if (event.packet === null) {
      problems.push(`${name(event)}: a fatal drop without a packet`);
      continue;
    }
    const fate = records.get(event.packet)?.fate;
    if (fate?.kind !== 'dropped' || fate.seq !== event.seq)
      problems.push(
        `${name(event)}: fatal, but packet ${event.packet} is ${fate?.kind ?? 'unknown'}`,
      );
  }
  for (const record of trace.packets) problems.push(...checkFate(trace, record, records));
  return problems;
}

function checkFate(
  trace: Trace,
  { id, fate, parent }: PacketRecord,
  records: ReadonlyMap<PacketId, PacketRecord>,
): string[] {
  const problems: string[] = [];
  if (parent !== null && !records.has(parent))
    problems.push(`packet ${id}: its parent ${parent} does not exist`);
  if (fate.kind === 'replaced')
    for (const by of fate.by)
      if (!records.has(by)) problems.push(`packet ${id}: replaced by ${by}, which does not exist`);
  if (fate.kind === 'dropped') {
    const event = trace.events[fate.seq];
    const fits =
      event?.kind === 'drop' &&
      event.packet === id &&
      event.detail.fatal &&
      event.detail.reason === fate.reason;
    if (!fits) problems.push(`packet ${id}: event ${fate.seq} is not the drop that its fate names`);
    const after = lookupOf(trace)
      .eventsOf(id)
      .find((e) => e.seq > fate.seq);
    if (after !== undefined) problems.push(`packet ${id} was dropped, but ${name(after)} follows`);
  }
  return problems;
}

function checkMarks(trace: Trace): string[] {
  const problems: string[] = [];
  let last = 0;
  for (const { step, seq } of trace.marks) {
    if (seq < last || seq > trace.events.length)
      problems.push(`mark ${step}: ${seq} is out of order or behind the last event`);
    last = seq;
  }
  return problems;
}
