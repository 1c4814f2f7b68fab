// One case of the live check: build, send, write down, predict, judge.
import type { Grade } from '../judge/grades.ts';
import { differences, judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/judge.ts';
import { predictRuns } from '../judge/recording.ts';
import type { JsonObject, Run } from '../judge/types.ts';
import type { RecordingInput } from '../predict/recording.ts';
import { buildLab, Lacking } from './lab.ts';
import type { Agent } from './agent.ts';
import { needsOf } from './machine.ts';
import type { Machine } from './machine.ts';
import { recordRuns } from './record.ts';

export interface Case extends RecordingInput {
  readonly title: string;
}

export type Outcome =
  | { readonly kind: 'equal' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'different';
      readonly runs: readonly Run[];
      readonly verdicts: readonly Verdict[];
    };

export interface Bench {
  readonly agent: Agent;
  readonly prefix: string;
  readonly machine: Machine;
  /** Grades that this machine cannot record. */
  readonly unknown: Partial<Readonly<Record<Grade, string>>>;
}

/** Random rules are drawn again until the engine's draw is the kernel's; so often at most. */
const DRAWS = 24;

export async function check(bench: Bench, one: Case, keep: boolean): Promise<Outcome> {
  const lacking = needsOf(one.topology).filter((need) => bench.machine.missing.has(need));
  if (lacking.length > 0)
    return { kind: 'skipped', reason: `this kernel lacks ${lacking.join(', ')}` };
  let runs: readonly Run[];
  await bench.agent.ask('close', {});
  try {
    const lab = await buildLab(bench.agent, bench.prefix, one.topology);
    runs = await recordRuns(lab, one);
  } catch (error) {
    if (error instanceof Lacking) return { kind: 'skipped', reason: error.message };
    throw error;
  } finally {
    if (!keep) await bench.agent.ask('close', {});
  }
  const verdicts = judgeDraws(bench, one, runs);
  return differences(verdicts).length === 0
    ? { kind: 'equal' }
    : { kind: 'different', runs, verdicts };
}

function judgeDraws(bench: Bench, one: Case, runs: readonly Run[]): readonly Verdict[] {
  const served = servedBy(one, runs);
  const { want_served_by: _, ...input } = one;
  const wanted = served.some((name) => name !== '') ? { ...input, want_served_by: served } : input;
  const isRandom = one.topology.namespaces.some(({ iptables = {} }) =>
    Object.values(iptables).some((text) => text.includes('--mode random')),
  );
  let best: readonly Verdict[] | null = null;
  for (let draw = 1; draw <= (isRandom ? DRAWS : 1); draw++) {
    const verdicts = judge({ id: one.id, runs }, predictRuns(wanted, draw), bench.unknown);
    if (best === null || differences(verdicts).length < differences(best).length) best = verdicts;
    if (differences(best).length === 0) break;
  }
  return best ?? [];
}

/** Who served each flow, as the kernel's random rules chose; '' where nobody did. */
function servedBy(one: Case, runs: readonly Run[]): readonly string[] {
  const flows = one.steps.filter((step) => step.do === 'flow');
  return runs.flatMap((run, i) => {
    if (flows[i]?.setup === true) return [];
    const result = Array.isArray(run.result)
      ? (run.result as readonly JsonObject[])[0]
      : run.result;
    const name = (result as JsonObject | undefined)?.['served_by'];
    return [typeof name === 'string' ? name : ''];
  });
}
