// Names of steps: readable, made of the field's words, and the same as long as this step is in the journey at all.
import type { HookName, Trace, TraceEvent } from '../types.ts';
import type { Placed } from './place.ts';
import type { Phase, Topic } from './types.ts';

export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'x';

/** Gives out each name once; a second asker gets `name-2`. */
export function createNames() {
  const taken = new Set<string>();
  return (parts: readonly string[]): string => {
    const base = parts.map(slug).join('.');
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    return name;
  };
}
export type Names = ReturnType<typeof createNames>;

/** The first flow of a journey needs no name. */
export function phaseParts(trace: Trace, phase: Phase): readonly string[] {
  const first = trace.packets.find((p) => p.flow !== null)?.flow ?? null;
  return phase.flow === null || phase.flow === first ? [phase.kind] : [phase.flow, phase.kind];
}

export function natWord(event: TraceEvent<'nat.rewrite'>): string {
  const { manip, undo } = event.detail;
  if (undo) return manip === 'src' ? 'un-dnat' : 'un-snat';
  return manip === 'dst' ? 'dnat' : 'snat';
}

/** The hook at which it happens; a packet that is dropped at a hook stays there. */
export const hookOf = (at: Placed | undefined): HookName | null =>
  at?.station.kind === 'hook' ? at.station.hook : null;

/** Words for a section: hook first where there is one. */
export function topicWords(
  topic: Topic,
  anchor: TraceEvent,
  at: Placed | undefined,
): readonly string[] {
  const hook = (hookOf(at) ?? '').toLowerCase();
  const outer = (at?.depth ?? 0) > 0 ? 'outer-' : '';
  switch (topic) {
    case 'send':
      return ['socket'];
    case 'nat':
      return [hook, anchor.kind === 'nat.rewrite' ? natWord(anchor) : 'nat'];
    case 'walk':
      return [hook, 'nat-rules'];
    case 'prerouting':
      return [`${outer}prerouting`, 'conntrack'];
    case 'ingress':
      return [`${outer}prerouting`];
    case 'egress':
      return [`${outer}forward-postrouting`];
    case 'local-out':
      return [`${outer}output`];
    case 'local-in':
      return [`${outer}input`];
    case 'forward':
    case 'postrouting':
      return [`${outer}${topic}`];
    case 'drop':
      return hook === '' ? ['drop'] : [hook, 'drop'];
    default:
      return [topic];
  }
}

/** The part of a detail step's name that says which event it is. */
export function eventWords(event: TraceEvent): readonly string[] {
  switch (event.kind) {
    case 'nf.walk':
      return [`${event.detail.hook.toLowerCase()}-${event.detail.table}`];
    case 'nat.rewrite':
      return [natWord(event)];
    case 'nat.setup':
      return [`nat-setup-${event.detail.manip}`];
    case 'dev.rx':
    case 'dev.tx':
      return [`${event.kind === 'dev.rx' ? 'rx' : 'tx'}-${event.site.dev ?? 'device'}`];
    case 'process.call':
      return [event.detail.call];
    default:
      return [event.kind.replace('.', '-')];
  }
}
