// Where to find things in a trace: packets by id, and which revision a packet had before an event. Built once a trace.
import { invariant } from '../../base/assert.ts';
import type { PacketId } from '../../wire/types.ts';
import type { PacketRecord, Seq, Trace, TraceEvent } from '../types.ts';

export interface Lookup {
  record(id: PacketId): PacketRecord;
  /** Events of a packet, in order. */
  eventsOf(id: PacketId): readonly TraceEvent[];
  /** The revision of the event's packet before it: that of its previous event, or the one it was born with. */
  revisionBefore(event: TraceEvent): number;
}

const lookups = new WeakMap<Trace, Lookup>();

export function lookupOf(trace: Trace): Lookup {
  let lookup = lookups.get(trace);
  if (lookup === undefined) lookups.set(trace, (lookup = createLookup(trace)));
  return lookup;
}

function createLookup(trace: Trace): Lookup {
  const records = new Map<PacketId, PacketRecord>(trace.packets.map((p) => [p.id, p]));
  const events = new Map<PacketId, TraceEvent[]>();
  const before = new Map<Seq, number>();
  for (const event of trace.events) {
    if (event.packet === null) continue;
    const list = events.get(event.packet) ?? [];
    before.set(event.seq, list.at(-1)?.revision ?? 0);
    list.push(event);
    events.set(event.packet, list);
  }
  return {
    record(id) {
      const record = records.get(id);
      invariant(record !== undefined, `no packet ${id} in the trace`);
      return record;
    },
    eventsOf: (id) => events.get(id) ?? [],
    revisionBefore: (event) => before.get(event.seq) ?? 0,
  };
}
