import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance } from './distance.ts';
import { parseLocation, printLocation } from './location.ts';
import type { Location } from './location.ts';

const known = ['clusterip', 'nodeport', 'hairpin'];
const none = { step: null, view: {}, other: [] };

describe('parseLocation', () => {
  it.each<[string, string, string, Location]>([
    ['nothing', '', '', { kind: 'home', ...none }],
    [
      'a built-in at a step',
      '?scenario=clusterip&step=request.node-a.prerouting.dnat',
      '',
      {
        kind: 'scenario',
        scenario: 'clusterip',
        pinned: null,
        ...none,
        step: 'request.node-a.prerouting.dnat',
      },
    ],
    [
      'a step by number',
      '?scenario=clusterip&step=7',
      '',
      { kind: 'scenario', scenario: 'clusterip', pinned: null, ...none, step: 7 },
    ],
    [
      'a pinned version',
      '?scenario=nodeport@2',
      '',
      { kind: 'scenario', scenario: 'nodeport', pinned: 2, ...none },
    ],
    [
      'view and knobs',
      '?utm=x&scenario=nodeport&etp=Local&theme=dark',
      '',
      {
        kind: 'scenario',
        scenario: 'nodeport',
        pinned: null,
        step: null,
        view: { theme: 'dark' },
        other: [
          ['utm', 'x'],
          ['etp', 'Local'],
        ],
      },
    ],
    [
      'a custom document',
      '?step=3',
      '#s=1.5.abc.xyz',
      { kind: 'custom', payload: '1.5.abc.xyz', ...none, step: 3 },
    ],
    [
      'a misspelt scenario',
      '?scenario=clutserip',
      '',
      {
        kind: 'unknown',
        code: 'E_UNKNOWN_SCENARIO',
        scenario: 'clutserip',
        suggestions: ['clusterip'],
        ...none,
      },
    ],
    [
      'a scenario like nothing we know',
      '?scenario=__proto__',
      '',
      {
        kind: 'unknown',
        code: 'E_UNKNOWN_SCENARIO',
        scenario: '__proto__',
        suggestions: [],
        ...none,
      },
    ],
  ])('reads %s', (_, search, hash, expected) => {
    expect(parseLocation(search, hash, known)).toEqual(expected);
  });

  it('reads what printLocation wrote', () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).filter((s) => !/^[\d]+$/.test(s));
    const reserved = ['scenario', 'step', 'view', 'panel', 'theme', 'speed', 'lang'];
    const other = fc.array(
      fc.tuple(
        word.filter((k) => !reserved.includes(k)),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.option(fc.oneof(word, fc.integer({ min: 1, max: 999 })), { nil: null }),
        fc.option(fc.integer({ min: 1, max: 99 }), { nil: null }),
        other,
        (scenario, step, pinned, rest) => {
          const location: Location = {
            kind: 'scenario',
            scenario,
            pinned,
            step,
            view: { theme: 'dark' },
            other: rest,
          };
          const { search, hash } = printLocation(location);
          expect(parseLocation(search, hash, known)).toEqual(location);
        },
      ),
    );
  });

  it('writes short links', () => {
    const { search } = printLocation(parseLocation('?step=dnat&scenario=clusterip', '', known));
    expect(search).toBe('?scenario=clusterip&step=dnat');
  });
});

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['clutserip', 'clusterip', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));
  it('suggests nearest first', () => {
    expect(didYouMean('nodport', ['hairpin', 'nodeports', 'nodeport'])).toEqual([
      'nodeport',
      'nodeports',
    ]);
  });
});
