// The chains that plugins write, against iptables-save of a machine on which their own rules were loaded (testdata/*.saved).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clusterView, contextOf, sandboxOf } from '../../test/cni.ts';
import { expectSaved, savedAfter } from '../../test/saved-text.ts';
import { bridgeAdd } from './bridge-plugin.ts';
import { cniChain } from './chain-names.ts';
import { cniOf } from './index.ts';
import { portmapAdd, wiredBy } from './portmap.ts';

const real = (name: string): string =>
  readFileSync(new URL(`./testdata/${name}.saved`, import.meta.url), 'utf8');
const LAN = [{ name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' }];
const ctx = contextOf(clusterView({ subnets: LAN }), 'node-a', null);
const web = sandboxOf('web', ['10.244.1.5'], null, {
  object: {
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }] },
  },
});

describe('rules as iptables-save prints them', () => {
  it('flannel', () => {
    const cni = cniOf({
      name: 'flannel',
      backend: 'vxlan',
      vni: 1,
      port: 8472,
      directRouting: false,
    });
    expectSaved(savedAfter(cni.nodeSetup(ctx)), real('flannel'));
  });
  it('kubenet', () => {
    const cni = cniOf({
      name: 'kubenet',
      hairpinMode: 'hairpin-veth',
      nonMasqueradeCIDR: '10.0.0.0/8',
      sourceDestCheck: false,
    });
    expectSaved(savedAfter(cni.nodeSetup(ctx)), real('kubenet'));
  });
  it('kindnet', () => {
    expectSaved(savedAfter(cniOf({ name: 'kindnet' }).nodeSetup(ctx)), real('kindnet'));
  });
  it('the bridge plugin with ipMasq, and portmap after it', () => {
    const wiring = bridgeAdd(ctx, web, {
      network: 'cbr0',
      bridge: 'cni0',
      mtu: 1500,
      hairpin: false,
      ipMasq: true,
      routes: ['default'],
    });
    const ports = portmapAdd(ctx, web, 'cbr0', wiredBy(wiring, 'node-a', web));
    expectSaved(savedAfter([...wiring, ...ports]), real('cni-bridge-ipmasq'));
  });
  it('names chains by network and container, in 28 characters', () => {
    expect(cniChain('CNI-', 'cbr0', '0123456789abcdef')).toBe('CNI-8cbe06c6d4b297670ecbfdbd');
    expect(cniChain('CNI-DN-', 'cbr0', '0123456789abcdef')).toBe('CNI-DN-8cbe06c6d4b297670ecbf');
  });
});

describe('portmap', () => {
  const withPorts = (ports: readonly object[], ips = ['10.244.1.5']) =>
    sandboxOf('web', ips, null, {
      object: {
        kind: 'Pod',
        metadata: { name: 'web' },
        spec: { containers: [{ name: 'c', ports: ports as never }] },
      },
    });
  const withMask = (ip: string): string => `${ip}/${ip.includes(':') ? 64 : 24}`;
  const lines = (pod: ReturnType<typeof withPorts>, family: 'ipv4' | 'ipv6' = 'ipv4') =>
    savedAfter(
      portmapAdd(ctx, pod, 'cbr0', { device: 'cni0', addresses: pod.ips.map(withMask) }),
      'node-a',
      family,
    ).split('\n');

  it('writes nothing for a pod without host ports', () => {
    expect(lines(withPorts([{ containerPort: 80 }]))).toEqual(['']);
  });
  it('puts at most 15 ports into one match, each protocol by itself', () => {
    const ports = Array.from({ length: 17 }, (_, i) => ({
      containerPort: i + 1,
      hostPort: 8000 + i,
    }));
    const udp = { containerPort: 53, hostPort: 5353, protocol: 'UDP' };
    const entries = lines(withPorts([...ports, udp])).filter((line) =>
      line.startsWith('-A CNI-HOSTPORT-DNAT'),
    );
    expect(entries.map((line) => /-p (\w+).*--dports ([\d,]+)/.exec(line)?.slice(1))).toEqual([
      ['tcp', ports.slice(0, 15).map((port) => port.hostPort).join(',')],
      ['tcp', '8015,8016'],
      ['udp', '5353'],
    ]); // prettier-ignore
  });
  it('keeps a host address, and writes brackets for IPv6', () => {
    const port = { containerPort: 80, hostPort: 8080 };
    const bound = lines(withPorts([{ ...port, hostIP: '192.168.1.11' }]));
    expect(bound.filter((line) => line.includes('-j DNAT'))[0]).toContain('-d 192.168.1.11/32');
    const six = lines(withPorts([port], ['fd00:10:244:1::5']), 'ipv6');
    expect(six.find((line) => line.includes('-j DNAT'))).toContain(
      '--to-destination [fd00:10:244:1::5]:80',
    );
    expect(six.join('\n')).not.toContain('127.0.0.1');
  });
});
