// `npm test`: every gate of the project, from a fresh clone. Goes on after a failure, and closes with one line `N passed, N failed`:
// each unit and end-to-end test counts, and each other gate counts as one. `--only unit,e2e` runs a part, `--verbose` prints all output.
import { ensureInstalled } from './lib/install.mjs';
import { existsSync } from 'node:fs';
import { inRoot } from './lib/root.mjs';

ensureInstalled();
const { bin } = await import('./lib/command.mjs');
const { findChromium, findTshark } = await import('./lib/system.mjs');
const { size } = await import('./gates/size.mjs');
const { vitest } = await import('./gates/vitest.mjs');

/** @typedef {{passed: number, failed: number, skipped?: number, output: string}} Outcome */

/** @param {readonly (() => Promise<import('./lib/command.mjs').Finished>)[]} steps @returns {Promise<Outcome>} */
async function gate(...steps) {
  let output = '';
  for (const step of steps) {
    const finished = await step();
    output += finished.output;
    if (finished.code !== 0) return { passed: 0, failed: 1, output };
  }
  return { passed: 1, failed: 0, output };
}

const failed = (/** @type {string} */ output) => ({ passed: 0, failed: 1, output });

/** @returns {Promise<Outcome>} */
async function unit() {
  const tshark = findTshark();
  if (tshark === null && !process.env.CI)
    console.log('     skipped: captures are not checked by tshark, which this machine lacks');
  return vitest('vitest.config.ts', tshark === null ? {} : { PJ_TSHARK: tshark }, 480_000);
}

/** @returns {Promise<Outcome>} */
async function e2e() {
  const chromium = await findChromium();
  if (chromium === null)
    return failed('No Chromium: install one (apt-get install chromium, npx playwright install)\n');
  if (!existsSync(inRoot('dist', 'index.html'))) return failed('dist/ was not built\n');
  return vitest('vitest.e2e.config.ts', { PJ_CHROMIUM: chromium }, 600_000);
}

/** @returns {Promise<Outcome>} */
async function sizes() {
  if (!existsSync(inRoot('dist', 'index.html'))) return failed('dist/ was not built\n');
  const { good, lines } = size();
  for (const line of lines) console.log(`     ${line}`);
  return good ? { passed: 1, failed: 0, output: '' } : failed('');
}

/** @type {Record<string, {title: string, run: () => Promise<Outcome>}>} */
const GATES = {
  format: {
    title: 'formatting (prettier)',
    run: () => gate(() => bin('prettier', ['--check', '--log-level=warn', '.'])),
  },
  types: {
    title: 'types (tsc)',
    run: () =>
      gate(
        () => bin('tsc', ['--noEmit', '--pretty', 'false']),
        () => bin('tsc', ['--noEmit', '--pretty', 'false', '-p', 'tools/tsconfig.json']),
      ),
  },
  lint: {
    title: 'lint (oxlint)',
    run: () =>
      gate(() =>
        bin('oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']),
      ),
  },
  unit: { title: 'unit tests and layers (vitest)', run: unit },
  dead: { title: 'dead code (knip)', run: () => gate(() => bin('knip', ['--no-progress'])) },
  build: {
    title: 'build (vite)',
    run: () => gate(() => bin('vite', ['build', '--logLevel', 'warn'])),
  },
  size: { title: 'size budgets', run: sizes },
  e2e: { title: 'end to end (Chromium)', run: e2e },
};

/** @param {readonly string[]} argv */
function options(argv) {
  let names = Object.keys(GATES);
  let verbose = false;
  for (let i = 0; i < argv.length; i++) {
    const [flag, inline] = /** @type {[string, string?]} */ ((argv[i] ?? '').split('=', 2));
    if (flag === '--verbose') verbose = true;
    else if (flag === '--only') {
      const wanted = (inline ?? argv[++i] ?? '').split(',').filter(Boolean);
      const unknown = wanted.filter((name) => !(name in GATES));
      if (wanted.length === 0 || unknown.length > 0) {
        console.error(`--only takes names of gates, with commas: ${Object.keys(GATES).join(',')}`);
        process.exit(2);
      }
      // What reads dist/ must read today's.
      const needsBuild = wanted.includes('size') || wanted.includes('e2e');
      names = names.filter((name) => wanted.includes(name) || (name === 'build' && needsBuild));
    } else {
      console.error(`unknown option ${flag}; there are --only GATE,... and --verbose`);
      process.exit(2);
    }
  }
  return { names, verbose };
}

const { names, verbose } = options(process.argv.slice(2));
const sum = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const broken = [];
const begin = performance.now();
for (const name of names) {
  const entry = GATES[name];
  if (entry === undefined) continue;
  const start = performance.now();
  const result = await entry.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { passed, failed: bad, skipped = 0 } = result;
  const counts = passed + bad + skipped > 1 ? `, ${passed} passed` : '';
  const others = `${bad > 0 ? `, ${bad} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(`${bad > 0 ? 'FAIL' : 'ok  '} ${entry.title}: ${seconds} s${counts}${others}`);
  if ((bad > 0 || verbose) && result.output.trim() !== '')
    console.log(result.output.trimEnd().replace(/^/gm, '     '));
  sum.passed += passed;
  sum.failed += bad;
  sum.skipped += skipped;
  if (bad > 0) broken.push(name);
}
const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
console.log(
  `\n${minutes} minutes${sum.skipped > 0 ? `, ${sum.skipped} tests skipped` : ''}${broken.length > 0 ? `; failed: ${broken.join(', ')}` : ''}`,
);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;
