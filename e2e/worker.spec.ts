// Promise: the journey is computed in a worker, and where a page may not have one it is computed all the same.
import type { Page } from 'playwright';
import { afterAll, describe, expect, it } from 'vitest';
import { newPage, url } from './harness/page.ts';
import type { PageOptions } from './harness/page.ts';
import { startServer } from './harness/server.ts';
import type { StaticServer } from './harness/server.ts';

const servers: StaticServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

interface Opened {
  readonly page: Page;
  readonly trouble: readonly string[];
  /** Workers that ran, and whether the engine's code was loaded into the page itself. */
  readonly workers: number;
  readonly inPage: boolean;
  readonly steps: number;
}

async function open(address: string, options: PageOptions = {}): Promise<Opened> {
  const { page, trouble } = await newPage(options);
  let workers = 0;
  let inPage = false;
  page.on('worker', () => (workers += 1));
  page.on('request', (request) => {
    if (/\/assets\/engine-[^/]+\.js$/.test(request.url())) inPage = true;
  });
  await page.goto(address);
  const items = page.locator('[data-region="StepList"] li');
  await items.first().waitFor();
  return { page, trouble, workers, inPage, steps: await items.count() };
}

describe('the engine', () => {
  it('runs in a worker, and leaves its code out of the page', async () => {
    const { trouble, workers, inPage, steps } = await open(url('?scenario=clusterip'));
    expect(steps).toBeGreaterThan(10);
    expect({ workers, inPage }).toEqual({ workers: 1, inPage: false });
    expect(trouble).toEqual([]);
  });

  it('runs in the page where its policy forbids workers', async () => {
    const server = await startServer({
      headers: { 'Content-Security-Policy': "worker-src 'none'" },
    });
    servers.push(server);
    const strict = await open(`${server.url}?scenario=clusterip`);
    const usual = await open(url('?scenario=clusterip'));
    expect(strict.inPage).toBe(true);
    expect(strict.workers).toBe(0);
    expect(strict.steps).toBe(usual.steps);
  });

  it('runs in the page where the browser has no workers', async () => {
    const { inPage, steps, trouble } = await open(url('?scenario=clusterip'), {
      before: () => Reflect.deleteProperty(window, 'Worker'),
    });
    expect(inPage).toBe(true);
    expect(steps).toBeGreaterThan(10);
    expect(trouble).toEqual([]);
  });

  it('runs in the page where a worker starts and says nothing', async () => {
    const { inPage, steps } = await open(url('?scenario=clusterip'), {
      before: () => {
        const Real = window.Worker;
        window.Worker = class extends Real {
          constructor() {
            super(URL.createObjectURL(new Blob(['self.onmessage = () => {};'])));
          }
        };
      },
    });
    expect(inPage).toBe(true);
    expect(steps).toBeGreaterThan(10);
  });
});
