// Sharing between nodes changes nothing: every node writes what it would write alone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printRestore } from '../iptables/state.ts';
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import { localDetector, PROXY_DEFAULTS } from './config.ts';
import { proxyShared } from './shared.ts';
import { syncProxyRules } from './sync.ts';
import type { ProxyConfig } from './types.ts';

const NODES = ['node-a', 'node-b', 'node-c'];
const policy = fc.constantFrom('Cluster' as const, 'Local' as const);
const anyService = fc.record({
  type: fc.constantFrom('ClusterIP' as const, 'NodePort' as const, 'LoadBalancer' as const),
  internalTrafficPolicy: policy,
  externalTrafficPolicy: policy,
  sessionAffinity: fc.constantFrom('None' as const, 'ClientIP' as const),
  /** The first node's address is in it. */
  ranges: fc.constantFrom([], ['192.168.1.11/32'], ['203.0.113.0/24']),
  nodes: fc.array(fc.constantFrom(...NODES), { maxLength: 4 }),
  hints: fc.boolean(),
  terminating: fc.boolean(),
});
type Drawn = typeof anyService extends fc.Arbitrary<infer T> ? T : never;

const serviceOf = (drawn: Drawn, i: number): Service => ({
  kind: 'Service',
  metadata: { name: `s${i}`, namespace: 'default' },
  spec: {
    type: drawn.type,
    clusterIP: `10.96.1.${i + 1}`,
    internalTrafficPolicy: drawn.internalTrafficPolicy,
    externalTrafficPolicy: drawn.externalTrafficPolicy,
    sessionAffinity: drawn.sessionAffinity,
    loadBalancerSourceRanges: [...drawn.ranges],
    ports: [{ name: 'p', port: 80, protocol: 'TCP', nodePort: 30_000 + i }],
  },
  status: { loadBalancer: { ingress: [{ ip: `203.0.113.${i + 1}` }] } },
});
const sliceOf = (drawn: Drawn, i: number): EndpointSlice => ({
  kind: 'EndpointSlice',
  metadata: { name: `s${i}-x`, labels: { 'kubernetes.io/service-name': `s${i}` } },
  addressType: 'IPv4',
  ports: [{ name: 'p', port: 8080, protocol: 'TCP' }],
  endpoints: drawn.nodes.map((nodeName, e) => ({
    addresses: [`10.244.${i}.${e + 1}`],
    nodeName,
    conditions: { ready: !drawn.terminating, serving: true, terminating: drawn.terminating },
    ...(drawn.hints ? { hints: { forNodes: [{ name: nodeName }] } } : {}),
  })),
});
const configOn = (nodeName: string, i: number): ProxyConfig => ({
  ...PROXY_DEFAULTS,
  family: 'IPv4',
  nodeName,
  nodeIP: `192.168.1.${11 + i}`,
  localAddresses: ['127.0.0.1', `192.168.1.${11 + i}`],
  // NodeCIDR mode: not the same on all nodes.
  detector: localDetector({ mode: 'ClusterCIDR', cidr: `10.244.${i % 2}.0/24` }, 'IPv4'),
});

describe('proxyShared', () => {
  it('leaves every node the rules that it would write alone', () => {
    fc.assert(
      fc.property(fc.array(anyService, { maxLength: 6 }), (drawn) => {
        const input = { services: drawn.map(serviceOf), slices: drawn.map(sliceOf) };
        const shared = proxyShared(input.services, input.slices);
        NODES.map(configOn).forEach((config) => {
          expect(printRestore(syncProxyRules(input, config, shared))).toBe(
            printRestore(syncProxyRules(input, config)),
          );
        });
      }),
      { numRuns: 60 },
    );
  });
});
