// What was seen in network namespaces of Linux 6.18 with these plugins, each with a packet.
import { describe, expect, it } from 'vitest';
import { compiled, nameOf, runCluster } from '../../test/cluster-run.ts';
import type { Flow } from '../../test/cluster-run.ts';
import { crossingsOf } from '../../trace/export/crossings.ts';
import { printMac } from '../../wire/addr/mac.ts';
import type { CompiledCluster } from '../compile.ts';

const pod = (name: string, node: string, ports = '[{containerPort: 8080}]'): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: server, ports: ${ports}}]}
`;
const service = (name: string): string => `---
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080}]}
`;
const ask = (cluster: CompiledCluster, flow: Omit<Flow, 'id'>) => {
  const { seen, trace } = runCluster(cluster, [{ id: 'request', ...flow }], 8080);
  return { ...seen.get('request')!, trace };
};
const ipOf = ({ pods }: CompiledCluster, name: string): string =>
  pods.find((one) => one.netns === name)?.ip ?? '';
const clusterIP = ({ services }: CompiledCluster, name: string): string =>
  services.find(({ metadata }) => metadata.name === name)?.spec.clusterIP ?? '';
const routesOf = ({ network }: CompiledCluster, ns: string): readonly string[] =>
  (network.namespaces.find(({ name }) => name === ns)?.routes ?? []).map(
    ({ origin }) => origin?.command?.replace('ip route add ', '') ?? '',
  );

describe('the bridge plugin, Services on one bridge', () => {
  it.each([
    // bridge-nf-call-iptables, hairpin of the port, to another pod of the node, to itself
    [0, false, 'lost', 'node-a cni0'],
    [0, true, 'lost', 'node-a cni0'],
    [1, false, 'client', 'lost'],
    [1, true, 'client', 'node-a cni0'],
  ] as const)(
    'bridge-nf-call-iptables %i, hairpin %s: other %s, itself %s',
    (nf, hairpinMode, other, itself) => {
      const cluster = compiled(
        {
          cni: { name: 'bridge', hairpinMode },
          sysctls: { 'net.bridge.bridge-nf-call-iptables': nf },
        },
        pod('client', 'node-a') + pod('near', 'node-a') + service('client') + service('near'),
      );
      const seenAs = (name: string): string => {
        const { result, source } = ask(cluster, {
          ns: 'client',
          dst: clusterIP(cluster, name),
          dport: 80,
        });
        return result === 'ok' ? nameOf(cluster, source) : 'lost';
      };
      expect([seenAs('near'), seenAs('client')]).toEqual([other, itself]);
    },
  );
});

describe('the bridge plugin with ipMasq', () => {
  it('gives pods of other nodes the node as source, and those of its own node the pod', () => {
    const cluster = compiled(
      { cni: { name: 'bridge', ipMasq: true } },
      pod('client', 'node-a') + pod('near', 'node-a') + pod('web', 'node-b'),
    );
    const from = (name: string): string =>
      nameOf(cluster, ask(cluster, { ns: 'client', dst: ipOf(cluster, name), dport: 8080 }).source);
    expect([from('near'), from('web')]).toEqual(['client', 'node-a']);
  });
});

describe('flannel', () => {
  const cluster = compiled({}, pod('client', 'node-a') + pod('web', 'node-b'));
  it('gives a pod a /24, a default route, one to all pods, and an MTU of 1450 at both ends', () => {
    const eth0 = cluster.network.namespaces
      .find(({ name }) => name === 'client')
      ?.devices.find(({ name }) => name === 'eth0');
    expect(eth0?.addresses?.map((one) => (typeof one === 'string' ? one : one.cidr))).toEqual([
      '10.244.1.2/24',
    ]);
    expect(routesOf(cluster, 'client')).toEqual([
      'default via 10.244.1.1 dev eth0',
      '10.244.0.0/16 via 10.244.1.1 dev eth0',
    ]);
    const node = cluster.network.namespaces.find(({ name }) => name === 'node-a');
    const veth = node?.devices.find(({ name }) => name === eth0?.peer?.dev);
    const cni0 = node?.devices.find(({ name }) => name === 'cni0');
    expect([eth0?.mtu, veth?.mtu, cni0?.mtu]).toEqual([1450, 1450, 1450]);
  });
  it('routes at both nodes: a TTL of 62 arrives', () => {
    const { result, ttl } = ask(cluster, { ns: 'client', dst: ipOf(cluster, 'web'), dport: 8080 });
    expect([result, ttl]).toEqual(['ok', 62]);
  });
  it('lets a node speak to remote pods with the address of flannel.1, unmasqueraded', () => {
    const { result, source, trace } = ask(cluster, {
      ns: 'node-a',
      dst: ipOf(cluster, 'web'),
      dport: 8080,
    });
    expect([result, source]).toEqual(['ok', '10.244.1.0']);
    expect(trace.events.some((e) => e.kind === 'nat.setup' && e.detail.by === 'MASQUERADE')).toBe(
      false,
    );
  });
  it('wraps frames between the VTEPs into UDP to port 8472', () => {
    const { trace } = ask(cluster, { ns: 'client', dst: ipOf(cluster, 'web'), dport: 8080 });
    const outer = crossingsOf(trace).find(
      ({ netns, dev, direction, packet }) =>
        netns === 'node-a' &&
        dev === 'eth0' &&
        direction === 'out' &&
        packet.layers.some(({ kind }) => kind === 'vxlan'),
    );
    const layers = outer?.packet.layers ?? [];
    const udp = layers.find((layer) => layer.kind === 'udp');
    expect(udp?.kind === 'udp' && udp.header.dport).toBe(8472);
    const macOf = (ns: string): string | undefined =>
      cluster.network.namespaces
        .find(({ name }) => name === ns)
        ?.devices.find(({ name }) => name === 'flannel.1')?.mac;
    const inner = layers.filter((layer) => layer.kind === 'ethernet')[1];
    expect(
      inner?.kind === 'ethernet' && [printMac(inner.header.src), printMac(inner.header.dst)],
    ).toEqual([macOf('node-a'), macOf('node-b')]);
  });
  it('has less room in IPv6 than its pods believe: the kernel cuts the tunnel down to 1430', () => {
    const six = compiled(
      { podCIDR: 'fd00:10:244::/56' },
      pod('client', 'node-a') + pod('web', 'node-b'),
    );
    const device = six.network.namespaces
      .find(({ name }) => name === 'node-a')
      ?.devices.find(({ name }) => name === 'flannel-v6.1');
    expect(device?.mtu).toBe(1430);
    expect(ask(six, { ns: 'client', dst: ipOf(six, 'web'), dport: 8080 })).toMatchObject({
      result: 'ok',
      ttl: 62,
    });
  });
});

describe('the ptp plugin', () => {
  const cluster = compiled(
    { cni: { name: 'ptp' } },
    pod('client', 'node-a') + pod('near', 'node-a'),
  );
  it('leaves a pod no subnet of its own: all goes by the gateway', () => {
    expect(routesOf(cluster, 'client')).toEqual([
      '10.244.1.1/32 dev eth0 scope link src 10.244.1.2',
      '10.244.1.0/24 via 10.244.1.1 dev eth0 src 10.244.1.2',
      'default via 10.244.1.1 dev eth0',
    ]);
  });
  it('routes between pods of one node: a TTL of 63 arrives', () => {
    const { result, ttl, trace } = ask(cluster, {
      ns: 'client',
      dst: ipOf(cluster, 'near'),
      dport: 8080,
    });
    expect([result, ttl]).toEqual(['ok', 63]);
    // The pod asks for nobody but the gateway.
    const asked = crossingsOf(trace).flatMap(({ netns, direction, packet }) => {
      const arp = packet.layers.find((layer) => layer.kind === 'arp');
      return netns === 'client' && direction === 'out' && arp?.kind === 'arp' && arp.header.op === 1
        ? [arp.header.tpa]
        : [];
    });
    expect(new Set(asked).size).toBe(1);
  });
});

describe('the portmap plugin', () => {
  const manifests =
    pod('client', 'node-a') +
    pod('web', 'node-a', '[{containerPort: 8080, hostPort: 80}]') +
    pod('far', 'node-b');
  it.each(['flannel', 'kindnet', 'bridge', 'ptp'])(
    '%s: answers on the port of the node',
    (name) => {
      const hairpin = name === 'bridge' ? { hairpinMode: true } : {};
      const cluster = compiled(
        { cni: { name, ...hairpin }, hosts: [{ name: 'outside' }] },
        manifests,
      );
      const node = cluster.machines[0]?.ip ?? '';
      const from = (ns: string, dst = node): string => {
        const { result, source } = ask(cluster, { ns, dst, dport: 80 });
        return result === 'ok' ? nameOf(cluster, source) : 'lost';
      };
      expect(from('outside')).toBe('outside');
      // Itself, by its node: masqueraded, as it would otherwise answer to itself.
      expect(from('web')).toMatch(/^node-a/);
      expect(from('node-a', '127.0.0.1')).toMatch(/^node-a/);
      expect(cluster.diagnostics).toEqual([]);
    },
  );
  it('is no part of kubenet, and that is said; so is how kindnet enforces policies', () => {
    const LAN = [{ name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' }];
    const { diagnostics } = compiled({ cni: { name: 'kubenet' }, subnets: LAN }, manifests);
    expect(diagnostics.map(({ reason }) => reason)).toEqual([
      'hostPort of Pod default/web has no effect here: kubenet does it by the kubelet’s own KUBE-HOSTPORTS chains, which is not modelled',
    ]);
    const policy = '---\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n';
    expect(
      compiled({ cni: { name: 'kindnet' } }, policy).diagnostics.map(({ reason }) => reason),
    ).toEqual([
      'NetworkPolicy default/deny is not enforced here: kindnet does it by nftables and a queue to user space, which is not modelled',
    ]);
  });
});
