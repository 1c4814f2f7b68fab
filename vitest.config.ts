// Unit tests: the engine in plain Node, the app in happy-dom. `npx vitest run src/wire` runs a part.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// A test that asserts nothing proves nothing: it fails.
const expectSomething = { requireAssertions: true };
const inBrowser = ['src/app/**/*.test.{ts,tsx}', 'src/embed/**/*.test.{ts,tsx}'];

export default defineConfig({
  test: {
    // Property tests and whole-engine runs on a slow, shared machine: a limit only against hanging.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'engine',
          environment: 'node',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: inBrowser,
          testTimeout: 30_000,
          expect: expectSomething,
        },
      },
      {
        plugins: [react()],
        test: {
          name: 'app',
          environment: 'happy-dom',
          include: inBrowser,
          testTimeout: 30_000,
          expect: expectSomething,
        },
      },
    ],
  },
});
