// Packets at a moment, and what an event changed in one: derived from revisions, never stored.
import { invariant } from '../../base/assert.ts';
import { diffPackets } from '../../wire/codec/diff.ts';
import type { FieldChange, Packet, PacketId } from '../../wire/types.ts';
import type { Seq, Trace, TraceEvent } from '../types.ts';
import { lookupOf } from './lookup.ts';

/** The packet after its last event up to and including `seq`; before its first event, as it was born. */
export function packetAt(trace: Trace, id: PacketId, seq: Seq): Packet {
  const lookup = lookupOf(trace);
  const events = lookup.eventsOf(id);
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.seq <= seq) low = middle + 1;
    else high = middle;
  }
  return revisionOf(trace, id, low === 0 ? 0 : events[low - 1]!.revision);
}

export function revisionOf(trace: Trace, id: PacketId, revision: number): Packet {
  const packet = lookupOf(trace).record(id).revisions[revision];
  invariant(packet !== undefined, `packet ${id} has no revision ${revision}`);
  return packet;
}

const changes = new WeakMap<TraceEvent, readonly FieldChange[]>();

/** The fields that the event changed in its packet, without lengths and checksums, which follow from them. */
export function changesOf(trace: Trace, event: TraceEvent): readonly FieldChange[] {
  let known = changes.get(event);
  if (known === undefined) changes.set(event, (known = diffEvent(trace, event)));
  return known;
}

function diffEvent(trace: Trace, event: TraceEvent): readonly FieldChange[] {
  if (event.packet === null) return [];
  const before = lookupOf(trace).revisionBefore(event);
  if (before === event.revision) return [];
  return diffPackets(
    revisionOf(trace, event.packet, before),
    revisionOf(trace, event.packet, event.revision),
  );
}

/** The same between any two revisions, for a step of several events; `derived` adds lengths and checksums. */
export const changesBetween = (
  trace: Trace,
  id: PacketId,
  before: number,
  after: number,
  derived = false,
): readonly FieldChange[] =>
  diffPackets(revisionOf(trace, id, before), revisionOf(trace, id, after), { derived });
