// `node tools/complete-lock.mjs`, after a change of dependencies: adds to package-lock.json the optional packages of other platforms that
// the registry at hand does not carry, without which `npm ci` refuses the lock. What is there is not touched.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './lib/root.mjs';

const file = inRoot('package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
/** @type {Record<string, Record<string, any>>} */
const packages = lock.packages;
let added = 0;
for (const one of Object.values(packages))
  for (const [name, version] of Object.entries(one['optionalDependencies'] ?? {})) {
    const path = `node_modules/${name}`;
    // `@oxlint/binding-linux-arm64-musl`, `@oxlint-tsgolint/darwin-x64`: the platform is in the name.
    const platform = /^@[\w-]+\/(?:binding-)?([a-z0-9]+)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name);
    if (packages[path] !== undefined || platform === null) continue;
    const [, os, cpu, abi = ''] = platform;
    const libc = abi.startsWith('gnu') ? ['glibc'] : abi.startsWith('musl') ? ['musl'] : null;
    packages[path] = {
      version,
      cpu: [cpu],
      ...(one['dev'] ? { dev: true } : {}),
      ...(os === 'linux' && libc !== null ? { libc } : {}),
      license: one['license'],
      optional: true,
      os: [os],
      ...(one['engines'] ? { engines: one['engines'] } : {}),
    };
    added += 1;
  }
lock.packages = Object.fromEntries(
  Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages added`);
