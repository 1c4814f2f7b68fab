// The layers of src/ are one-way: tools/layers.json says who may import whom, and these tests hold every file to it.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  importsOf,
  isTest,
  layerOf,
  layers,
  minimumFiles,
  modulesOf,
  violationsOf,
} from './test/layers.ts';

const src = fileURLToPath(new URL('.', import.meta.url));
const modules = modulesOf(src);
const check = (path: string, source: string): readonly string[] =>
  violationsOf({ path, imports: importsOf(path, source) });

describe('the layers of src/', () => {
  it(`are read from at least ${minimumFiles} files`, () => {
    // A check that looks at nothing would pass for ever.
    expect(modules.filter(({ path }) => !isTest(path)).length).toBeGreaterThanOrEqual(minimumFiles);
    expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(minimumFiles);
  });

  it('are kept by every file', () => {
    expect(modules.flatMap(violationsOf)).toEqual([]);
  });

  it('have no way back: what a layer may import never imports it in turn', () => {
    const reach = (name: string, seen: Set<string>): Set<string> => {
      for (const next of layers[name]?.imports ?? []) {
        const top = next.split('/')[0] ?? next;
        if (top === name || seen.has(top)) continue;
        seen.add(top);
        reach(top, seen);
      }
      return seen;
    };
    const tops = Object.keys(layers).filter((name) => !name.includes('/') && name !== 'test');
    expect(tops.filter((name) => reach(name, new Set()).has(name))).toEqual([]);
  });

  it('keep the engine out of the page: the app knows it as a trace', () => {
    const forbidden = ['net', 'conntrack', 'netfilter', 'kernel', 'kube', 'scenario/compile'];
    for (const engine of forbidden)
      expect(check('app/canvas/x.ts', `import { a } from '../../${engine}/a.ts';`)).toEqual([
        `app/canvas/x.ts (app) must not import ${engine}/a.ts`,
      ]);
    for (const engine of forbidden)
      expect(check('trace/export/x.ts', `import { a } from '../../${engine}/a.ts';`)).toHaveLength(
        1,
      );
  });
});

describe('the check itself', () => {
  it('finds an upward import in each of its forms', () => {
    const forms = [
      `import { run } from '../kernel/run.ts';`,
      `import type { Run } from '../kernel/run.ts';`,
      `import '../kernel/run.ts';`,
      `export { run } from '../kernel/run.ts';`,
      `export * from '../kernel/run.ts';`,
      `const run = import('../kernel/run.ts');`,
      `type Run = import('../kernel/run.ts').Run;`,
      `const url = new URL('../kernel/run.ts', import.meta.url);`,
      `import text from '../kernel/run.ts?raw';`,
    ];
    for (const form of forms)
      expect(check('wire/bad.ts', form)).toEqual([
        'wire/bad.ts (wire) must not import kernel/run.ts',
      ]);
  });

  it('lets a layer import itself and what is below it', () => {
    expect(check('wire/good.ts', `import { ok } from '../base/result.ts';`)).toEqual([]);
    expect(check('wire/good.ts', `import { a } from './codec/a.ts';`)).toEqual([]);
    expect(check('kube/objects/good.ts', `import { a } from '../proxy/a.ts';`)).toEqual([]);
  });

  it('knows packages layer by layer', () => {
    expect(check('wire/addr/a.ts', `import ip from 'ipaddr.js';`)).toEqual([]);
    expect(check('wire/a.ts', `import ip from 'ipaddr.js';`)).toHaveLength(1);
    expect(check('kernel/a.ts', `import { readFileSync } from 'node:fs';`)).toHaveLength(1);
    expect(check('app/a.tsx', `import { m } from 'framer-motion/m';`)).toEqual([]);
    expect(check('app/a.tsx', `import { m } from 'framer-motion-other';`)).toHaveLength(1);
    expect(check('app/editor/a.ts', `import { EditorView } from '@codemirror/view';`)).toEqual([]);
    expect(check('app/a.ts', `import { EditorView } from '@codemirror/view';`)).toHaveLength(1);
  });

  it('knows parts of a layer', () => {
    expect(check('app/a.ts', `import { a } from '../scenario/schema/a.ts';`)).toEqual([]);
    expect(check('app/a.ts', `import { a } from '../worker/client.ts';`)).toEqual([]);
    expect(check('app/a.ts', `import { a } from '../worker/client-tools.ts';`)).toHaveLength(1);
    expect(check('app/a.ts', `import { a } from '../worker/engine.ts';`)).toHaveLength(1);
    expect(layerOf('wire/addr/ipv4.ts')).toBe('wire/addr');
    expect(layerOf('wire/address.ts')).toBe('wire');
  });

  it('refuses a file outside of all layers, and an import from outside of src/', () => {
    expect(check('elsewhere/a.ts', '')).toEqual([
      'elsewhere/a.ts is in no layer of tools/layers.json',
    ]);
    expect(check('wire/a.ts', `import { a } from '../../tools/a.ts';`)).toHaveLength(1);
  });
});
