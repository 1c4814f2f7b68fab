// The whole file of conformance vectors, where that folder is at hand.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kubeProxyVectors } from './vectors.ts';
import type { ProxyVectors } from './vectors.ts';

const PATH = new URL('../../../../shared/conformance/kube-proxy/vectors.json', import.meta.url);

describe.skipIf(!existsSync(PATH))('conformance vectors', () => {
  it('answers every case', () => {
    const vectors = JSON.parse(readFileSync(PATH, 'utf8')) as ProxyVectors;
    const answers = kubeProxyVectors(vectors, (text) => text);
    expect(answers.length).toBeGreaterThan(300);
  });
});
