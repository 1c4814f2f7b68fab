// Promise: at every step, on a desk and on a phone, in both themes: no text is clipped, none lies on another, none is too small,
// and the packet is on the map.
import { describe, expect, it } from 'vitest';
import { auditText, isInside, printFindings } from './geometry.ts';
import { openApp } from './harness/page.ts';

const SCREENS = [
  { name: 'desk', width: 1440, height: 900 },
  { name: 'embed', width: 700, height: 420 },
  { name: 'phone', width: 360, height: 640 },
] as const;

describe.each(SCREENS)('$name', ({ width, height }) => {
  it.each(['light', 'dark'] as const)(
    '%s',
    async (colorScheme) => {
      const { page, trouble } = await openApp('?scenario=clusterip', {
        viewport: { width, height },
        colorScheme,
        reducedMotion: 'reduce',
      });
      const transport = page.locator('[data-region="Transport"]');
      await page.locator('[data-region="StepList"] li').first().waitFor({ state: 'attached' });
      const count = Number(await transport.getAttribute('data-steps'));
      expect(count).toBeGreaterThan(10);
      await page.locator('[data-packet]').waitFor();
      const problems: string[] = [];
      await page.keyboard.press('Tab');
      for (let n = 1; n <= count; n++) {
        await page.waitForFunction(
          (step) =>
            document.querySelector('[data-region="Transport"]')?.getAttribute('data-step') ===
            String(step),
          n,
        );
        // The camera settles within two frames when motion is reduced.
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
        );
        const { findings, texts } = await auditText(page);
        if (texts === 0) problems.push(`step ${n}: no text at all`);
        problems.push(...printFindings(findings).map((line) => `step ${n}: ${line}`));
        if (!(await isInside(page, '[data-packet]', '[data-region="Map"]')))
          problems.push(`step ${n}: the packet is outside of the map`);
        if (n < count) await page.keyboard.press('ArrowRight');
      }
      expect(problems).toEqual([]);
      expect(trouble).toEqual([]);
    },
    180_000,
  );
});
