// Where the packet is, as a breadcrumb of machines and pods: each crumb leads to the first step there.
import { useEffect, useRef } from 'react';
import { journeyOf, type Step } from '../../trace/steps/index.ts';
import { en } from '../messages/en.ts';
import { stepNow } from '../store/player.ts';
import { usePlayer, useStores } from '../store/stores.ts';
import { phaseLabel } from './phase.ts';
import { keepInView } from './scroll.ts';

interface Crumb {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly phase: Step['phase']['kind'];
  readonly flow: string | null;
}

const NONE: readonly Step[] = [];

/** Runs of steps at the same place in the same phase. */
export function crumbsOf(steps: readonly Step[]): readonly Crumb[] {
  const crumbs: Crumb[] = [];
  steps.forEach((step, i) => {
    const folded = step.topic === 'packet' || step.topic === 'packets';
    const label = folded || step.phase.kind === 'conversation' ? '' : placeOf(step);
    const last = crumbs.at(-1);
    const same =
      last !== undefined &&
      last.phase === step.phase.kind &&
      last.flow === step.phase.flow &&
      (last.label === label || label === '');
    if (same) crumbs[crumbs.length - 1] = { ...last, to: i };
    else crumbs.push({ label, from: i, to: i, phase: step.phase.kind, flow: step.phase.flow });
  });
  return crumbs;
}

const range = ({ from, to }: Crumb): string =>
  from === to ? `${from + 1}` : `${from + 1}–${to + 1}`;

const placeOf = (step: Step): string =>
  step.topic === 'wire' ? en.token.wire : (step.path[0]?.netns ?? step.netns ?? '');

/** Crumbs are those of the overview at every grain, so that they stay where they are. */
export function PathBar() {
  const { player } = useStores();
  const trace = usePlayer((s) => s.trace);
  const step = usePlayer(stepNow);
  const bar = useRef<HTMLElement>(null);
  const overview = trace === null ? NONE : journeyOf(trace).overview;
  const crumbs = crumbsOf(overview);
  const index = step === null ? -1 : overview.findIndex((s) => s.events.includes(step.anchor));
  const now = crumbs.findIndex((c) => index >= c.from && index <= c.to);
  const detail = step?.hook ?? (step?.topic === 'wire' ? null : (step?.dev ?? null));
  useEffect(() => {
    const current = bar.current?.querySelector<HTMLElement>('[aria-current]');
    if (bar.current !== null && current != null) keepInView(bar.current, current, 'x');
  }, [now, detail]);
  return (
    <nav className="pathbar" data-region="PathBar" aria-label={en.path.label} ref={bar}>
      <ol>
        {crumbs.map((crumb, i) => {
          const begins =
            i === 0 || crumbs[i - 1]!.phase !== crumb.phase || crumbs[i - 1]!.flow !== crumb.flow;
          return (
            <li
              key={crumb.from}
              className={begins ? 'crumb crumb-first' : 'crumb'}
              data-phase={crumb.phase}
            >
              {begins && (
                <span className="crumb-phase">
                  {phaseLabel(trace, overview[crumb.from]!.phase)}
                </span>
              )}
              {crumb.label !== '' || crumb.phase === 'conversation' ? (
                <button
                  type="button"
                  aria-current={i === now ? 'location' : undefined}
                  onClick={() => player.getState().seekEvent(overview[crumb.from]!.anchor)}
                >
                  {crumb.label === '' ? range(crumb) : crumb.label}
                  {i === now && crumb.label !== '' && detail !== null && (
                    <span className="crumb-detail"> · {detail}</span>
                  )}
                </button>
              ) : null}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
