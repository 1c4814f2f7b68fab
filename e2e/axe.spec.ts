// Promise: axe finds nothing to complain about, in either theme, on a desk and on a phone.
import AxeBuilder from '@axe-core/playwright';
import { describe, expect, it } from 'vitest';
import { openApp } from './harness/page.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describe.each([
  { name: 'desk', width: 1440, height: 900 },
  { name: 'phone', width: 360, height: 640 },
])('$name', ({ width, height }) => {
  it.each([
    ['light', '?scenario=clusterip'],
    ['dark', '?scenario=clusterip&step=7'],
    ['light', '?scenario=nothing-like-this'],
    ['dark', '?scenario=nothing-like-this'],
  ] as const)('%s %s', async (colorScheme, path) => {
    const { page } = await openApp(path, {
      viewport: { width, height },
      colorScheme,
      reducedMotion: 'reduce',
    });
    await page.waitForLoadState('networkidle');
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    const told = violations.map(
      (v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
    );
    expect(told).toEqual([]);
  });
});
