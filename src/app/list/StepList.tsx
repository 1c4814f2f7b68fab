// The journey as a list: where, what, before and after. It says all that the picture shows.
import { memo, useEffect, useRef, type ReactNode } from 'react';
import type { Grain, Step } from '../../trace/steps/index.ts';
import { GRAINS } from '../../trace/steps/station.ts';
import type { Trace } from '../../trace/types.ts';
import { en } from '../messages/en.ts';
import { tell } from '../presenters/index.ts';
import { indexNow, stepsNow } from '../store/player.ts';
import { usePlayer, useStores } from '../store/stores.ts';
import { Icon } from '../shell/Icon.tsx';
import { phaseLabel } from '../shell/phase.ts';
import { keepInView } from '../shell/scroll.ts';

/** More items than this are laid out only where they can be seen. */
const LONG = 120;

/** `inline`: what is shown under the current step, where there is no other place for it. */
export function StepList({
  inline,
  hidden = false,
}: {
  readonly inline?: ReactNode;
  readonly hidden?: boolean;
}) {
  const { player } = useStores();
  const steps = usePlayer(stepsNow);
  const index = usePlayer(indexNow);
  const trace = usePlayer((s) => s.trace);
  const grain = usePlayer((s) => s.grain);
  const expanded = usePlayer((s) => s.expanded);
  const scroller = useRef<HTMLDivElement>(null);
  const current = steps[index]?.id ?? null;
  useEffect(() => {
    const box = scroller.current;
    const item = box?.querySelector<HTMLElement>('[aria-current="step"]')?.closest('li') ?? null;
    if (box === null || item === null) return;
    keepInView(box, item, 'y', inline !== undefined);
    // Items of a long list get their height when they come into view: look again.
    const again = requestAnimationFrame(() => keepInView(box, item, 'y', inline !== undefined));
    return () => cancelAnimationFrame(again);
  }, [current, hidden, steps, inline]);
  return (
    <section
      className="steplist"
      id="step-list"
      data-region="StepList"
      aria-labelledby="step-list-title"
      hidden={hidden}
    >
      <div className="steplist-head">
        <h2 id="step-list-title">{en.list.title}</h2>
        <label className="grain">
          <span className="visually-hidden">{en.list.grain}</span>
          <select
            value={grain}
            onChange={(event) => player.getState().setGrain(event.target.value as Grain)}
          >
            {GRAINS.map((g) => (
              <option key={g} value={g}>
                {en.list.grains[g]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="steplist-scroll" ref={scroller} data-scrolls>
        {trace !== null && (
          <ol className={steps.length > LONG ? 'steps-long' : undefined}>
            {steps.map((step, i) => (
              <StepItem
                key={step.id}
                trace={trace}
                step={step}
                number={i + 1}
                current={i === index}
                done={i < index}
                begins={i === 0 || !samePhase(steps[i - 1]!, step)}
                foldOf={foldBefore(steps, i, expanded)}
                onSeek={player.getState().seekIndex}
                onExpand={player.getState().expand}
              >
                {i === index ? inline : null}
              </StepItem>
            ))}
          </ol>
        )}
      </div>
    </section>
  );
}

const samePhase = (a: Step, b: Step): boolean =>
  a.phase.kind === b.phase.kind && a.phase.flow === b.phase.flow;

/** The open fold whose first child this step is. */
function foldBefore(
  steps: readonly Step[],
  i: number,
  expanded: ReadonlySet<string>,
): string | null {
  for (const id of expanded)
    if (steps[i]!.id.startsWith(`${id}.`) && steps[i - 1]?.id.startsWith(`${id}.`) !== true)
      return id;
  return null;
}

interface ItemProps {
  readonly trace: Trace;
  readonly step: Step;
  readonly number: number;
  readonly current: boolean;
  readonly done: boolean;
  readonly begins: boolean;
  readonly foldOf: string | null;
  readonly onSeek: (index: number) => void;
  readonly onExpand: (id: string, open: boolean) => void;
  readonly children: ReactNode;
}

const StepItem = memo(function StepItem({
  trace,
  step,
  number,
  current,
  done,
  begins,
  foldOf,
  onSeek,
  onExpand,
  children,
}: ItemProps) {
  const told = tell(trace, step);
  const token = step.tokens[0];
  return (
    <li
      className={`step ${current ? 'step-now' : done ? 'step-done' : 'step-todo'}`}
      data-phase={step.phase.kind}
      data-token={token}
    >
      {begins && <p className="step-phase">{phaseLabel(trace, step.phase)}</p>}
      <div className="step-row">
        <button
          type="button"
          className="step-button"
          aria-current={current ? 'step' : undefined}
          onClick={() => onSeek(number - 1)}
        >
          <span className="step-number">{number}</span>
          <span className="step-text">
            <span className="step-where">{told.where}</span>
            <span className="step-title">{told.title}</span>
            {step.grain !== 'overview' && <span className="step-what">{told.what}</span>}
            {told.change !== null && (
              <span className="step-change">
                <span>{told.change.before}</span>{' '}
                <span aria-label={en.list.wasTo} role="img">
                  →
                </span>{' '}
                <span>{told.change.after}</span>
              </span>
            )}
          </span>
          {token !== undefined && (
            <span
              className="step-token"
              role="img"
              aria-label={en.token[token]}
              title={en.token[token]}
            >
              <Icon name={token} />
            </span>
          )}
        </button>
        {step.expandable && (
          <button
            type="button"
            className="button icon-button step-fold"
            aria-label={en.list.expand}
            title={en.list.expand}
            onClick={() => onExpand(step.id, true)}
          >
            <Icon name="open" />
          </button>
        )}
        {foldOf !== null && (
          <button
            type="button"
            className="button icon-button step-fold"
            aria-label={en.list.collapse}
            title={en.list.collapse}
            onClick={() => onExpand(foldOf, false)}
          >
            <Icon name="fold" />
          </button>
        )}
      </div>
      {children}
    </li>
  );
});
