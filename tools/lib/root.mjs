// The folder of the project, wherever the command was typed, and also when this file was bundled into a program in node_modules/.cache.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findRoot() {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json is in no folder above this one');
    folder = parent;
  }
  return folder;
}
export const root = findRoot();

/** @param {...string} parts */
export const inRoot = (...parts) => join(root, ...parts);
