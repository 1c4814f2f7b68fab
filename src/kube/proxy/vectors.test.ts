// The conformance vectors, where that folder is at hand: every kind that the comparison judges, judged by it, from inputs alone. Beside
// them rules that were seen on a real cluster.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compiled } from '../../test/cluster-run.ts';
import { main } from '../../test/kube-proxy/cli.ts';
import { kubeProxyVectors } from './vectors.ts';
import type { ProxyVectors } from './vectors.ts';

const folder = fileURLToPath(new URL('../../../../shared/conformance/', import.meta.url));
const path = join(folder, 'kube-proxy/vectors.json');
const judge = join(folder, 'bin/compare-kube-proxy.mjs');

/** Inputs only: no field in which an expected value stands. */
const inputsOf = (vectors: object): Partial<ProxyVectors> =>
  JSON.parse(
    JSON.stringify(vectors, (key, value: unknown) =>
      /^(expected|derived)/.test(key) || key === 'masq' ? undefined : value,
    ),
  ) as Partial<ProxyVectors>;

describe.skipIf(!existsSync(path))('conformance vectors', () => {
  it('are met, from their inputs alone', () => {
    const answers = kubeProxyVectors(inputsOf(JSON.parse(readFileSync(path, 'utf8')) as object));
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

describe('answers to vectors', () => {
  it('leave out kinds that the file has not, and go on after a case that breaks', () => {
    const broken: string[] = [];
    const answers = kubeProxyVectors(
      {
        chains: [{ name: 'odd', ruleset: 'nowhere', table: 'nat', chain: 'KUBE-SERVICES' }],
        probabilities: [{ name: 'a third', n: 3 }],
      },
      (kind, name) => broken.push(`${kind} ${name}`),
    );
    expect(broken).toEqual(['chains odd']);
    expect(answers).toEqual([{ kind: 'probabilities', name: 'a third', value: '0.3333333333' }]);
  });
  it('are refused where there is no file to read', () => {
    expect([main([]), main(['/nowhere.json']), main(['a', 'b'])]).toEqual([2, 2, 2]);
  });
});

describe('a real cluster', () => {
  it('has these chains for Service default/nginx, port web, with pods 10.240.0.28 and 10.240.0.57', () => {
    const pod = (n: number, ip: string): string => `---
kind: Pod
metadata: {name: web-${n}, labels: {app: nginx}}
spec: {nodeName: node-a, containers: [{name: nginx, ports: [{name: web, containerPort: 80}]}]}
status: {podIP: ${ip}}
`;
    const { network, diagnostics } = compiled(
      { podCIDR: '10.240.0.0/16', nodes: [{ name: 'node-a', podCIDR: '10.240.0.0/24' }] },
      `${pod(0, '10.240.0.28')}${pod(1, '10.240.0.57')}---
kind: Service
metadata: {name: nginx}
spec: {selector: {app: nginx}, ports: [{name: web, port: 80}]}
`,
    );
    expect(diagnostics).toEqual([]);
    const lines = network.namespaces[0]?.iptables?.ipv4?.split('\n') ?? [];
    const of = (chain: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`-A ${chain} `));
    expect(of('KUBE-SVC-YK2SNH4V42VSDWIJ')).toEqual([
      expect.stringContaining('-j KUBE-MARK-MASQ'),
      '-A KUBE-SVC-YK2SNH4V42VSDWIJ -m comment --comment "default/nginx:web -> 10.240.0.28:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-B4KBD76YHXMJL4VO',
      '-A KUBE-SVC-YK2SNH4V42VSDWIJ -m comment --comment "default/nginx:web -> 10.240.0.57:80" -j KUBE-SEP-V73B5NNFXA6V3U7A',
    ]);
    expect(of('KUBE-SEP-B4KBD76YHXMJL4VO')[1]).toContain('--to-destination 10.240.0.28:80');
    expect(of('KUBE-SEP-V73B5NNFXA6V3U7A')[1]).toContain('--to-destination 10.240.0.57:80');
  });
});
