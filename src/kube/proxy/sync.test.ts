// Rules for the cases that people ask about, in the words of kube-proxy.
import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import { localDetector, PROXY_DEFAULTS } from './config.ts';
import { syncProxyRules } from './sync.ts';
import type { ProxyConfig } from './types.ts';

const config: ProxyConfig = {
  ...PROXY_DEFAULTS,
  family: 'IPv4',
  nodeName: 'node-a',
  nodeIP: '192.168.1.11',
  localAddresses: ['127.0.0.1', '192.168.1.11'],
  detector: localDetector({ mode: 'ClusterCIDR', cidr: '10.244.0.0/16' }, 'IPv4'),
};
const service = (spec: Partial<Service['spec']>): Service => ({
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.20', ports: [{ port: 80 }], ...spec },
});
const slice = (...endpoints: NonNullable<EndpointSlice['endpoints']>): EndpointSlice => ({
  kind: 'EndpointSlice',
  metadata: {
    name: 'web-1',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'web' },
  },
  endpoints,
  ports: [{ name: '', port: 8080, protocol: 'TCP' }],
});
const here = { addresses: ['10.244.1.5'], nodeName: 'node-a' };
const there = { addresses: ['10.244.2.5'], nodeName: 'node-b' };

const rules = (one: Service, slices: readonly EndpointSlice[], more: Partial<ProxyConfig> = {}) =>
  syncProxyRules({ services: [one], slices }, { ...config, ...more })
    .tables.flatMap((t) =>
      t.rules.map((r) => `${t.table} ${r.chain.replace(/-[A-Z2-7]{16}$/, '')} ${r.args}`),
    )
    .filter((rule) => rule.includes('default/web') || /KUBE-(EXT|SVC|SVL|SEP)/.test(rule))
    .map((rule) =>
      rule.replaceAll(/-[A-Z2-7]{16}/g, '').replaceAll(/-m comment --comment (".*?"|\S+) /g, ''),
    );

describe('syncProxyRules', () => {
  it('spreads over endpoints with falling odds, and hides a pod from itself', () => {
    expect(rules(service({}), [slice(here, there)])).toEqual([
      'nat KUBE-SERVICES -m tcp -p tcp -d 10.96.0.20 --dport 80 -j KUBE-SVC',
      'nat KUBE-SVC -m tcp -p tcp -d 10.96.0.20 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ',
      'nat KUBE-SVC -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP',
      'nat KUBE-SVC -j KUBE-SEP',
      'nat KUBE-SEP -s 10.244.1.5 -j KUBE-MARK-MASQ',
      'nat KUBE-SEP -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:8080',
      'nat KUBE-SEP -s 10.244.2.5 -j KUBE-MARK-MASQ',
      'nat KUBE-SEP -m tcp -p tcp -j DNAT --to-destination 10.244.2.5:8080',
    ]);
  });
  it('refuses where nobody could answer', () => {
    const dead = { ...here, conditions: { ready: false, serving: false } };
    expect(rules(service({}), [slice(dead)])).toEqual([
      'filter KUBE-SERVICES -m tcp -p tcp -d 10.96.0.20 --dport 80 -j REJECT',
    ]);
  });
  it('is silent where only another node could answer (externalTrafficPolicy: Local)', () => {
    const local = service({
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      ports: [{ port: 80, nodePort: 30080 }],
    });
    expect(rules(local, [slice(there)])).toContain(
      'filter KUBE-EXTERNAL-SERVICES -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j DROP',
    );
    expect(rules(local, [slice(there)]).filter((r) => r.startsWith('nat KUBE-EXT'))).toEqual([
      'nat KUBE-EXT -s 10.244.0.0/16 -j KUBE-SVC',
      'nat KUBE-EXT -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      'nat KUBE-EXT -m addrtype --src-type LOCAL -j KUBE-SVC',
    ]);
  });
  it('keeps a terminating pod as the last resort', () => {
    const leaving = { ...there, conditions: { ready: false, serving: true, terminating: true } };
    expect(rules(service({}), [slice(leaving)])).toContain(
      'nat KUBE-SEP -m tcp -p tcp -j DNAT --to-destination 10.244.2.5:8080',
    );
    expect(rules(service({}), [slice(leaving, here)]).join()).not.toContain('10.244.2.5');
  });
  it('remembers clients for session affinity', () => {
    const sticky = service({ sessionAffinity: 'ClientIP' });
    const found = rules(sticky, [slice(here)]);
    expect(found).toContain(
      'nat KUBE-SVC -m recent --name KUBE-SEP --rcheck --seconds 10800 --reap -j KUBE-SEP',
    );
    expect(found).toContain(
      'nat KUBE-SEP -m recent --name KUBE-SEP --set -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:8080',
    );
  });
  it('removes chains of Services that are gone', () => {
    const { tables } = syncProxyRules(
      { services: [], slices: [], existing: ['KUBE-SVC-AAAA', 'KUBE-POSTROUTING', 'CNI-1'] },
      config,
    );
    expect(tables[1]?.deletions).toEqual(['KUBE-SVC-AAAA']);
    expect(tables[1]?.chains).toContain('KUBE-SVC-AAAA');
  });
  it('leaves out comments per endpoint above a thousand endpoints', () => {
    const many = Array.from({ length: 1001 }, (_, i) => ({
      addresses: [`10.244.${1 + (i >> 8)}.${i & 255}`],
    }));
    const [, nat] = syncProxyRules(
      { services: [service({})], slices: [slice(...many)] },
      config,
    ).tables;
    const dispatch = nat?.rules.filter((rule) => rule.args.includes('-j KUBE-SEP-')) ?? [];
    expect(dispatch).toHaveLength(1001);
    expect(dispatch.filter((rule) => rule.args.includes('comment'))).toEqual([]);
  });
});
