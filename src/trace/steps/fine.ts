// The two finer grains: every event (a chain walk as one), and every rule that a walk looked at.
import type { Trace, WalkStep } from '../types.ts';
import { makeStep } from './make.ts';
import { pathOf, placeEvents, type Placed } from './place.ts';
import { createNames, eventWords, slug, type Names } from './slug.ts';
import type { Journey, RuleLook, Step } from './types.ts';
import { walkSteps } from './walk.ts';

/** Longer stretches of rules that did not match are one step. */
export const STRETCH = 24;

/** Every event of the journey in order, named under the overview step that tells it. */
export function detailOf(trace: Trace, journey: Journey): readonly Step[] {
  const placed = placeAll(trace);
  const names = takenBy(journey);
  const parents = leaves(journey.overview);
  const parentOf = new Map(parents.flatMap((p) => p.events.map((seq) => [seq, p] as const)));
  const hidden = new Set(journey.background.flatMap((b) => b.events));
  const last = new Map<number, Placed>();
  const steps: Step[] = [];
  for (const event of trace.events) {
    const parent = parentOf.get(event.seq);
    if (parent === undefined || hidden.has(event.seq)) continue;
    const at = placed.get(event.seq)!;
    const before = event.packet === null ? undefined : last.get(event.packet);
    if (event.packet !== null) last.set(event.packet, at);
    const id = names([...parent.id.split('.'), ...eventWords(event)]);
    steps.push(
      makeStep(trace, 'detail', id, {
        topic: 'event',
        phase: parent.phase,
        forward: parent.forward,
        title: `${event.site.netns} ${eventWords(event).map(slug).join(' ')}`,
        placed: [at],
        path: pathOf(trace, [at], before?.station ?? null),
        anchor: event,
      }),
    );
  }
  return steps;
}

/** The same with each chain walk replaced by the rules that it looked at. */
export function rulesOf(trace: Trace, journey: Journey): readonly Step[] {
  const detail = detailOf(trace, journey);
  const names = takenBy(journey);
  for (const step of detail) names([step.id]);
  const placed = placeAll(trace);
  return detail.flatMap((step) => {
    const event = trace.events[step.anchor]!;
    if (event.kind !== 'nf.walk') return [{ ...step, grain: 'rules' as const }];
    const { family, table } = event.detail;
    return looks(walkSteps(trace, event), (chain, rule) => ({ family, table, chain, rule })).map(
      (look) =>
        makeStep(
          trace,
          'rules',
          names([...step.id.split('.'), look.rule.chain, `${look.rule.rule}`]),
          {
            topic: look.outcome === 'passed' ? 'passed' : 'rule',
            phase: step.phase,
            forward: step.forward,
            title: `${step.netns} ${table} ${look.rule.chain} ${look.rule.rule}`,
            placed: [placed.get(event.seq)!],
            path: step.path,
            anchor: event,
            look,
          },
        ),
    );
  });
}

function looks(
  walk: readonly WalkStep[],
  ref: (chain: string, rule: number) => RuleLook['rule'],
): readonly RuleLook[] {
  return walk.flatMap((s) => {
    const passed: RuleLook[] = [];
    const count = s.rule - s.from;
    const look = (rule: number, to: number): RuleLook => ({
      rule: ref(s.chain, rule),
      to,
      outcome: 'passed',
      target: '',
      mark: s.mark,
    });
    if (count > STRETCH) passed.push(look(s.from, s.rule - 1));
    else for (let rule = s.from; rule < s.rule; rule++) passed.push(look(rule, rule));
    const outcome = s.kind === 'rule' ? ('matched' as const) : s.kind;
    return [
      ...passed,
      { rule: ref(s.chain, s.rule), to: s.rule, outcome, target: s.target, mark: s.mark },
    ];
  });
}

function placeAll(trace: Trace): ReadonlyMap<number, Placed> {
  const groups = new Map<number | null, (typeof trace.events)[number][]>();
  for (const event of trace.events) {
    const list = groups.get(event.packet) ?? [];
    list.push(event);
    groups.set(event.packet, list);
  }
  return new Map(
    [...groups.values()].flatMap((g) =>
      placeEvents(trace, g).map((p) => [p.event.seq, p] as const),
    ),
  );
}

/** The finest steps of the overview: stations, not whole packets. */
export const leaves = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((s) => (s.expandable ? leaves(s.children) : [s]));

function takenBy(journey: Journey): Names {
  const names = createNames();
  const take = (steps: readonly Step[]): void => {
    for (const step of steps) {
      names([step.id]);
      take(step.children);
    }
  };
  take(journey.overview);
  return names;
}
