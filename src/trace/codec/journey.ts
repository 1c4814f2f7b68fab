// The two long lists of a trace on a tape. What every event and every write has is written by place, details and layers by shape.
import type { Nanos } from '../../base/queue.ts';
import type { PacketId } from '../../wire/types.ts';
import type {
  PacketRecord,
  Row,
  Seq,
  Site,
  TableId,
  TableWrite,
  Trace,
  TraceEvent,
} from '../types.ts';
import { createTapeReader } from './read.ts';
import type { TapeReader } from './read.ts';
import type { Tape } from './tape.ts';
import { createTapeWriter } from './write.ts';
import type { TapeWriter } from './write.ts';

export type Journey = Pick<Trace, 'events' | 'packets'>;

/** Sequence numbers count from 0 and packets from 1. */
const NONE = -1;
const NO_WRITES: readonly TableWrite[] = [];

export function writeJourney({ events, packets }: Journey): Tape {
  const tape = createTapeWriter();
  tape.int(events.length);
  for (const event of events) writeEvent(tape, event);
  tape.value(packets);
  return tape.finish();
}

export function readJourney(from: Tape): Journey {
  const tape = createTapeReader(from);
  const events: TraceEvent[] = [];
  for (let left = tape.int(); left > 0; left--) events.push(readEvent(tape));
  return { events, packets: tape.value() as readonly PacketRecord[] };
}

function writeEvent(tape: TapeWriter, event: TraceEvent): void {
  const { kind, seq, at, cause, packet, revision, site, writes, detail } = event;
  tape.text(kind);
  tape.int(seq);
  tape.double(at);
  tape.int(cause ?? NONE);
  tape.int(packet ?? NONE);
  tape.int(revision);
  tape.value(site);
  tape.int(writes.length);
  for (const write of writes) writeWrite(tape, write);
  tape.value(detail);
}

function readEvent(tape: TapeReader): TraceEvent {
  return {
    kind: tape.text(),
    seq: tape.int() as Seq,
    at: tape.double() as Nanos,
    cause: orNull(tape.int()) as Seq | null,
    packet: orNull(tape.int()) as PacketId | null,
    revision: tape.int(),
    site: tape.value() as Site,
    writes: readWrites(tape),
    detail: tape.value(),
    // The kind says the type of the detail, and both came from one event.
  } as TraceEvent;
}

function writeWrite(tape: TapeWriter, { netns, table, key, before, after }: TableWrite): void {
  tape.text(netns);
  tape.text(table);
  tape.text(key);
  tape.value(before);
  tape.value(after);
}

function readWrites(tape: TapeReader): readonly TableWrite[] {
  const count = tape.int();
  if (count === 0) return NO_WRITES;
  const writes: TableWrite[] = [];
  for (let i = 0; i < count; i++)
    writes.push({
      netns: tape.text(),
      table: tape.text() as TableId,
      key: tape.text(),
      before: tape.value() as Row | null,
      after: tape.value() as Row | null,
    });
  return writes;
}

const orNull = (number: number): number | null => (number === NONE ? null : number);
