// End-to-end tests: one file a promise to the user, against dist/ in Chromium. The browser and the server are started once for all.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'e2e',
    environment: 'node',
    include: ['e2e/**/*.spec.ts'],
    globalSetup: ['e2e/harness/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser wants a core of its own.
    maxWorkers: 2,
  },
});
