// Calico's label selectors (libcalico-go/lib/selector): what a Kubernetes selector becomes, with the one spelling that names of sets and
// chains are hashed from.
import { assertNever } from '../../base/assert.ts';
import type { Labels, LabelSelector } from '../objects/meta.ts';

export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'equals'; readonly key: string; readonly value: string }
  | { readonly kind: 'in'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'notIn'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'has'; readonly key: string }
  | { readonly kind: 'lacks'; readonly key: string }
  | { readonly kind: 'and'; readonly terms: readonly Selector[] };

/** All of the terms; a single one stands for itself. */
export const allOf = (terms: readonly Selector[]): Selector =>
  terms.length === 1 ? terms[0]! : { kind: 'and', terms };

const quoted = (value: string): string => (value.includes('"') ? `'${value}'` : `"${value}"`);
const setOf = (values: readonly string[]): string =>
  `{${[...new Set(values)].sort().map(quoted).join(', ')}}`;

export function printSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'all':
      return 'all()';
    case 'equals':
      return `${selector.key} == ${quoted(selector.value)}`;
    case 'in':
      return `${selector.key} in ${setOf(selector.values)}`;
    case 'notIn':
      return `${selector.key} not in ${setOf(selector.values)}`;
    case 'has':
      return `has(${selector.key})`;
    case 'lacks':
      return `!has(${selector.key})`;
    case 'and':
      return `(${selector.terms.map(printSelector).join(' && ')})`;
    default:
      return assertNever(selector);
  }
}

/** A key that is absent satisfies `notIn` and `lacks`. */
export function selectorMatches(selector: Selector, labels: Labels): boolean {
  switch (selector.kind) {
    case 'all':
      return true;
    case 'equals':
      return labels[selector.key] === selector.value;
    case 'in':
      return selector.key in labels && selector.values.includes(labels[selector.key]!);
    case 'notIn':
      return !(selector.key in labels && selector.values.includes(labels[selector.key]!));
    case 'has':
      return selector.key in labels;
    case 'lacks':
      return !(selector.key in labels);
    case 'and':
      return selector.terms.every((term) => selectorMatches(term, labels));
    default:
      return assertNever(selector);
  }
}

const KINDS = { In: 'in', NotIn: 'notIn', Exists: 'has', DoesNotExist: 'lacks' } as const;

/** The terms of a Kubernetes selector: labels by key, then expressions as written. None: it selects everything. */
export const selectorTerms = (selector: LabelSelector, prefix = ''): readonly Selector[] => [
  ...Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]): Selector => ({ kind: 'equals', key: prefix + key, value })),
  ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }): Selector => ({
    kind: KINDS[operator],
    key: prefix + key,
    values,
  })),
];
