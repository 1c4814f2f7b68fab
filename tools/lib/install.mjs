// Brings node_modules up to package-lock.json, and does nothing when it is. Node built-ins only: this runs on a fresh clone, before
// anything is installed. What it says goes to stderr, so that the output of a command stays its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inRoot, root } from './root.mjs';

const STAMP = inRoot('node_modules', '.packet-journey-lock');
const [MAJOR, MINOR] = [20, 19];

/** @param {string} file */
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Whether a tree that somebody else installed (`npm install`) holds what the lock asks for: npm leaves a lock of its own in there.
 * @param {string} wanted
 */
function matchesLock(wanted) {
  const hidden = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  /** @param {string} file @returns {Record<string, {version?: string, optional?: boolean}>} */
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  const have = packages(hidden);
  return Object.entries(packages(wanted)).every(
    ([path, { version, optional }]) =>
      path === '' ||
      (have[path] === undefined ? optional === true : have[path].version === version),
  );
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return;
  console.error(
    `Packet Journey needs Node.js ${MAJOR}.${MINOR} or newer; this is ${process.versions.node}.`,
  );
  process.exit(1);
}

/** Installs when node_modules is missing or stale. Ends the process with a sentence when npm cannot. */
export function ensureInstalled() {
  refuseOldNode();
  const lock = inRoot('package-lock.json');
  const wanted = hashOf(lock);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!matchesLock(lock)) {
    console.error('Installing packages (npm ci) ...');
    const { status, error } = spawnSync(
      'npm',
      ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
    );
    if (status !== 0) {
      console.error(`npm ci failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
      process.exit(1);
    }
  }
  writeFileSync(STAMP, wanted);
}
