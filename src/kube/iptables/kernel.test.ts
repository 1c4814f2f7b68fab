// Every node that is compiled holds tables that a real node could hold: for each network plugin, both families, Services and policies,
// the real ipset and iptables-restore take all of it, and iptables-save prints the same words.
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compiled } from '../../test/cluster-run.ts';
import { networkPolicies } from '../../test/netpol/random.ts';
import { bareDump, hasIptables, loadIptables } from '../../test/real-iptables.ts';
import { cniOf, cniOptions, drivers } from '../cni/index.ts';

const able = hasIptables();
if (!able)
  console.warn(
    'skipped: compiled nodes against the real iptables (needs root, iptables and ipset)',
  );

const MANIFESTS = `---
kind: Pod
metadata: {name: a, labels: {app: web, pod: a, tier: db}}
spec: {nodeName: node-a, containers: [{name: c, ports: [{name: http, containerPort: 8080, hostPort: 8080}]}]}
---
kind: Pod
metadata: {name: b, labels: {app: web, pod: b, tier: web}}
spec: {nodeName: node-b, containers: [{name: c, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]}
---
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, sessionAffinity: ClientIP, externalTrafficPolicy: Local, ports: [{name: http, port: 80, targetPort: http}]}
---
kind: Service
metadata: {name: nobody}
spec: {ports: [{port: 81}]}
---
kind: NetworkPolicy
metadata: {name: p}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {podSelector: {}}], ports: [{port: http}, {port: 9000, endPort: 9100}]}]}
`;

function clusterOf(cni: { readonly name: string }): unknown {
  const { families, podRange } = cniOf(v.parse(cniOptions, cni));
  const six = families.includes('IPv6');
  return {
    ...(podRange === 'subnet'
      ? {}
      : { podCIDR: six ? '10.244.0.0/16,fd00:10:244::/56' : '10.244.0.0/16' }),
    subnets: [
      six
        ? { name: 'lan', cidr: '192.168.1.0/24,fd00:192::/64', gateway: '192.168.1.1,fd00:192::1' }
        : { name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' },
    ],
    cni,
  };
}

function check(cluster: unknown, manifests: string): number {
  let nodes = 0;
  for (const { kind, iptables = {}, ipsets = [] } of compiled(cluster, manifests).network
    .namespaces) {
    if (kind !== 'node') continue;
    for (const family of ['ipv4', 'ipv6'] as const) {
      const text = iptables[family];
      if (text === undefined) continue;
      nodes++;
      const { complaint, saved } = loadIptables(family, ipsets, [text]);
      expect(complaint).toBe('');
      expect(bareDump(saved)).toBe(bareDump(text));
    }
  }
  return nodes;
}

describe.skipIf(!able)('tables of compiled nodes', () => {
  it.each(Object.keys(drivers))('are those of a real node: %s', (name) => {
    expect(check(clusterOf({ name }), MANIFESTS)).toBeGreaterThan(0);
  });
  it('whatever the policies are', () => {
    fc.assert(
      fc.property(networkPolicies, (policies) => {
        const items = policies
          .map(({ metadata: { name }, ...one }) => ({ ...one, metadata: { name: `r${name}` } }))
          .map((one) => `---\n${JSON.stringify(one)}\n`)
          .join('');
        check(clusterOf({ name: 'calico' }), MANIFESTS + items);
      }),
      { numRuns: 4 },
    );
  });
});
