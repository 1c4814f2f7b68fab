// Once for all end-to-end tests: dist/ on a free port, and one Chromium that every test file connects to.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { startServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly baseUrl: string;
    readonly browser: string;
    /** A script that defines `geometry` (see e2e/geometry.ts). */
    readonly geometry: string;
  }
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
  if (!existsSync(`${dist}index.html`)) throw new Error('dist/ is missing: npm run build first');
  const server = await startServer();
  const browser = await chromium.launchServer({
    executablePath: process.env['PJ_CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  project.provide('baseUrl', server.url);
  project.provide('geometry', await geometryScript());
  project.provide('browser', browser.wsEndpoint());
  return async () => {
    await browser.close();
    await server.close();
  };
}

async function geometryScript(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('../geometry/in-page.ts', import.meta.url)),
        formats: ['iife'],
        name: 'geometry',
      },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  const chunk = output !== undefined && 'output' in output ? output.output[0] : undefined;
  if (chunk === undefined) throw new Error('no geometry script was built');
  return chunk.code;
}
