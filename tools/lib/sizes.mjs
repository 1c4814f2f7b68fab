// What a reader's browser loads, in bytes after `gzip -9`: read from dist/ and vite's manifest. Used by the size gate and the bench.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inRoot } from './root.mjs';

/** @typedef {{file: string, src?: string, isEntry?: boolean, imports?: string[], dynamicImports?: string[], css?: string[]}} ManifestChunk */
/** @typedef {{name: string, bytes: number}} Weight */

/** @param {string} file @returns {Weight} */
const weigh = (file) => ({
  name: file,
  bytes: gzipSync(readFileSync(inRoot('dist', file)), { level: 9 }).length,
});

/** @param {string} file */
export const weighScript = (file) => weigh(file).bytes;

/** @param {readonly Weight[]} weights */
export const total = (weights) => weights.reduce((sum, { bytes }) => sum + bytes, 0);

/** @param {number} bytes */
export const kB = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Every JavaScript file of dist/. */
export function allScripts() {
  return readdirSync(inRoot('dist'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(/[\\/]/).join('/'))
    .filter((file) => /\.m?js$/.test(file));
}

/** What import() loads only when a reader asks for it, or where there is no worker. All else that is loaded so belongs to the first view. */
const LATER = [
  /^src\/scenario\/library\//,
  /^src\/worker\/engine\.ts$/,
  /^src\/app\/editor\//,
  /^src\/trace\/export\//,
];

/**
 * The scripts and styles of a page's first view: its entry, and all that it loads without being asked to.
 * @param {string} page
 */
export function firstView(page = 'index.html') {
  /** @type {Record<string, ManifestChunk>} */
  const manifest = JSON.parse(readFileSync(inRoot('dist', '.vite', 'manifest.json'), 'utf8'));
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Set<string>} */
  const styles = new Set();
  /** @param {string} key */
  const visit = (key) => {
    const chunk = manifest[key];
    if (chunk === undefined || seen.has(chunk.file)) return;
    seen.add(chunk.file);
    for (const style of chunk.css ?? []) styles.add(style);
    for (const next of chunk.imports ?? []) visit(next);
    for (const next of chunk.dynamicImports ?? [])
      if (!LATER.some((later) => later.test(next))) visit(next);
  };
  visit(page);
  if (seen.size === 0) throw new Error(`${page} is not in the manifest of dist/`);
  return { scripts: [...seen].map(weigh), styles: [...styles].map(weigh) };
}

/** The worker with the engine, and every file that only it loads. */
export const workerScripts = () =>
  allScripts()
    .filter((file) => /(^|\/)worker-[^/]+\.js$/.test(file))
    .map(weigh);

/** Scripts that hold a package which must not be shipped. @param {RegExp} marker */
export const scriptsWith = (marker) =>
  allScripts().filter((file) => marker.test(readFileSync(join(inRoot('dist'), file), 'utf8')));
