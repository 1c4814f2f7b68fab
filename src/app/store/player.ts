// Where the reader stands. The cursor is the id of a step; the list it stands in follows from trace, grain and open folds.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { findStep, stepsOf, type Grain, type Step } from '../../trace/steps/index.ts';
import type { Seq, Trace } from '../../trace/types.ts';

export const RATES = [0.25, 0.5, 1, 2, 4] as const;

export interface PlayerState {
  readonly trace: Trace | null;
  readonly grain: Grain;
  /** Folds that are open. */
  readonly expanded: ReadonlySet<string>;
  readonly cursor: string | null;
  readonly playing: boolean;
  readonly rate: number;
  /** Counts moves, so that the picture can tell a step from a jump. */
  readonly move: { readonly count: number; readonly kind: 'step' | 'jump' };

  open(trace: Trace | null): void;
  /** False: there is no such step. */
  seek(step: string | number): boolean;
  seekIndex(index: number): void;
  /** To the step of the present grain that tells this event. */
  seekEvent(seq: Seq): void;
  next(): void;
  previous(): void;
  first(): void;
  last(): void;
  toggle(): void;
  pause(): void;
  setRate(rate: number): void;
  setGrain(grain: Grain): void;
  expand(id: string, open: boolean): void;
}
export type PlayerStore = StoreApi<PlayerState>;

const NONE: readonly Step[] = [];

/** The steps that the reader goes through now. */
export const stepsNow = (s: Pick<PlayerState, 'trace' | 'grain' | 'expanded'>): readonly Step[] =>
  s.trace === null ? NONE : memo(s.trace, s.grain, s.expanded);

let last: {
  trace: Trace;
  grain: Grain;
  expanded: ReadonlySet<string>;
  steps: readonly Step[];
} | null = null;
function memo(trace: Trace, grain: Grain, expanded: ReadonlySet<string>): readonly Step[] {
  if (last?.trace !== trace || last.grain !== grain || last.expanded !== expanded)
    last = { trace, grain, expanded, steps: stepsOf(trace, grain, expanded) };
  return last.steps;
}

export function indexNow(s: Pick<PlayerState, 'trace' | 'grain' | 'expanded' | 'cursor'>): number {
  const at = stepsNow(s).findIndex((step) => step.id === s.cursor);
  return at < 0 ? 0 : at;
}

export const stepNow = (
  s: Pick<PlayerState, 'trace' | 'grain' | 'expanded' | 'cursor'>,
): Step | null => stepsNow(s)[indexNow(s)] ?? null;

/** The step of another list that tells the same moment. */
function sameMoment(steps: readonly Step[], from: Step | null): string | null {
  if (from === null) return steps[0]?.id ?? null;
  const exact =
    steps.find((s) => s.id === from.id) ?? steps.find((s) => s.events.includes(from.anchor));
  return (exact ?? steps.findLast((s) => s.events[0]! <= from.anchor) ?? steps[0])?.id ?? null;
}

export const createPlayer = (): PlayerStore =>
  createStore<PlayerState>((set, get) => {
    const goto = (
      cursor: string | null,
      kind: 'step' | 'jump',
      more: Partial<PlayerState> = {},
    ): void => set((s) => ({ cursor, move: { count: s.move.count + 1, kind }, ...more }));
    const to = (index: number, kind: 'step' | 'jump'): void => {
      const steps = stepsNow(get());
      const step = steps[Math.max(0, Math.min(steps.length - 1, index))];
      if (step !== undefined && step.id !== get().cursor) goto(step.id, kind);
    };
    return {
      trace: null,
      grain: 'overview',
      expanded: new Set(),
      cursor: null,
      playing: false,
      rate: 1,
      move: { count: 0, kind: 'jump' },

      open: (trace) => {
        const cursor = trace === null ? null : (stepsOf(trace, 'overview')[0]?.id ?? null);
        goto(cursor, 'jump', { trace, grain: 'overview', expanded: new Set(), playing: false });
      },
      seek(wanted) {
        const { trace, expanded } = get();
        if (trace === null) return false;
        if (typeof wanted === 'number') {
          const steps = stepsNow(get());
          if (wanted < 1 || wanted > steps.length) return false;
          goto(steps[wanted - 1]!.id, 'jump', { playing: false });
          return true;
        }
        const found = findStep(trace, wanted);
        if (found === null) return false;
        const open = found.open.every((id) => expanded.has(id))
          ? expanded
          : new Set([...expanded, ...found.open]);
        goto(found.step.id, 'jump', { playing: false, grain: found.grain, expanded: open });
        return true;
      },
      seekIndex: (index) => {
        set({ playing: false });
        to(index, Math.abs(index - indexNow(get())) === 1 ? 'step' : 'jump');
      },
      seekEvent(seq) {
        const at = stepsNow(get()).findIndex((s) => s.events.includes(seq));
        if (at >= 0) get().seekIndex(at);
      },
      next: () => to(indexNow(get()) + 1, 'step'),
      previous: () => to(indexNow(get()) - 1, 'step'),
      first: () => to(0, 'jump'),
      last: () => to(stepsNow(get()).length - 1, 'jump'),
      toggle() {
        const s = get();
        if (!s.playing && indexNow(s) === stepsNow(s).length - 1) to(0, 'jump');
        set({ playing: !s.playing && stepsNow(s).length > 1 });
      },
      pause: () => set({ playing: false }),
      setRate: (rate) => set({ rate }),
      setGrain(grain) {
        const s = get();
        if (s.trace === null || grain === s.grain) return;
        const steps = stepsNow({ ...s, grain });
        goto(sameMoment(steps, stepNow(s)), 'jump', { grain, playing: false });
      },
      expand(id, open) {
        const s = get();
        const expanded = new Set(s.expanded);
        if (open) expanded.add(id);
        else expanded.delete(id);
        const now = stepNow(s);
        const steps = stepsNow({ ...s, expanded });
        const inside = now === null || steps.some((step) => step.id === now.id) ? now : null;
        const target =
          open && now?.id === id
            ? (findStep(s.trace!, id)?.step.children[0]?.id ?? null)
            : (inside?.id ?? (open ? (steps[0]?.id ?? null) : id));
        goto(target, 'jump', { expanded, playing: false });
      },
    };
  });
