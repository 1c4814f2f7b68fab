// Promise: the app opens from plain files, wherever they lie, and talks to nobody.
import { afterAll, describe, expect, it } from 'vitest';
import { newPage, openApp } from './harness/page.ts';
import { startServer } from './harness/server.ts';
import type { StaticServer } from './harness/server.ts';

const servers: StaticServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

describe('the app', () => {
  it('opens without an error and without a request to anybody else', async () => {
    const { page, trouble } = await openApp();
    expect(await page.title()).toContain('Packet Journey');
    await page.waitForLoadState('networkidle');
    expect(trouble).toEqual([]);
  });

  it('opens below any path of a web host', async () => {
    const server = await startServer({ base: '/docs/packet-journey/' });
    servers.push(server);
    const { page, trouble } = await newPage();
    await page.goto(server.url);
    await page.locator('#root > *').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(trouble).toEqual([]);
  });

  it('does not scroll sideways on a narrow screen', async () => {
    const { page } = await openApp('', { viewport: { width: 320, height: 640 }, touch: true });
    await page.waitForLoadState('networkidle');
    const [wide, seen] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(wide).toBeLessThanOrEqual(seen ?? 0);
  });
});
