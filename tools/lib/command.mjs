// Runs one program to its end, without a terminal and without stdin, and keeps what it printed.
import { spawn } from 'node:child_process';
import { inRoot, root } from './root.mjs';

/** Some programs colour what nobody asked them to colour. @param {string} text */
// oxlint-disable-next-line no-control-regex
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');

/**
 * @typedef {{code: number, output: string}} Finished
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{env?: Record<string, string>, timeout?: number}} [options]
 * @returns {Promise<Finished>}
 */
export function command(file, args, { env = {}, timeout = 600_000 } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
      shell: process.platform === 'win32',
    });
    const timer = setTimeout(() => {
      output += `\nended after ${timeout / 1000} s without a result\n`;
      child.kill('SIGKILL');
    }, timeout);
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => (output += `${error.message}\n`));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output: plain(output) });
    });
  });
}

/**
 * A program of an npm package.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Parameters<typeof command>[2]} [options]
 */
export const bin = (name, args, options) =>
  command(inRoot('node_modules', '.bin', name), args, options);
