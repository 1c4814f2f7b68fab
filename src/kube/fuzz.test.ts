// Whatever a document says, the compiler answers with a network or with diagnostics: it never throws, and what it hands on without an
// error is sound.
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { run } from '../kernel/run.ts';
import { problems } from '../test/sound-network.ts';
import { clusterSchema } from './cluster-schema.ts';
import { compileCluster } from './compile.ts';
import { drivers } from './cni/index.ts';
import { parseManifests } from './objects/parse.ts';

const odd = fc.constantFrom<unknown>(
  null, '', 0, -1, 1, 65535, 65536, 1e9, true, [], {}, 'x', 'None', '10.96.0.1', '10.244.1.1', '10.244.0.0/16',
  '192.168.1.1', '192.168.1.0/24', 'fd00::1', 'fd00::/64', '0.0.0.0/0', '::/0', '1.2.3.4/33', '999.1.1.1', 'node-a',
  'eth0', 'lo', 'veth00000000', 'Local', 'IPv6', ['IPv6'], ['IPv4', 'IPv6'], [null], [{}], 'a'.repeat(300), 'ä', '../x',
); // prettier-ignore

type Json = unknown;
/** Replaces what stands at one place of a value. */
function replaced(value: Json, pick: number, by: Json): Json {
  const paths: (readonly (string | number)[])[] = [];
  const walk = (at: Json, path: readonly (string | number)[]): void => {
    paths.push(path);
    if (Array.isArray(at)) at.forEach((one, i) => walk(one, [...path, i]));
    else if (typeof at === 'object' && at !== null)
      for (const [key, one] of Object.entries(at)) walk(one, [...path, key]);
  };
  walk(value, []);
  const path = paths[pick % paths.length] ?? [];
  const set = (at: Json, [head, ...rest]: readonly (string | number)[]): Json => {
    if (head === undefined) return by;
    if (Array.isArray(at)) return at.map((one, i) => (i === head ? set(one, rest) : one));
    const object = at as Record<string, Json>;
    return { ...object, [head]: set(object[head], rest) };
  };
  return set(value, path);
}

const container = { name: 'c', ports: [{ containerPort: 80, hostPort: 8080, name: 'http' }] };
const OBJECTS = [
  {
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'default', labels: { app: 'a' } },
    spec: { nodeName: 'node-a', hostNetwork: false, containers: [container] },
    status: { podIP: '10.244.1.9', podIPs: [{ ip: '10.244.1.9' }], phase: 'Running' },
  },
  {
    kind: 'StatefulSet',
    metadata: { name: 'b' },
    spec: {
      replicas: 2,
      serviceName: 'b',
      template: { metadata: { labels: { app: 'b' } }, spec: { containers: [{ name: 'c' }] } },
    },
  },
  {
    kind: 'Service',
    metadata: { name: 's' },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'a' },
      clusterIP: '10.96.0.50',
      ipFamilyPolicy: 'PreferDualStack',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 32000,
      externalIPs: ['203.0.113.9'],
      loadBalancerSourceRanges: ['203.0.113.0/24'],
      sessionAffinity: 'ClientIP',
      ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080, protocol: 'TCP' }],
    },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.10' }] } },
  },
  {
    kind: 'EndpointSlice',
    metadata: { name: 'e', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.1.9'], nodeName: 'node-a', conditions: { ready: true } }],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  },
  { kind: 'Node', metadata: { name: 'node-a' }, spec: { podCIDRs: ['10.244.1.0/24'] } },
];
const CLUSTER = {
  podCIDR: ['10.244.0.0/16', 'fd00:10:244::/56'],
  serviceCIDR: '10.96.0.0/12,fd00:10:96::/112',
  subnets: [{ name: 'lan', cidr: '192.168.1.0/24,fd00:1::/64', gateway: '192.168.1.1,fd00:1::1' }],
  nodes: [
    { name: 'node-a', ip: '192.168.1.11' },
    { name: 'node-b', podCIDR: '10.244.7.0/24', sysctls: { 'net.ipv4.ip_forward': 1 } },
  ],
  hosts: [{ name: 'laptop', ports: [80], kind: 'internet' }],
  kubeProxy: { detectLocalMode: 'NodeCIDR', nodePortAddresses: ['192.168.0.0/16'] },
};

const cnis: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[] = [
  ...Object.keys(drivers).map((name) => ({ name })),
  { name: 'bridge', bridge: 'eth0' },
  { name: 'bridge', ipMasq: true, routes: 'cloud', network: 'odd-name', mtu: 9000 },
  { name: 'flannel', vni: 16_777_215 },
  { name: 'flannel', vni: 9999, directRouting: true },
  { name: 'flannel', backend: 'host-gw' },
  { name: 'kubenet', nonMasqueradeCIDR: '0.0.0.0/0', hairpinMode: 'none' },
  { name: 'ptp', ipMasq: true, routes: 'none' },
];
const changes = fc.array(fc.tuple(fc.nat(), odd), { maxLength: 3 });

describe('the compiler', () => {
  it('is at home with the document that is changed below', () => {
    for (const cni of cnis) {
      const cluster = v.safeParse(clusterSchema, { ...CLUSTER, cni });
      expect(cluster.success).toBe(true);
    }
  });

  it('answers odd documents with diagnostics, and hands on sound networks only', () => {
    let sound = 0;
    fc.assert(
      fc.property(fc.constantFrom(...cnis), changes, changes, (cni, ofObjects, ofCluster) => {
        const objects = ofObjects.reduce<Json>((at, [n, by]) => replaced(at, n, by), OBJECTS);
        const settings = ofCluster.reduce<Json>((at, [n, by]) => replaced(at, n, by), {
          ...CLUSTER,
          cni,
        });
        const manifests = parseManifests(JSON.stringify({ kind: 'List', items: objects }));
        const cluster = v.safeParse(clusterSchema, settings);
        if (!cluster.success) return;
        const compiled = compileCluster({
          cluster: cluster.output,
          objects: manifests.objects,
          seed: 1,
        });
        if (compiled.diagnostics.some(({ severity }) => severity === 'error')) return;
        expect(problems(compiled.network)).toEqual([]);
        sound++;
        // The kernel takes it as it is.
        expect(run({ network: compiled.network, steps: [], seed: 1 }).diagnostics).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(sound).toBeGreaterThan(15);
  });
});
