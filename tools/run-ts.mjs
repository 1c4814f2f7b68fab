// Runs a TypeScript program of the project in plain Node 20, which cannot strip types: bundles it (own files in, packages out) into
// node_modules/.cache and imports that. `?raw` imports work as in the app. `node tools/run-ts.mjs FILE ARG...` calls its main(argv).
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './lib/install.mjs';
import { inRoot, root } from './lib/root.mjs';

/**
 * Bundles `entry` (a path from the root of the project) and imports the result.
 * @param {string} entry
 * @returns {Promise<Record<string, any>>}
 */
export async function loadTs(entry) {
  ensureInstalled();
  const { build } = await import('vite');
  const result = await build({
    root,
    configFile: false,
    envFile: false,
    logLevel: 'error',
    ssr: { target: 'node' },
    build: {
      ssr: inRoot(entry),
      target: 'node20',
      write: false,
      minify: false,
      sourcemap: 'inline',
      rolldownOptions: { output: { codeSplitting: false, format: 'es' } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const chunk = outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .find((one) => one.type === 'chunk' && one.isEntry);
  if (chunk?.type !== 'chunk') throw new Error(`no bundle came out of ${entry}`);

  // Written under a name of its own and renamed, so that two runs at once cannot read half a file.
  const folder = inRoot('node_modules', '.cache', 'pj');
  mkdirSync(folder, { recursive: true });
  const target = join(folder, `${entry.replace(/[^\w]+/g, '-')}.mjs`);
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, chunk.code);
  renameSync(draft, target);
  process.setSourceMapsEnabled(true);
  try {
    return await import(pathToFileURL(target).href);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}

/**
 * Runs `main(argv)` of a program. A number that it returns is the exit code.
 * @param {string} entry
 * @param {readonly string[]} argv
 */
export async function runTs(entry, argv) {
  const { main } = await loadTs(entry);
  if (typeof main !== 'function') throw new Error(`${entry} does not export main(argv)`);
  const code = await main(argv);
  if (typeof code === 'number') process.exitCode = code;
}

if (process.argv[1] && basename(process.argv[1]) === 'run-ts.mjs') {
  const [entry, ...argv] = process.argv.slice(2);
  if (entry === undefined) {
    console.error('usage: node tools/run-ts.mjs FILE ARG...');
    process.exit(2);
  }
  await runTs(entry, argv);
}
