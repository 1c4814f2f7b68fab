// JSON read by the fast way says what the YAML parser would: the same values, the same places.
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readJson } from './json.ts';
import { readYaml } from './yaml.ts';

/** A comment makes YAML of it, on the last line, so that nothing moves. */
const bothWays = (text: string) => [readYaml(text, 's'), readYaml(`${text}\n# yaml`, 's')] as const;

function pathsOf(value: unknown, path: readonly PropertyKey[] = []): (readonly PropertyKey[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value)
    ? value.map((one, i) => [i, one] as const)
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

describe('readJson', () => {
  it('gives the values and places of the YAML parser', () => {
    const word = fc.string({ unit: 'grapheme-ascii', maxLength: 8 }).filter((w) => w !== '<<');
    const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
      leaf: fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 4 },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    let compared = 0;
    fc.assert(
      fc.property(
        tree.filter((value) => typeof value === 'object' && value !== null),
        fc.constantFrom(undefined, 1, 2),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          const [fast, slow] = bothWays(text);
          expect(fast.documents[0]?.value).toEqual(value);
          if (slow.diagnostics.length > 0) return;
          compared++;
          for (const path of pathsOf(value))
            expect([path, fast.documents[0]?.place(path)]).toEqual([
              path,
              slow.documents[0]?.place(path),
            ]);
        },
      ),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(75);
  });
  it('finds the nearest thing around what is not there', () => {
    const document = readJson('{\n  "a": [\n    {"b": 1}\n  ]\n}', 's', 64);
    expect(document?.place(['a', 0, 'c', 'd'])).toEqual({ source: 's', line: 3, column: 5 });
    expect(document?.place(['x'])).toEqual({ source: 's', line: 1, column: 1 });
  });
  it.each([
    ['not JSON', '{a: 1}'],
    ['several documents', '{"a": 1}\n---\n{"a": 2}'],
    ['a key twice', '{"a": 1, "a": 2}'],
    ['an escaped key twice', String.raw`{"a": 1, "\u0061": 2}`],
    ['a merge key', '{"<<": {"a": 1}}'],
    ['deep nesting', `${'['.repeat(70)}${']'.repeat(70)}`],
  ])('leaves %s to the YAML parser', (_, text) => {
    expect(readJson(text, 's', 64)).toBe(null);
  });
  it('is stopped by what the YAML parser is stopped by', () => {
    const [twice] = bothWays('{"a": 1, "a": 2}');
    expect(twice.diagnostics[0]?.reason).toMatch(/unique/);
    expect(parseAllDocuments('{"a": 1, "a": 2}')).toHaveLength(1);
  });
});
