// C1: the compiler. A thousand Services with an EndpointSlice of three endpoints each, as objects, become the network of two nodes: rules,
// their origins, and the text of iptables-save. Beside it JSON.parse of the same objects, which nobody can do without.
import { invariant } from '../src/base/assert.ts';
import { defaultCluster } from '../src/kube/cluster-schema.ts';
import { compileCluster } from '../src/kube/compile.ts';
import { parseManifests } from '../src/kube/objects/parse.ts';
import { ratioOf, timeOf } from './measure.ts';
import type { Bench } from './types.ts';

const SERVICES = 1000;
const ENDPOINTS = 3;

export const objects = (): readonly object[] =>
  Array.from({ length: SERVICES }, (_, i) => {
    const metadata = { name: `service-${i}`, namespace: `ns-${i % 20}` };
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: {
          type: 'ClusterIP',
          clusterIP: `10.98.${i >> 8}.${i & 255}`,
          selector: { app: metadata.name },
          ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
        },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: Array.from({ length: ENDPOINTS }, (_unused, e) => ({
          addresses: [`10.244.${1 + (e & 1)}.${(i * ENDPOINTS + e) & 255}`],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: e & 1 ? 'node-b' : 'node-a',
        })),
      },
    ];
  }).flat();

export const c1: Bench = {
  id: 'C1',
  title: 'compile of 1,000 Services with three endpoints each / JSON.parse of the same objects',
  unit: 'x',
  goal: { most: 10 },
  async run() {
    const json = JSON.stringify({ kind: 'List', items: objects() });
    const parsed = parseManifests(json);
    invariant(parsed.diagnostics.length === 0, 'the objects are understood');
    const cluster = defaultCluster();
    const compile = () => compileCluster({ cluster, objects: parsed.objects, seed: 1 });
    const { network, diagnostics } = compile();
    invariant(diagnostics.length === 0, 'the cluster is sound');
    const rules = network.namespaces[0]?.iptables?.ipv4?.split('\n-A ').length ?? 0;
    invariant(rules > SERVICES * (2 + 3 * ENDPOINTS), 'there are that many rules');
    const { ratio, ms } = await ratioOf(compile, () => JSON.parse(json) as unknown);
    const read = await timeOf(() => parseManifests(json));
    // A comment makes YAML of it.
    const yaml = await timeOf(() => parseManifests(`${json}\n# YAML`));
    return {
      value: ratio,
      note: `${ms.toFixed(0)} ms for 2 nodes of ${rules} rules; reading and validating them ${read.toFixed(0)} ms, ${yaml.toFixed(0)} ms as YAML, ${(json.length / 1e6).toFixed(2)} MB`,
    };
  },
};
