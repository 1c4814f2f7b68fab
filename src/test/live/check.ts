// One case of the live check: build, send, write down, predict, judge.
import type { Grade } from '../judge/grades.ts';
import { differences, judge } from '../judge/judge.ts';
import type { Verdict } from '../judge/judge.ts';
import { withoutRandomNumbers } from '../judge/rename.ts';
import { predictRuns } from '../judge/recording.ts';
import type { JsonObject, Run } from '../judge/types.ts';
import type { RecordingInput } from '../predict/recording.ts';
import { buildLab, Lacking } from './lab.ts';
import { withoutAppliances } from './appliances/index.ts';
import type { Agent } from './agent.ts';
import { KNOWN } from './known.ts';
import { needsOf } from './machine.ts';
import type { Machine } from './machine.ts';
import { recordRuns } from './record.ts';

export interface Case extends RecordingInput {
  readonly title: string;
  /** Made at random: what it shows may be known already. */
  readonly random?: boolean;
}

/** `served`: who answered, which a random rule may choose anew each time. */
export type Outcome =
  | { readonly kind: 'equal'; readonly served: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** The machine, not the engine: the network could not be built, or the capture is not whole. */
  | { readonly kind: 'broken'; readonly reason: string }
  | {
      readonly kind: 'different';
      readonly served: readonly string[];
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

const isTraced = ({ machine }: Bench): boolean => !machine.missing.has('trace');

/** Random rules are drawn again until the engine's draw is the kernel's; so often at most. */
const DRAWS = 24;

export async function check(bench: Bench, one: Case, keep: boolean): Promise<Outcome> {
  const lacking = needsOf(withoutAppliances(one.topology).network).filter((need) =>
    bench.machine.missing.has(need),
  );
  if (lacking.length > 0)
    return { kind: 'skipped', reason: `this kernel lacks ${lacking.join(', ')}` };
  const known = one.random === true ? KNOWN.find(({ holds }) => holds(one)) : undefined;
  if (known !== undefined)
    return { kind: 'skipped', reason: `a known difference (docs/fidelity.md): ${known.name}` };
  let runs: readonly Run[];
  await bench.agent.ask('close', {});
  try {
    const lab = { agent: bench.agent, prefix: bench.prefix, network: one.topology };
    await buildLab(lab, isTraced(bench));
    runs = await recordRuns(lab, one);
  } catch (error) {
    if (error instanceof Lacking) return { kind: 'skipped', reason: error.message };
    return { kind: 'broken', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    if (!keep) await bench.agent.ask('close', {});
  }
  const served = servedBy(one, runs);
  const verdicts = judgeDraws(bench, one, runs, served);
  return differences(verdicts).length === 0
    ? { kind: 'equal', served }
    : { kind: 'different', served, runs, verdicts };
}

function judgeDraws(
  bench: Bench,
  one: Case,
  runs: readonly Run[],
  served: readonly string[],
): readonly Verdict[] {
  const wanted = served.some((name) => name !== '') ? { ...one, want_served_by: served } : one;
  let best: readonly Verdict[] | null = null;
  for (let draw = 1; draw <= (isRandom(one) ? DRAWS : 1); draw++) {
    const verdicts = judge(
      { id: one.id, runs: runs.map(withoutRandomNumbers) },
      predictRuns(wanted, draw, isTraced(bench)).map(withoutRandomNumbers),
      bench.unknown,
    );
    if (best === null || differences(verdicts).length < differences(best).length) best = verdicts;
    if (differences(best).length === 0) break;
  }
  return best ?? [];
}

/** Do rules draw lots here: endpoints, or ports of a range? */
export const isRandom = (one: Case): boolean =>
  one.topology.namespaces.some(({ iptables = {} }) =>
    Object.values(iptables).some((text) => /--mode random|--to-source \S+:\d+-\d/.test(text)),
  );

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
