// Label selectors (apimachinery labels.Selector). A key that is absent satisfies NotIn and DoesNotExist.
import { assertNever } from '../../base/assert.ts';
import type { Labels, LabelSelector } from './meta.ts';

export const matchesLabels = (wanted: Labels, labels: Labels | undefined): boolean =>
  Object.entries(wanted).every(([key, value]) => labels?.[key] === value);

/** An empty selector selects everything; an absent one is the caller's case. */
export function matchesSelector(selector: LabelSelector, labels: Labels | undefined): boolean {
  if (!matchesLabels(selector.matchLabels ?? {}, labels)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return assertNever(operator);
    }
  });
}
