// What is checked: recordings and built-in scenarios, picked at random, and variations, made at random; or what a person asks for.
import { readFileSync } from 'node:fs';
import { printDiagnostic } from '../../base/diagnostic.ts';
import { createRng } from '../../base/rng.ts';
import { compileScenario } from '../../scenario/compile/compile.ts';
import { loadScenario, scenarioIds } from '../../scenario/library/index.ts';
import type { ScenarioId } from '../../scenario/library/index.ts';
import { decodeScenario } from '../../scenario/schema/decode.ts';
import { readRecordings } from '../judge/recording.ts';
import type { RecordingInput } from '../predict/recording.ts';
import { applianceCases } from './appliances/cases.ts';
import type { Case } from './check.ts';
import { clusterCases } from './clusters.ts';
import type { Options } from './options.ts';
import { variation } from './vary/index.ts';
import { policyVariation } from './vary/policies.ts';

/** By the letter that their ids begin with. */
const MADE = { v: variation, p: policyVariation };
/** For so many variations one of a cluster with policies. */
const POLICY_SHARE = 5;

export async function casesOf(options: Options): Promise<readonly Case[]> {
  if (options.replay.length > 0)
    return options.replay.map((file) => caseOf(JSON.parse(readFileSync(file, 'utf8')) as Case));
  const recordings =
    options.recordings === null ? [] : readRecordings(options.recordings).map(caseOf);
  const scenarios = [...(await Promise.all(scenarioIds.map(scenarioCase))), ...applianceCases()];
  if (options.only.length > 0)
    return options.only.flatMap((id) => {
      const [, kind, seed, n] = /^([vp])-(\d+)-(\d+)$/.exec(id) ?? [];
      if (kind !== undefined) return [MADE[kind as keyof typeof MADE](Number(seed), Number(n))];
      return [...recordings, ...scenarios, ...clusterCases()].filter((one) => one.id === id);
    });
  const some = (count: number, make: typeof variation): readonly Case[] =>
    Array.from({ length: count }, (_, n) => make(options.seed, n));
  const made = [
    ...some(options.variations, MADE.v),
    ...some(Math.ceil(options.variations / POLICY_SHARE), MADE.p),
  ];
  return [
    ...pick(recordings, options.count, options.seed),
    ...(options.scenarios === 0 ? [] : pick(scenarios, options.scenarios, options.seed)),
    ...pickClusters(options),
    ...made,
  ];
}

/** `--clusters all` is every row of the table, and takes half an hour. */
const pickClusters = ({ clusters, seed }: Options): readonly Case[] =>
  clusters === 0 ? [] : pick(clusterCases(), clusters === 'all' ? 0 : clusters, seed);

/** A built-in scenario, as the network and the steps that it becomes. */
async function scenarioCase(id: ScenarioId): Promise<Case> {
  const scenario = decodeScenario(await loadScenario(id));
  const compiled = scenario.ok ? compileScenario(scenario.value) : scenario;
  if (!compiled.ok) throw new Error(`${id}: ${compiled.error.map(printDiagnostic).join('; ')}`);
  const { network, steps } = compiled.value;
  return { id, title: `scenario ${id}`, topology: network, steps };
}

/** Nothing of a recording's results goes on. */
const caseOf = (one: RecordingInput & { readonly title?: string }): Case => ({
  id: one.id,
  title: one.title ?? '',
  topology: one.topology,
  steps: one.steps,
});

function pick<T>(list: readonly T[], count: number, seed: number): readonly T[] {
  if (count === 0 || count >= list.length) return list;
  const rng = createRng(seed, 'recordings');
  const rest = [...list];
  return Array.from({ length: count }, () => rest.splice(rng.u32() % rest.length, 1)[0]!);
}
