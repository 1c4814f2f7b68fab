// The documents keep up with the code: what they name exists, and what they must name is there.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { matches } from './netfilter/matches/index.ts';
import { targets } from './netfilter/targets/index.ts';
import { layers } from './test/layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('links to files that exist', () => {
    const targetsOf = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(
      ([, to]) => to ?? '',
    );
    const missing = targetsOf.filter((to) => !existsSync(join(root, dirname(document), to)));
    expect(missing).toEqual([]);
  });

  it('names paths that exist', () => {
    const paths = [...text.matchAll(/`((?:src|tools|docs|bench|e2e)\/[^`<>]*)`/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => !existsSync(join(root, path)));
    expect(paths).toEqual([]);
  });
});

describe('the architecture page', () => {
  it('has a row for every layer, in the words of tools/layers.json', () => {
    const rows = new Map(
      [...read('ARCHITECTURE.md').matchAll(/^\|\s*`([a-z/]+)`\s*\|(.*)$/gm)].map(
        ([, name = '', row = '']) => [name, row] as const,
      ),
    );
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(layers).toSorted());
    for (const [name, { packages }] of Object.entries(layers))
      for (const one of packages.filter((known) => /^[a-z.]+$/.test(known)))
        if (!name.includes('/editor')) expect(rows.get(name), `${name}: ${one}`).toContain(one);
  });
});

describe('the glossary', () => {
  const glossary = read('docs/glossary.md');
  const kinds = [
    ...read('src/trace/types.ts').matchAll(
      /^ {2}readonly '?([a-z]+(?:\.[a-z]+)?)'?: (?:HookDevices & )?\{$/gm,
    ),
  ]
    .map(([, kind = '']) => kind)
    .filter((kind) => kind.includes('.'));

  it.each([
    ['match', Object.keys(matches)],
    ['target', Object.keys(targets)],
    ['kind of event', kinds],
  ])('has every %s', (_, names) => {
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !glossary.includes(`\`${name}\``))).toEqual([]);
  });
});
