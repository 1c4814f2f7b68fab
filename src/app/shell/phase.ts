// What a phase is called: with its flow's name where a journey has several.
import type { Phase } from '../../trace/steps/index.ts';
import type { Trace } from '../../trace/types.ts';
import { en } from '../messages/en.ts';

export function phaseLabel(trace: Trace | null, phase: Phase): string {
  const label = en.phase[phase.kind];
  const flows = new Set(trace?.packets.map((p) => p.flow).filter((f) => f !== null));
  return phase.flow === null || flows.size < 2
    ? label
    : en.phaseOf({ phase: label, flow: phase.flow });
}
