// kube-proxy FILE: reads vectors of kube-proxy (inputs; expected values are not looked at) and prints what this program says to each case,
// one JSON object a line, as the comparison of the vectors reads it.
import { readFileSync } from 'node:fs';
import { kubeProxyVectors } from '../../kube/proxy/vectors.ts';
import type { ProxyVectors } from '../../kube/proxy/vectors.ts';

export function main(argv: readonly string[]): number {
  const [path] = argv;
  if (path === undefined || argv.length > 1) {
    console.error('usage: npm run --silent kube-proxy -- VECTORS.json');
    return 2;
  }
  let vectors: Partial<ProxyVectors>;
  try {
    vectors = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProxyVectors>;
  } catch (error) {
    console.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  let failed = 0;
  const answers = kubeProxyVectors(vectors, (kind, name, error) => {
    failed++;
    console.error(`${kind} ${name}: ${error instanceof Error ? error.stack : String(error)}`);
  });
  process.stdout.write(answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  return failed === 0 ? 0 : 1;
}
