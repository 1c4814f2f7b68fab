// Programs that are not npm packages: a Chromium for the end-to-end tests, tshark for checking captures. Found where the machine has
// them, else installed with apt where that is allowed (root on Debian). Node built-ins only.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @param {readonly string[]} names */
export function onPath(...names) {
  for (const name of names)
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        continue;
      }
    }
  return null;
}

/** @param {readonly string[]} packages */
export function aptInstall(...packages) {
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) return false;
  console.log(`Installing ${packages.join(' ')} (apt-get) ...`);
  const apt = (/** @type {readonly string[]} */ ...args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  return (
    apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  );
}

/** The Chromium to test with, or null. May install one. */
export async function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = onPath(...names);
  if (found !== null) return found;
  const { chromium } = await import('playwright');
  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  return aptInstall('chromium') ? onPath(...names) : null;
}

/** tshark, or null. May install it. */
export const findTshark = () =>
  onPath('tshark') ?? (aptInstall('tshark') ? onPath('tshark') : null);
