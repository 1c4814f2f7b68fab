// The conformance vectors, where that folder is at hand: every kind that the comparison judges, judged by it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { kubeProxyVectors } from './vectors.ts';
import type { ProxyVectors } from './vectors.ts';

const folder = fileURLToPath(new URL('../../../../shared/conformance/', import.meta.url));
const path = join(folder, 'kube-proxy/vectors.json');
const judge = join(folder, 'bin/compare-kube-proxy.mjs');

describe.skipIf(!existsSync(path))('conformance vectors', () => {
  it('are met', () => {
    const vectors = JSON.parse(readFileSync(path, 'utf8')) as ProxyVectors;
    const answers = kubeProxyVectors(vectors);
    const scratch = mkdtempSync(join(tmpdir(), 'vectors-'));
    try {
      const file = join(scratch, 'predictions.ndjson');
      writeFileSync(file, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
      const { stdout } = spawnSync('node', [judge, path, file], { encoding: 'utf8' });
      expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
      expect(stdout).toMatch(/\d{3} passed, 0 failed/);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
