// Scenario text to a scenario: YAML (or JSON), migrated to the current version, validated, with the line and column of every mistake.
import * as v from 'valibot';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { issueDiagnostics } from '../../kube/objects/issues.ts';
import { readYaml } from '../../kube/objects/yaml.ts';
import { migrate } from './migrations.ts';
import { SCENARIO_VERSION, scenarioSchema } from './schema.ts';
import type { ScenarioDocument } from './schema.ts';

export interface Scenario extends ScenarioDocument {
  /** Where the parts stand in the text, so that what is found later can point there. */
  readonly lines: {
    readonly source: string;
    readonly cluster: number | null;
    readonly timeline: readonly (number | null)[];
    /** The line before the manifests' first, and the indentation that YAML took away. */
    readonly manifests: { readonly line: number; readonly indent: number } | null;
  };
}

export function decodeScenario(
  text: string,
  source = 'scenario',
): Result<Scenario, readonly Diagnostic[]> {
  const yaml = readYaml(text, source);
  if (yaml.diagnostics.length > 0) return err(yaml.diagnostics);
  const document = yaml.documents[0];
  const wrong = (path: readonly PropertyKey[], reason: string, fix: string) =>
    err([
      {
        severity: 'error',
        place: document?.place(path) ?? { source, line: null, column: null },
        reason,
        fix,
      } as const,
    ]);
  if (document === undefined || typeof document.value !== 'object' || document.value === null)
    return wrong([], 'the scenario is empty', 'start with `version: 1`');
  if (yaml.documents.length > 1)
    return wrong(
      [],
      'a scenario is one document; this text has several',
      'put Kubernetes objects under `manifests: |`',
    );
  const raw = document.value as Readonly<Record<string, unknown>>;
  const version = raw['version'];
  if (typeof version === 'number' && version > SCENARIO_VERSION)
    return wrong(
      ['version'],
      `this scenario was made with a newer version (${version})`,
      `open it with the latest release; this one reads up to ${SCENARIO_VERSION}`,
    );
  const parsed = v.safeParse(scenarioSchema, migrate(raw, SCENARIO_VERSION));
  if (!parsed.success) return err(issueDiagnostics(parsed.issues, document));
  const { output } = parsed;
  const line = (...path: PropertyKey[]): number | null => document.place(path).line;
  return ok({
    ...output,
    lines: {
      source,
      cluster: raw['cluster'] === undefined ? null : line('cluster'),
      timeline: output.timeline.map((_, i) => line('timeline', i)),
      manifests: document.block(['manifests']),
    },
  });
}
