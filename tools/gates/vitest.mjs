// A vitest run as a gate: its tests are counted one by one, and a file that does not load counts as a failure.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin } from '../lib/command.mjs';

/**
 * @param {string} config
 * @param {Record<string, string>} env
 * @param {number} timeout
 */
export async function vitest(config, env, timeout) {
  const folder = mkdtempSync(join(tmpdir(), 'packet-journey-'));
  const report = join(folder, 'report.json');
  const { code, output } = await bin(
    'vitest',
    // prettier-ignore
    ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { env, timeout },
  );
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = countTests(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    // No report: vitest itself did not come up. Its exit code says so below.
  }
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (code === 0 && counts.passed === 0) counts.failed = 1;
  return { ...counts, output };
}

/** @param {{testResults: {status: string, assertionResults: {status: string}[]}[]}} report */
function countTests(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const states = file.assertionResults.map(({ status }) => status);
    const failed = states.filter((status) => status === 'failed').length;
    counts.passed += states.filter((status) => status === 'passed').length;
    counts.skipped += states.filter((status) => status !== 'passed' && status !== 'failed').length;
    counts.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
  }
  return counts;
}
