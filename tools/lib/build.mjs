// Builds dist/ with the project's vite.config.ts, in this process.
import { root } from './root.mjs';

/** @param {'info' | 'error'} logLevel */
export async function build(logLevel = 'error') {
  const vite = await import('vite');
  await vite.build({ root, logLevel });
}
