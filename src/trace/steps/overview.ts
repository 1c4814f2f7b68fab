// The journey at the grain a reader starts with: the first request and the first reply of each flow station by station, everything
// else a packet a step, and never more than LIMIT steps.
import type { Trace, TraceEvent } from '../types.ts';
import { anchorOf } from './anchor.ts';
import { looseEvents } from './loose.ts';
import { makeStep } from './make.ts';
import { placeEvents, sameStation } from './place.ts';
import { resolutionsOf, type Resolution } from './resolve.ts';
import { createNames, phaseParts, topicWords, type Names } from './slug.ts';
import { threadsOf } from './threads.ts';
import type { Bucket, Journey, Phase, Step } from './types.ts';
import { unitsOf, type Unit } from './units.ts';

export const LIMIT = 45;

export function overviewOf(trace: Trace, limit = LIMIT): Journey {
  const threads = threadsOf(trace);
  const resolutions = resolutionsOf(trace, threads);
  const loose = looseEvents(trace);
  const units = unitsOf(trace, threads, resolutions, loose.attached);
  const flows = units.filter((u) => u.thread.root.flow !== null);
  const names = createNames();
  const open = openUnits(flows, limit - loose.alone.length);
  const steps = [
    ...flows.flatMap((u) =>
      open.has(u) ? unitSteps(trace, names, u, []) : [packetStep(trace, names, u)],
    ),
    ...loose.alone.map((event) => aloneStep(trace, names, event)),
  ];
  steps.sort((a, b) => a.events[0]! - b.events[0]!);
  return {
    overview: shorten(trace, names, steps, limit),
    background: background(units, resolutions, loose),
  };
}

/** Which packets are shown station by station: in order of what a reader must see, as many as fit. */
function openUnits(units: readonly Unit[], limit: number): ReadonlySet<Unit> {
  const kinds = (u: Unit): number => {
    const { phase, root, word } = u.thread;
    if (phase.kind === 'request') return 0;
    if (phase.kind === 'reply') return 1;
    return root.fate.kind === 'dropped' || word === 'icmp-error' ? 2 : 9;
  };
  const flows = [...new Set(units.map((u) => u.thread.phase.flow))];
  const ranked = units
    .map((u) => ({ u, flow: flows.indexOf(u.thread.phase.flow), kind: kinds(u) }))
    .filter((r) => r.kind < 9)
    .sort((a, b) => a.flow - b.flow || a.kind - b.kind || a.u.first - b.u.first);
  const open = new Set<Unit>();
  let count = units.length;
  for (const { u, kind, flow } of ranked) {
    const cost = u.sections.length + u.resolutions.length - 1;
    const must = flow === 0 && kind === 0;
    if (!must && count + cost > limit) continue;
    open.add(u);
    count += cost;
  }
  return open;
}

function unitSteps(
  trace: Trace,
  names: Names,
  unit: Unit,
  under: readonly string[],
): readonly Step[] {
  const { phase } = unit.thread;
  const prefix = under.length > 0 ? under : phaseParts(trace, phase);
  const steps = unit.sections.map((section) => {
    const anchor = anchorOf(section);
    const at = section.placed.find((p) => p.event === anchor);
    const words = topicWords(section.topic, anchor, at);
    return makeStep(trace, 'overview', names([...prefix, anchor.site.netns, ...words]), {
      topic: section.topic,
      phase,
      forward: unit.thread.forward,
      title: [anchor.site.netns, ...words].join(' '),
      placed: section.placed,
      path: section.path,
      anchor,
      extra: section.extra,
    });
  });
  const asked = unit.resolutions.map((r) => resolutionStep(trace, names, r, phase, prefix));
  return [...steps, ...asked].sort((a, b) => a.events[0]! - b.events[0]!);
}

function resolutionStep(
  trace: Trace,
  names: Names,
  r: Resolution,
  phase: Phase,
  prefix: readonly string[],
): Step {
  const netns = r.events[0]!.site.netns;
  return makeStep(trace, 'overview', names([...prefix, netns, r.word, r.ip]), {
    topic: 'resolve',
    phase,
    title: `${netns} ${r.word.toUpperCase()} ${r.ip}`,
    placed: placeEvents(trace, r.events),
    path: r.path,
    anchor: r.anchor,
  });
}

