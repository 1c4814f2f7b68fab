// One thread (a packet and its copies) as sections, before it is decided whether the journey shows them or folds them.
import type { PacketId } from '../../wire/types.ts';
import type { Seq, Trace, TraceEvent } from '../types.ts';
import { cut, type Section } from './cut.ts';
import { merge } from './merge.ts';
import { eventsByPacket, pathOf, placeEvents } from './place.ts';
import type { Resolution } from './resolve.ts';
import type { Thread } from './threads.ts';
import type { Station } from './types.ts';

export interface UnitSection extends Section {
  readonly packet: PacketId;
  readonly path: readonly Station[];
  /** Events of copies and of processes that are told here. */
  readonly extra: readonly TraceEvent[];
}
export interface Unit {
  readonly thread: Thread;
  readonly first: Seq;
  readonly sections: readonly UnitSection[];
  readonly resolutions: readonly Resolution[];
}

export function unitsOf(
  trace: Trace,
  threads: readonly Thread[],
  resolutions: readonly Resolution[],
  attached: ReadonlyMap<Seq, readonly TraceEvent[]>,
): readonly Unit[] {
  const byPacket = eventsByPacket(trace);
  const asked = new Set(resolutions.flatMap((r) => r.events.map((e) => e.seq)));
  const seen = new Set<string>();
  const starts = (t: Thread): Seq => byPacket.get(t.root.id)?.[0]?.seq ?? (Infinity as Seq);
  return threads
    .filter((t) => !t.isResolution && starts(t) < Infinity)
    .sort((a, b) => starts(a) - starts(b))
    .map((thread) => {
      const sections: { -readonly [K in keyof UnitSection]: UnitSection[K] }[] = [];
      for (const id of thread.members) {
        const events = (byPacket.get(id) ?? []).filter((e) => !asked.has(e.seq));
        if (events.length === 0) continue;
        const placed = placeEvents(trace, events);
        const cuts = merge(trace, cut(trace.topology, placed), seen);
        const isCopy = id !== thread.root.id;
        let last: Station | null = null;
        for (const section of cuts) {
          const path = pathOf(trace, section.placed, last);
          last = path.at(-1) ?? last;
          const own = section.placed.map((p) => p.event);
          const twin = isCopy
            ? sameStop(sections, section, trace.packets[id - 1]!.fate.kind)
            : null;
          if (twin === null) sections.push({ ...section, packet: id, path, extra: [] });
          else twin.extra = [...twin.extra, ...own];
        }
      }
      for (const section of sections) {
        const more = section.placed.flatMap((p) => attached.get(p.event.seq) ?? []);
        section.extra = [...section.extra, ...more];
      }
      sections.sort((a, b) => a.placed[0]!.event.seq - b.placed[0]!.event.seq);
      return {
        thread,
        first: starts(thread),
        sections,
        resolutions: resolutions.filter(
          (r) => r.waiting !== null && thread.members.includes(r.waiting),
        ),
      };
    });
}

/** Copies and pieces that go the same way are told with the first one. */
function sameStop<S extends UnitSection>(
  sections: readonly S[],
  section: Section,
  fate: string,
): S | null {
  const at = section.placed[0]!.event;
  const twin = sections.find(
    (s) => s.topic === section.topic && s.placed[0]!.event.site.netns === at.site.netns,
  );
  if (twin !== undefined) return twin;
  if (fate !== 'ignored') return null;
  return sections.findLast((s) => s.placed[0]!.event.seq < at.seq) ?? sections[0] ?? null;
}
