// Promise: the clusterip journey can be walked by keyboard alone, to its end and back, and every link opens where it says.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { compiledScenario, runScenario } from '../src/test/journey.ts';
import { stepsOf } from '../src/trace/steps/index.ts';
import { openApp } from './harness/page.ts';

const steps = stepsOf(runScenario(compiledScenario('clusterip')), 'overview');
const stepWith = (token: (typeof steps)[number]['tokens'][number]): number =>
  steps.findIndex((s) => s.tokens.includes(token)) + 1;

const transport = (page: Page) => page.locator('[data-region="Transport"]');
const stepNow = async (page: Page): Promise<number> =>
  Number(await transport(page).getAttribute('data-step'));
const open = async (path = '?scenario=clusterip') => {
  const opened = await openApp(path, {
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  });
  await opened.page.locator('[data-region="StepList"] li').first().waitFor();
  return opened;
};
const shows = async (page: Page, step: number): Promise<void> => {
  await page.waitForFunction(
    (n) =>
      document.querySelector('[data-region="Transport"]')?.getAttribute('data-step') === String(n),
    step,
  );
};

describe('the clusterip journey', () => {
  it('has as many list items as Transport counts, and every region', async () => {
    const { page, trouble } = await open();
    const count = Number(await transport(page).getAttribute('data-steps'));
    expect(count).toBe(steps.length);
    expect(await page.locator('[data-region="StepList"] li').count()).toBe(count);
    for (const region of ['Map', 'StepList', 'StepCard', 'PacketPanel', 'Transport', 'PathBar'])
      expect(await page.locator(`[data-region="${region}"]`).count()).toBe(1);
    expect(trouble).toEqual([]);
  });

  it('is walked to its end and back by keyboard alone', async () => {
    const { page, trouble } = await open();
    // Tab into the app: whatever takes the focus first, the keys work.
    await page.keyboard.press('Tab');
    const seen: string[] = [];
    const read = async (): Promise<string> =>
      (await page.locator('[data-region="StepCard"]').innerText()).trim();
    for (let n = 1; n <= steps.length; n++) {
      await shows(page, n);
      seen.push(await read());
      if (n < steps.length) await page.keyboard.press('ArrowRight');
    }
    expect(new Set(seen).size).toBe(steps.length);
    await page.keyboard.press('ArrowRight');
    await shows(page, steps.length);
    for (let n = steps.length; n > 1; n--) {
      expect(await read()).toBe(seen[n - 1]);
      await page.keyboard.press('ArrowLeft');
      await shows(page, n - 1);
    }
    await page.keyboard.press('End');
    await shows(page, steps.length);
    await page.keyboard.press('Home');
    await shows(page, 1);
    expect(trouble).toEqual([]);
  });

  it('plays and pauses with Space', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    // A button would keep Space for itself.
    await page.locator('[data-region="Map"] [tabindex="0"]').first().focus();
    await page.keyboard.press('Space');
    await shows(page, 2);
    await page.keyboard.press('Space');
    const paused = await stepNow(page);
    await page.waitForTimeout(2500);
    expect(await stepNow(page)).toBe(paused);
  });

  it('leaves the keys alone while the focus is elsewhere', async () => {
    const { page } = await open();
    await page.evaluate(() => {
      const outside = document.createElement('button');
      outside.textContent = 'outside';
      document.body.append(outside);
      outside.focus();
    });
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('End');
    await page.waitForTimeout(300);
    expect(await stepNow(page)).toBe(1);
  });

  it.each([
    ['the first step', 1],
    ['the DNAT', stepWith('nat')],
    ['the encapsulation', stepWith('encap')],
    ['the last step', steps.length],
  ])('opens a link to %s there, by id and by number', async (_name, n) => {
    expect(n).toBeGreaterThan(0);
    for (const ref of [steps[n - 1]!.id, String(n)]) {
      const { page, trouble } = await open(`?scenario=clusterip&step=${encodeURIComponent(ref)}`);
      await shows(page, n);
      const current = page.locator('[data-region="StepList"] [aria-current="step"]');
      expect(await current.count()).toBe(1);
      expect(trouble).toEqual([]);
    }
  });

  it('keeps the address at the step, without filling the history', async () => {
    const { page } = await open();
    const length = await page.evaluate(() => history.length);
    await page.keyboard.press('Tab');
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      (id) => new URLSearchParams(location.search).get('step') === id,
      steps[5]!.id,
    );
    expect(await page.evaluate(() => history.length)).toBe(length);
  });

  it.each([
    ['?scenario=clusteripp', 'clusteripp'],
    ['?scenario=clusterip&step=no-such-step', 'no-such-step'],
    ['?scenario=clusterip&step=999', '999'],
  ])('says clearly what is wrong with %s, and stays usable', async (path, named) => {
    const { page } = await openApp(path, { viewport: { width: 1440, height: 900 } });
    await page.locator('body', { hasText: named }).waitFor();
    const list = page.locator('[data-region="StepList"] li');
    if ((await list.count()) > 0) {
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      await shows(page, 2);
    } else {
      // An unknown scenario: a way on is offered.
      const way = page.getByRole('link').or(page.getByRole('button'));
      expect(await way.count()).toBeGreaterThan(0);
    }
  });
});
