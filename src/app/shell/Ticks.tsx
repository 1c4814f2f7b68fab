// Marks over the scrubber: one a step, taller where a phase begins, shaped where the packet is rewritten, wrapped or lost.
import { memo } from 'react';
import type { Step } from '../../trace/steps/index.ts';
import { stepsNow } from '../store/player.ts';
import { usePlayer } from '../store/stores.ts';

export function Ticks() {
  return <TickMarks steps={usePlayer(stepsNow)} />;
}

const SHAPES = {
  nat: 'M0 3l4-3 4 3-4 3z',
  encap: 'M1 0h6v6H1z',
  decap: 'M1 0h6v6H1z',
  drop: 'M1 0l6 6M7 0L1 6',
} as const;
const loud = (step: Step): keyof typeof SHAPES | null =>
  (['drop', 'nat', 'encap', 'decap'] as const).find((token) => step.tokens[0] === token) ?? null;

const TickMarks = memo(function TickMarks({ steps }: { readonly steps: readonly Step[] }) {
  // More marks than pixels say nothing.
  const every = Math.ceil(steps.length / 120);
  const at = (i: number): string => `${steps.length < 2 ? 0 : (100 * i) / (steps.length - 1)}%`;
  return (
    <svg className="ticks" aria-hidden="true">
      {steps.map((step, i) => {
        const begins = i > 0 && steps[i - 1]!.phase.kind !== step.phase.kind;
        if (!begins && i % every !== 0) return null;
        return (
          <line
            key={step.id}
            className={begins ? 'tick tick-phase' : 'tick'}
            x1={at(i)}
            x2={at(i)}
            y1={begins ? 0 : 10}
            y2={16}
          />
        );
      })}
      {steps.map((step, i) => {
        const shape = loud(step);
        return shape === null || every > 2 ? null : (
          <svg key={step.id} x={at(i)} y={1} overflow="visible">
            <path className={`tick-${shape}`} d={SHAPES[shape]} transform="translate(-4 0)" />
          </svg>
        );
      })}
    </svg>
  );
});
