// A scenario as the engine takes it: the network of namespaces, the steps, and which endpoints random rules have to pick.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { LinuxNetwork, StepSpec } from '../../network/types.ts';
import { compileCluster } from '../../kube/compile.ts';
import type { CompiledCluster } from '../../kube/compile.ts';
import { parseManifests } from '../../kube/objects/parse.ts';
import type { Manifests } from '../../kube/objects/parse.ts';
import type { Scenario } from '../schema/decode.ts';
import { checkSysctls } from './sysctls.ts';
import { compileTimeline } from './timeline.ts';

export interface CompiledScenario {
  readonly network: LinuxNetwork;
  readonly steps: readonly StepSpec[];
  /** Listener that has to serve each flow, in order ('' = any); null where the scenario leaves all to the draw. */
  readonly servedBy: readonly string[] | null;
  readonly seed: number;
  readonly warnings: readonly Diagnostic[];
}

/** What stands before anything happens. It does not depend on the timeline. */
export interface Standing {
  readonly manifests: Manifests;
  readonly cluster: CompiledCluster;
}
/** The parts of a scenario that say what stands. */
export type Ground = Pick<Scenario, 'cluster' | 'manifests' | 'seed'>;

export function standing({ cluster, manifests: text, seed }: Ground): Standing {
  const manifests = parseManifests(text, 'manifests');
  return { manifests, cluster: compileCluster({ cluster, objects: manifests.objects, seed }) };
}

/** `onto`: what stands for the same ground, where it is known already. */
export function compileScenario(
  scenario: Scenario,
  onto = standing(scenario),
): Result<CompiledScenario, readonly Diagnostic[]> {
  const { manifests, cluster } = onto;
  const timeline = compileTimeline(scenario, cluster);
  const diagnostics = [
    ...manifests.diagnostics,
    ...cluster.diagnostics,
    ...checkSysctls(scenario.cluster),
    ...timeline.diagnostics,
  ].map((diagnostic) => inScenario(diagnostic, scenario));
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) return err(diagnostics);
  const free = timeline.servedBy.every((name) => name === null);
  return ok({
    network: cluster.network,
    steps: timeline.steps,
    servedBy: free ? null : timeline.servedBy.map((name) => name ?? ''),
    seed: scenario.seed,
    warnings: diagnostics,
  });
}

/** Positions inside `manifests: |` and `cluster:` as positions in the scenario's own text. */
function inScenario(diagnostic: Diagnostic, { lines }: Scenario): Diagnostic {
  const { place } = diagnostic;
  if (place.source === 'cluster') return { ...diagnostic, place: at(lines.source, lines.cluster) };
  if (place.source !== 'manifests' || lines.manifests === null || place.line === null)
    return diagnostic;
  const column = place.column === null ? null : place.column + lines.manifests.indent;
  return { ...diagnostic, place: at(lines.source, lines.manifests.line + place.line, column) };
}
