import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from './serve.mjs';

const folder = mkdtempSync(join(tmpdir(), 'packet-journey-serve-'));
const site = join(folder, 'site');
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  mkdirSync(join(site, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'site-secret.txt'), 'secret');
  writeFileSync(join(site, 'index.html'), '<h1>home</h1>');
  writeFileSync(join(site, 'assets', 'a.js'), 'export {};');
  // A folder may be named with a slash at its end.
  server = await serve(`${site}/`, { hosts: ['127.0.0.1'], base: '/docs/' });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** `fetch` would tidy the path up before it is sent. */
const get = (path: string, method = 'GET') =>
  new Promise<{ status: number; body: string; type: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method }, (response) => {
      let body = '';
      response.on('data', (data) => (body += String(data)));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          type: response.headers['content-type'] ?? '',
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });

describe('the static server', () => {
  it('serves files, and the index of a folder, below its base', async () => {
    expect(await get('/docs/')).toEqual({
      status: 200,
      body: '<h1>home</h1>',
      type: 'text/html; charset=utf-8',
    });
    expect(await get('/docs/assets/a.js?v=1')).toMatchObject({ status: 200, body: 'export {};' });
    expect((await get('/')).status).toBe(404);
    expect((await get('/docs/none')).status).toBe(404);
  });

  it('serves nothing from outside of its folder', async () => {
    for (const path of [
      '/docs/../secret.txt',
      '/docs/%2e%2e/secret.txt',
      '/docs/..%2fsecret.txt',
      '/docs/assets/..%2f..%2fsecret.txt',
      '/docs/..%2fsite-secret.txt',
      '/docs/%00',
      '/docs/%zz',
    ])
      expect((await get(path)).status, path).toBe(404);
  });

  it('only reads', async () => {
    expect(await get('/docs/', 'HEAD')).toMatchObject({ status: 200, body: '' });
    expect((await get('/docs/', 'POST')).status).toBe(405);
  });

  it('says when its port is taken', async () => {
    await expect(serve(site, { hosts: ['127.0.0.1'], port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
