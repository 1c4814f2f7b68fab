// Issues of a valibot schema as diagnostics with the line of the field.
import type * as v from 'valibot';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { YamlDocument } from './yaml.ts';

export const pathOf = (issue: v.BaseIssue<unknown>): readonly PropertyKey[] =>
  (issue.path ?? []).map((item) => item.key as PropertyKey);

/** `spec.ports[0].port` */
export const printPath = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );

export function issueDiagnostics(
  issues: readonly v.BaseIssue<unknown>[],
  document: YamlDocument,
  prefix: readonly PropertyKey[] = [],
): Diagnostic[] {
  return issues.map((issue) => {
    const path = pathOf(issue);
    const name = printPath(path);
    const missing = issue.received === 'undefined' && issue.kind === 'schema';
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    return {
      severity: 'error',
      place: document.place([...prefix, ...path]),
      reason: missing
        ? `\`${name}\` is missing`
        : unknown
          ? `\`${name}\` is not a field here`
          : `\`${name}\`: ${issue.message}`,
      fix: missing
        ? `add \`${name}\``
        : unknown
          ? 'remove it, or correct its spelling'
          : issue.expected === null
            ? null
            : `expected ${issue.expected}`,
    };
  });
}
