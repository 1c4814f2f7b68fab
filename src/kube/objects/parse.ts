// Manifests as `kubectl apply -f` takes them: several YAML documents or JSON, `List` kinds, objects copied from a cluster with all
// their server-side fields. Every object that could be read comes out; everything else is a diagnostic with its line.
import * as v from 'valibot';
import type { Diagnostic, Place } from '../../base/diagnostic.ts';
import { isKind, kinds } from './index.ts';
import type { KubeObject } from './index.ts';
import { issueDiagnostics, printPath } from './issues.ts';
import { findPaths, unmodelled } from './unmodelled.ts';
import { readYaml } from './yaml.ts';
import type { YamlDocument } from './yaml.ts';

export interface PlacedObject {
  readonly object: KubeObject;
  readonly place: Place;
}
export interface Manifests {
  readonly objects: readonly PlacedObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Kinds that are read elsewhere or that never touch a packet: not worth a warning. */
const QUIET = new Set([
  'ClusterRole', 'ClusterRoleBinding', 'CronJob', 'CustomResourceDefinition', 'Event',
  'HorizontalPodAutoscaler', 'LimitRange', 'PersistentVolume', 'PersistentVolumeClaim',
  'PodDisruptionBudget', 'PriorityClass', 'ResourceQuota', 'Role', 'RoleBinding', 'Secret',
  'ServiceAccount', 'StorageClass',
]); // prettier-ignore

export function parseManifests(text: string, source = 'manifests'): Manifests {
  const yaml = readYaml(text, source);
  const objects: PlacedObject[] = [];
  const diagnostics: Diagnostic[] = [...yaml.diagnostics];
  for (const document of yaml.documents)
    if (document.value !== null && document.value !== undefined)
      readObject(withoutNulls(document.value), document, [], objects, diagnostics);
  const seen = new Map<string, Place>();
  for (const { object, place } of objects) {
    const key = `${object.kind} ${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;
    const first = seen.get(key);
    if (first !== undefined)
      diagnostics.push({
        severity: 'error',
        place,
        reason: `${key} is written twice (first at line ${first.line})`,
        fix: 'rename one of them, or merge them',
      });
    seen.set(key, place);
  }
  return { objects, diagnostics };
}

const withKind = (item: unknown, kind: string | null): unknown =>
  kind === null || typeof item !== 'object' || item === null || 'kind' in item
    ? item
    : { ...item, kind };

function readObject(
  value: unknown,
  document: YamlDocument,
  path: readonly PropertyKey[],
  objects: PlacedObject[],
  diagnostics: Diagnostic[],
): void {
  const place = document.place(path);
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : null;
  if (typeof kind !== 'string') {
    diagnostics.push({
      severity: 'error',
      place,
      reason: 'this is no Kubernetes object: it has no `kind`',
      fix: 'start with `apiVersion:` and `kind:`',
    });
    return;
  }
  if (kind.endsWith('List') && typeof value === 'object' && value !== null && 'items' in value) {
    const items = Array.isArray(value.items) ? (value.items as unknown[]) : [];
    // Items of a typed list (`PodList`, as the API answers) do not repeat their kind.
    const each = kind === 'List' ? null : kind.slice(0, -'List'.length);
    items.forEach((item, i) =>
      readObject(withKind(item, each), document, [...path, 'items', i], objects, diagnostics),
    );
    return;
  }
  if (!isKind(kind)) {
    if (!QUIET.has(kind))
      diagnostics.push({
        severity: 'warning',
        place: document.place([...path, 'kind']),
        reason: `${kind} is not modelled: the journey is computed without it`,
        fix: null,
      });
    return;
  }
  const parsed = v.safeParse(kinds[kind] as v.GenericSchema<unknown, KubeObject>, value);
  if (!parsed.success) {
    diagnostics.push(...issueDiagnostics(parsed.issues, document, path));
    return;
  }
  for (const field of unmodelled[kind])
    for (const found of findPaths(value, field.path))
      diagnostics.push({
        severity: 'warning',
        place: document.place([...path, ...found]),
        reason: `\`${printPath(found)}\` ${field.why}`,
        fix: field.fix,
      });
  objects.push({ object: parsed.output, place });
}

/** To the API server a null field is an absent one. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}
