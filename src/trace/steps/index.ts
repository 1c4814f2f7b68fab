// Steps of a trace, memoised by trace: everything that shows, lists or links to steps starts here.
import type { Trace } from '../types.ts';
import { detailOf, rulesOf } from './fine.ts';
import { overviewOf } from './overview.ts';
import type { Grain, Journey, Step } from './types.ts';

export type * from './types.ts';

const journeys = new WeakMap<Trace, Journey>();
const fine = new WeakMap<Trace, Map<Grain, readonly Step[]>>();

export function journeyOf(trace: Trace): Journey {
  let journey = journeys.get(trace);
  if (journey === undefined) journeys.set(trace, (journey = overviewOf(trace)));
  return journey;
}

/** All steps of a grain. `expanded`: ids of overview steps whose children take their place. */
export function stepsOf(
  trace: Trace,
  grain: Grain,
  expanded: ReadonlySet<string> = new Set(),
): readonly Step[] {
  const journey = journeyOf(trace);
  if (grain === 'overview') return expand(journey.overview, expanded);
  let lists = fine.get(trace);
  if (lists === undefined) fine.set(trace, (lists = new Map()));
  let list = lists.get(grain);
  if (list === undefined)
    lists.set(
      grain,
      (list = grain === 'detail' ? detailOf(trace, journey) : rulesOf(trace, journey)),
    );
  return list;
}

const expand = (steps: readonly Step[], open: ReadonlySet<string>): readonly Step[] =>
  steps.flatMap((s) => (s.expandable && open.has(s.id) ? expand(s.children, open) : [s]));

/** Where a step id is to be found: its grain, and the folds that must be open to show it. */
export function findStep(
  trace: Trace,
  id: string,
): { readonly grain: Grain; readonly open: readonly string[]; readonly step: Step } | null {
  const search = (steps: readonly Step[], open: readonly string[]): ReturnType<typeof findStep> => {
    for (const step of steps) {
      if (step.id === id) return { grain: 'overview', open, step };
      const inside = step.expandable ? search(step.children, [...open, step.id]) : null;
      if (inside !== null) return inside;
    }
    return null;
  };
  const found = search(journeyOf(trace).overview, []);
  if (found !== null) return found;
  for (const grain of ['detail', 'rules'] as const) {
    const step = stepsOf(trace, grain).find((s) => s.id === id);
    if (step !== undefined) return { grain, open: [], step };
  }
  return null;
}
