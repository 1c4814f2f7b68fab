// Promise: the first view costs a reader at most 230 KB of scripts, and loads nothing that only an editor or an export needs.
import { describe, expect, it } from 'vitest';
import { firstView, kB, weighScript, workerScripts } from '../tools/lib/sizes.mjs';
import { newPage, url } from './harness/page.ts';

describe('the first view', () => {
  it('loads what was counted, and within its budget', async () => {
    const { page } = await newPage();
    const loaded: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) loaded.push(pathname.slice(1));
    });
    await page.goto(url('?scenario=clusterip'));
    await page.locator('[data-region="StepList"] li').first().waitFor();
    await page.locator('[data-region="Map"]').waitFor();
    await page.waitForLoadState('networkidle');

    const worker = workerScripts().map(({ name }) => name);
    const scripts = [...new Set(loaded)].filter((name) => !worker.includes(name));
    expect(scripts.length).toBeGreaterThan(1);
    const bytes = scripts.reduce((sum, name) => sum + weighScript(name), 0);
    expect(bytes, `${kB(bytes)}: ${scripts.join(' ')}`).toBeLessThanOrEqual(230_000);

    // The size gate and the bench count from the manifest: only the scenario's own document may be missing there.
    const counted = firstView().scripts.map(({ name }) => name);
    const uncounted = scripts.filter((name) => !counted.includes(name));
    expect(uncounted.filter((name) => !name.startsWith('assets/clusterip-'))).toEqual([]);
  });
});
