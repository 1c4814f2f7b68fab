// Which module imports which: read from the sources with oxc, judged by tools/layers.json. Used by src/architecture.test.ts alone.
import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import table from '../../tools/layers.json' with { type: 'json' };

interface Layer {
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}
export const layers: Readonly<Record<string, Layer>> = table.layers;
export const minimumFiles = table.minimumFiles;

/** Path from src/, with `/`: `wire/addr/ipv4.ts`. */
export type ModulePath = string;
export interface Module {
  readonly path: ModulePath;
  readonly imports: readonly string[];
}

/** A test stands beside what it tests, and may use any layer to do so. */
export const isTest = (path: ModulePath): boolean => /\.test\.tsx?$/.test(path);

export function modulesOf(folder: string): readonly Module[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .toSorted()
    .map((path) => ({ path, imports: importsOf(path, readFileSync(`${folder}/${path}`, 'utf8')) }));
}

/** All that a file imports: values, types, re-exports, `import()`, `import('x').T` and `new URL('x', import.meta.url)`. */
export function importsOf(path: ModulePath, source: string): readonly string[] {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found = new Set<string>();
  const text = (node: unknown): void => {
    if (isNode(node) && typeof node['value'] === 'string') found.add(node['value']);
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isNode(node)) return;
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        text(node['source']);
        break;
      case 'NewExpression':
        if (isNode(node['callee']) && node['callee']['name'] === 'URL') {
          const args: unknown = node['arguments'];
          if (Array.isArray(args) && args.length === 2) text(args[0]);
        }
        break;
      default:
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(program);
  return [...found];
}

type SyntaxNode = { readonly type: string } & Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** `a/b` holds `a/b`, `a/b/c.ts` and `a/b.ts`, but not `a/bc.ts`. */
const holds = (place: string, path: ModulePath): boolean =>
  path === place || path.startsWith(`${place}/`) || path.replace(/\.tsx?$/, '') === place;

const topOf = (place: string): string => place.split('/')[0] ?? place;

/** The entry of the table that speaks for a module, or null. */
export const layerOf = (path: ModulePath): string | null =>
  Object.keys(layers)
    .filter((name) => holds(name, path))
    .toSorted((a, b) => b.length - a.length)[0] ?? null;

/** One sentence for each import that the table does not allow. */
export function violationsOf({ path, imports }: Module): readonly string[] {
  if (isTest(path)) return [];
  const name = layerOf(path);
  const layer = name === null ? undefined : layers[name];
  if (name === null || layer === undefined) return [`${path} is in no layer of tools/layers.json`];
  return imports.flatMap((specifier) => {
    const bare = specifier.replace(/[?#].*$/, '');
    if (!bare.startsWith('.')) {
      const allowed = layer.packages.some(
        (one) =>
          one === '*' ||
          bare === one ||
          bare.startsWith(`${one}/`) ||
          (one.endsWith('/*') && bare.startsWith(one.slice(0, -1))),
      );
      return allowed ? [] : [`${path} (${name}) must not import the package ${specifier}`];
    }
    const target = posix.normalize(posix.join(posix.dirname(path), bare));
    if (target.startsWith('../')) {
      return layer.imports.includes('*') ? [] : [`${path} (${name}) must not leave src/: ${bare}`];
    }
    const allowed =
      topOf(target) === topOf(name) ||
      layer.imports.some((one) => one === '*' || holds(one, target));
    return allowed ? [] : [`${path} (${name}) must not import ${target}`];
  });
}