/** A whole packet as one step; its stations may take its place. */
function packetStep(trace: Trace, names: Names, unit: Unit): Step {
  const { thread } = unit;
  const side = thread.forward ? 'client' : 'server';
  const name = [...phaseParts(trace, thread.phase), side, thread.word];
  const id = names(name);
  const children = unitSteps(trace, names, unit, [id]);
  const placed = unit.sections.flatMap((s) => s.placed);
  const about =
    placed.find((p) => p.event.kind === 'drop' && p.event.detail.fatal) ?? placed.at(-1)!;
  const path = unit.sections
    .flatMap((s) => s.path)
    .filter((s, i, all) => i === 0 || !sameStation(s, all[i - 1]!));
  return makeStep(trace, 'overview', id, {
    topic: 'packet',
    phase: thread.phase,
    forward: thread.forward,
    title: `${side} ${thread.word}`,
    placed,
    path,
    anchor: about.event,
    extra: [...unit.sections.flatMap((s) => s.extra), ...unit.resolutions.flatMap((r) => r.events)],
    children,
    expandable: true,
  });
}

function aloneStep(trace: Trace, names: Names, event: TraceEvent): Step {
  const topic =
    event.kind === 'process.result' ? 'result' : event.kind === 'command' ? 'command' : 'process';
  const flow = event.kind === 'process.result' ? event.detail.flow : null;
  const phase: Phase = { kind: flow === null ? 'around' : 'conversation', flow };
  const name = event.kind === 'process.call' ? event.detail.call : topic;
  return makeStep(
    trace,
    'overview',
    names([event.site.netns, name, ...(flow === null ? [] : [flow])]),
    {
      topic,
      phase,
      title: `${event.site.netns} ${name}`,
      placed: placeEvents(trace, [event]),
      path: [{ kind: 'socket', netns: event.site.netns }],
      anchor: event,
    },
  );
}

/** Joins runs of whole packets until the journey is short enough: the longest quiet stretch first, never across a loss. */
function shorten(
  trace: Trace,
  names: Names,
  steps: readonly Step[],
  limit: number,
): readonly Step[] {
  const list = [...steps];
  const quiet = (s: Step | undefined): boolean =>
    s !== undefined &&
    (s.topic === 'packet' || s.topic === 'packets') &&
    !s.tokens.includes('drop');
  while (list.length > limit) {
    const at = list.findLastIndex(
      (s, i) => quiet(s) && quiet(list[i - 1]) && s.phase.flow === list[i - 1]!.phase.flow,
    );
    if (at < 1) break;
    let from = at - 1;
    const room = list.length - limit;
    while (
      from > 0 &&
      at - from < room &&
      quiet(list[from - 1]) &&
      list[from - 1]!.phase.flow === list[at]!.phase.flow
    )
      from--;
    list.splice(from, at - from + 1, join(trace, names, list.slice(from, at + 1)));
  }
  return list;
}

function join(trace: Trace, names: Names, parts: readonly Step[]): Step {
  const last = parts.at(-1)!;
  const children = parts.flatMap((p) => (p.topic === 'packets' ? p.children : [p]));
  const events = parts.flatMap((p) => p.events).map((seq) => trace.events[seq]!);
  const step = makeStep(trace, 'overview', names([...phaseParts(trace, last.phase), 'packets']), {
    topic: 'packets',
    phase: last.phase,
    forward: last.forward,
    title: `${children.length} packets`,
    placed: [],
    path: last.path,
    anchor: trace.events[last.anchor]!,
    extra: events,
    children,
    expandable: true,
  });
  return step;
}

function background(
  units: readonly Unit[],
  resolutions: readonly Resolution[],
  loose: ReturnType<typeof looseEvents>,
): readonly Bucket[] {
  const seqs = (events: readonly TraceEvent[]) => events.map((e) => e.seq).sort((a, b) => a - b);
  const other = units.filter((u) => u.thread.root.flow === null);
  const served = new Set(
    units.filter((u) => u.thread.root.flow !== null).flatMap((u) => u.resolutions),
  );
  const buckets: Bucket[] = [
    { name: 'setup', events: seqs(loose.setup) },
    { name: 'timers', events: seqs(loose.timers) },
    {
      name: 'neighbour upkeep',
      events: seqs(resolutions.filter((r) => !served.has(r)).flatMap((r) => r.events)),
    },
    {
      name: 'other traffic',
      events: seqs(
        other.flatMap((u) =>
          u.sections.flatMap((s) => [...s.placed.map((p) => p.event), ...s.extra]),
        ),
      ),
    },
  ];
  return buckets.filter((b) => b.events.length > 0);
}
