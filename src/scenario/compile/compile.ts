// A scenario as the engine takes it: the network of namespaces, the steps, and which endpoints random rules have to pick.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { LinuxNetwork, StepSpec } from '../../network/types.ts';
import { compileCluster } from '../../kube/compile.ts';
import { parseManifests } from '../../kube/objects/parse.ts';
import type { Scenario } from '../schema/decode.ts';
import { compileTimeline } from './timeline.ts';

export interface CompiledScenario {
  readonly network: LinuxNetwork;
  readonly steps: readonly StepSpec[];
  /** Listener that has to serve each flow, in order ('' = any); null where the scenario leaves all to the draw. */
  readonly servedBy: readonly string[] | null;
  readonly seed: number;
  readonly warnings: readonly Diagnostic[];
}

export function compileScenario(
  scenario: Scenario,
): Result<CompiledScenario, readonly Diagnostic[]> {
  const manifests = parseManifests(scenario.manifests, 'manifests');
  const cluster = compileCluster({
    cluster: scenario.cluster,
    objects: manifests.objects,
    seed: scenario.seed,
  });
  const timeline = compileTimeline(scenario, cluster);
  const diagnostics = [
    ...manifests.diagnostics,
    ...cluster.diagnostics,
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
