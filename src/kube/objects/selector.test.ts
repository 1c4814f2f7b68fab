import { describe, expect, it } from 'vitest';
import { matchesSelector } from './selector.ts';

const labels = { app: 'web', tier: 'front' };
const expr = (
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  key: string,
  ...values: string[]
) => ({
  matchExpressions: [{ key, operator, values }],
});

describe('label selectors', () => {
  it.each([
    [{}, true],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', tier: 'back' } }, false],
    [expr('In', 'app', 'api', 'web'), true],
    [expr('In', 'zone', 'a'), false],
    [expr('NotIn', 'app', 'web'), false],
    [expr('NotIn', 'zone', 'a'), true],
    [expr('Exists', 'tier'), true],
    [expr('DoesNotExist', 'tier'), false],
    [expr('DoesNotExist', 'zone'), true],
  ])('%j is %s', (selector, expected) => expect(matchesSelector(selector, labels)).toBe(expected));
});
