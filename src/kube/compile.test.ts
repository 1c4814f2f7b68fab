import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { problems } from '../test/sound-network.ts';
import { clusterSchema, defaultCluster } from './cluster-schema.ts';
import { compileCluster } from './compile.ts';
import { parseManifests } from './objects/parse.ts';

const compile = (manifests: string, cluster: unknown = {}) =>
  compileCluster({
    cluster: v.parse(clusterSchema, cluster),
    objects: parseManifests(manifests).objects,
    seed: 1,
  });
const reasons = (manifests: string, cluster: unknown = {}): string[] =>
  compile(manifests, cluster).diagnostics.map((d) => `${d.severity}: ${d.reason}`);
const pod = (name: string, spec = '', ports = '[]'): string =>
  `---\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {containers: [{name: c, ports: ${ports}}]${spec}}\n`;
const service = (spec: string): string =>
  `---\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ${spec}}\n`;
const HTTP = '[{containerPort: 8080}]';

describe('compileCluster', () => {
  it('makes two nodes and a switch from nothing', () => {
    const { network, diagnostics } = compileCluster({
      cluster: defaultCluster(),
      objects: [],
      seed: 1,
    });
    expect(network.namespaces.map((ns) => ns.name)).toEqual(['node-a', 'node-b', 'sw']);
    expect(diagnostics).toEqual([]);
    // The bridge comes with the first pod.
    expect(network.namespaces[0]?.devices.map((dev) => dev.name)).toEqual([
      'lo',
      'eth0',
      'flannel.1',
    ]);
  });

  it('puts a router between subnets, and hosts outside of the cluster', () => {
    const { network } = compile('', {
      subnets: [
        { name: 'east', cidr: '192.168.1.0/24', gateway: '192.168.1.1' },
        { name: 'west', cidr: '192.168.2.0/24', gateway: '192.168.2.1' },
      ],
      nodes: [{ name: 'node-a' }, { name: 'node-b', subnet: 'west' }],
      hosts: [{ name: 'laptop' }],
    });
    expect(problems(network)).toEqual([]);
    const router = network.namespaces.find((ns) => ns.kind === 'router');
    expect(router?.devices.map((dev) => dev.name)).toEqual(['lo', 'eth0', 'eth1']);
    const laptop = network.namespaces.find((ns) => ns.name === 'laptop');
    expect(laptop?.routes?.[0]).toMatchObject({ dst: 'default', via: '192.168.1.1' });
    expect(laptop?.iptables).toBeUndefined();
  });

  it('gives hostNetwork pods the namespace and the address of their node', () => {
    const { pods, slices, network } = compile(
      pod('web', ', hostNetwork: true, nodeName: node-b', HTTP) +
        service('ports: [{port: 80, targetPort: 8080}]'),
    );
    expect(pods[0]).toMatchObject({ netns: 'node-b', ip: '192.168.1.12', hostNetwork: true });
    expect(slices[0]?.endpoints?.[0]?.addresses).toEqual(['192.168.1.12']);
    expect(network.namespaces.find((ns) => ns.name === 'node-b')?.listeners?.[0]).toMatchObject({
      port: 8080,
      name: 'web',
    });
  });

  it('keeps names of namespaces apart', () => {
    const { pods, network } = compile(
      `${pod('node-a')}${pod('x')}---\nkind: Pod\nmetadata: {name: x, namespace: other}\nspec: {containers: [{name: c}]}\n`,
    );
    expect(pods.map((p) => p.netns)).toEqual(['node-a.default', 'x', 'x.other']);
    expect(problems(network)).toEqual([]);
  });

  it('keeps the addresses of pods that were copied from a cluster', () => {
    const given = `${pod('a')}${pod('b')}  nodeName: x\n`.replace(
      / {2}nodeName: x\n$/,
      'status: {podIP: 10.244.2.2}\n',
    );
    const { pods } = compile(`${given}${pod('c', ', nodeName: node-b')}`);
    expect(pods.map((p) => p.ip)).toEqual(['10.244.1.2', '10.244.2.2', '10.244.2.3']);
    expect(reasons(pod('a', ', nodeName: node-b') + 'status: {podIP: 10.9.9.9}\n')[0]).toMatch(
      /gets another address/,
    );
  });

  it('resolves what a pod may call', () => {
    const { resolve, services } = compile(
      `${pod('web', ', hostname: web-0, subdomain: hl')}${service('ports: [{port: 80}]')}---\nkind: Service\nmetadata: {name: hl}\nspec: {clusterIP: None, selector: {app: web}}\n---\nkind: Service\nmetadata: {name: alias}\nspec: {type: ExternalName, externalName: web.default.svc.cluster.local}\n`,
    );
    const ip = services[0]?.spec.clusterIP;
    for (const name of [
      'web',
      'web.default',
      'web.default.svc',
      'web.default.svc.cluster.local',
      'web.default.svc.cluster.local.',
      'alias',
    ])
      expect([name, resolve(name)]).toEqual([name, ip]);
    expect(resolve('hl')).toBe('10.244.1.2');
    expect(resolve('web-0.hl')).toBe('10.244.1.2');
    expect(resolve('node-b')).toBe('192.168.1.12');
    expect(resolve('192.168.1.200')).toBe('192.168.1.200');
    expect(resolve('web', 'other')).toBe(null);
    expect(resolve('nobody')).toBe(null);
    // A pod's name is no DNS name.
    expect(compile(pod('alone')).resolve('alone')).toBe(null);
  });

  it('gives nodes, pods and Services addresses of both families, and answers who gave each', () => {
    const { resolve, pods, services, slices, addresses, network } = compile(
      pod('web', '', HTTP) +
        service('ipFamilyPolicy: PreferDualStack, ports: [{port: 80, targetPort: 8080}]'),
      {
        podCIDR: '10.244.0.0/16,fd00:10:244::/56',
        nodes: [{ name: 'a', externalIP: '203.0.113.7' }],
      },
    );
    expect(pods[0]?.ips).toEqual(['10.244.1.2', 'fd00:10:244:1::2']);
    expect(slices.map((slice) => [slice.addressType, slice.endpoints?.[0]?.addresses])).toEqual([
      ['IPv4', ['10.244.1.2']],
      ['IPv6', ['fd00:10:244:1::2']],
    ]);
    const [v4 = '', v6 = ''] = services[0]?.spec.clusterIPs ?? [];
    expect([resolve('web'), resolve('web', 'default', 'IPv6')]).toEqual([v4, v6]);
    expect([resolve('a', 'default', 'IPv6'), resolve('10.0.0.1', 'default', 'IPv6')]).toEqual([
      'fd00:192:168:1::11',
      null,
    ]);
    expect(addresses.get(v6)).toEqual({
      object: 'Service default/web',
      by: 'kube-apiserver',
      from: 'fd00:10:96::/112',
    });
    expect(addresses.get('10.244.1.2')).toEqual({
      object: 'Pod default/web',
      by: 'host-local',
      from: '10.244.1.0/24',
    });
    expect([addresses.get('192.168.1.11')?.by, addresses.get('203.0.113.7')?.by]).toEqual([
      'kubelet',
      'cloud-controller-manager',
    ]);
    // kube-proxy runs once for each family.
    const node = network.namespaces.find(({ kind }) => kind === 'node');
    expect(node?.iptables?.ipv4).toContain(`-d ${v4}/32`);
    expect(node?.iptables?.ipv6).toContain(`-d ${v6}/128`);
    expect(problems(network)).toEqual([]);
  });

  it('answers on node ports of the addresses that the flag names', () => {
    const on = (nodePortAddresses: readonly string[]): readonly string[] => {
      const { network } = compile(
        pod('web', '', HTTP) + service('type: NodePort, ports: [{port: 80, nodePort: 30080}]'),
        { kubeProxy: { nodePortAddresses } },
      );
      const text = network.namespaces[0]?.iptables?.ipv4 ?? '';
      return [...text.matchAll(/-A KUBE-SERVICES (.*) -m comment.*-j KUBE-NODEPORTS/g)].map(
        ([, match = '']) => match,
      );
    };
    expect(on([])).toEqual([]);
    expect(on(['primary'])).toEqual(['-d 192.168.1.11/32']);
    expect(on(['10.244.1.0/24'])).toEqual(['-d 10.244.1.0/32', '-d 10.244.1.1/32']);
    expect(() => on(['everywhere'])).toThrow(/expected a network/);
  });

  it('names ranges and addresses that collide', () => {
    expect(reasons('', { podCIDR: '192.168.0.0/16' })).toContain(
      'error: `podCIDR` 192.168.0.0/16 and the subnet lan 192.168.1.0/24 overlap',
    );
    expect(reasons('', { serviceCIDR: '10.244.0.0/20' })).toContain(
      'error: `serviceCIDR` 10.244.0.0/20 and `podCIDR` 10.244.0.0/16 overlap',
    );
    const twice = [
      { name: 'a', podCIDR: '10.244.1.0/24' },
      { name: 'b', podCIDR: '10.244.0.0/23' },
    ];
    expect(reasons('', { nodes: twice })).toContain(
      'error: the pod CIDRs of a (10.244.1.0/24) and b (10.244.0.0/23) overlap',
    );
    const same = [
      { name: 'a', ip: '192.168.1.50' },
      { name: 'b', ip: '192.168.1.50' },
    ];
    expect(reasons('', { nodes: same })).toContain('error: 192.168.1.50 of b belongs to a already');
    expect(
      reasons('', { podCIDR: 'fd00:10:244::/56', subnets: [{ name: 'lan', cidr: '10.0.0.0/24' }] }),
    ).toContain('error: node-a has no IPv6 address, but pods have');
    expect(
      reasons('', { podCIDR: '10.244.0.0/16,fd00:10:244::/56', cni: { name: 'kubenet' } }),
    ).toContain('error: kubenet gives pods no IPv6 addresses with these options');
  });

  it('says what looks wrong', () => {
    expect(
      reasons(pod('web', '', HTTP) + service('ports: [{port: 80, targetPort: 9090}]')),
    ).toEqual([
      'warning: port 80 of Service default/web leads to 9090, where no container of default/web listens',
    ]);
    expect(reasons('kind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}')).toEqual(
      ['warning: NetworkPolicy default/deny has no effect: Flannel does not enforce policies'],
    );
    expect(reasons('kind: Node\nmetadata: {name: node-z}')).toEqual([
      'warning: Node node-z is no machine of the cluster',
    ]);
  });

  it('reads flags from the ConfigMap of kube-proxy', () => {
    const map = `---\nkind: ConfigMap\nmetadata: {name: kube-proxy, namespace: kube-system}\ndata:\n  config.conf: |\n    mode: ""\n    clusterCIDR: ""\n    iptables: {masqueradeAll: true, masqueradeBit: null}\n`;
    const rules = (text: string) =>
      compile(pod('web', '', HTTP) + service('ports: [{port: 80, targetPort: 8080}]') + text)
        .network.namespaces[0]?.iptables?.ipv4;
    expect(rules('')).toMatch(/ ! -s 10\.244\.0\.0\/16 -d .* --dport 80 -j KUBE-MARK-MASQ/);
    expect(rules(map)).toMatch(/^-A KUBE-SVC-\w+ -d .* --dport 80 -j KUBE-MARK-MASQ$/m);
    expect(reasons(map.replace('mode: ""', 'mode: ipvs'))[0]).toMatch(
      /only iptables mode is modelled/,
    );
  });

  it('answers impossible settings with sentences', () => {
    expect(reasons('', { nodes: [{ name: 'a' }, { name: 'a' }] })).toEqual([
      'error: the name a is taken',
    ]);
    expect(reasons('', { nodes: [{ name: 'sw' }] })).toEqual(['error: the name sw is taken']);
    expect(reasons('', { nodes: [{ name: 'a', ip: '10.0.0.1' }] })[0]).toMatch(/a is in no subnet/);
    expect(reasons('', { podCIDR: '10.0.0.0/24' })).toHaveLength(2);
  });

  it('bounds the number of rules', () => {
    const ports = Array.from({ length: 200 }, (_, i) => `{name: p${i}, port: ${i + 1}}`).join(', ');
    const deployment = `---\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 400, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}\n`;
    const services = Array.from({ length: 5 }, (_, i) =>
      service(`ports: [${ports}]`).replace('name: web}', `name: s${i}}`),
    );
    const found = compile(deployment + services.join(''));
    expect(
      found.diagnostics.some((d) => d.severity === 'error' && d.reason.includes('chains')),
    ).toBe(true);
  });

  it('yields a sound network for any cluster', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom('vxlan', 'host-gw'),
        fc.integer({ min: 0, max: 5 }),
        (count, replicas, backend, seed) => {
          const { network, diagnostics } = compileCluster({
            cluster: v.parse(clusterSchema, {
              nodes: Array.from({ length: count }, (_, i) => ({
                name: `a-rather-long-node-name-${i}`,
              })),
              cni: { name: 'flannel', backend },
            }),
            objects: parseManifests(
              `${pod('client')}---\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: ${replicas}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: ${HTTP}}]}}}\n${service('ports: [{port: 80, targetPort: 8080}]')}`,
            ).objects,
            seed,
          });
          expect(diagnostics).toEqual([]);
          expect(problems(network)).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});
