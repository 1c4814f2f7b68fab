// A cluster in a cloud: what it becomes where the document says little, and what is refused.
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compiled } from '../../test/cluster-run.ts';
import type { VpcRouterSpec } from '../../network/appliances.ts';
import { runFlows } from '../../kernel/run.ts';
import { compileScenario } from '../../scenario/compile/compile.ts';
import { problems } from '../../test/sound-network.ts';
import { clusterSchema } from '../cluster-schema.ts';
import { compileCluster } from '../compile.ts';
import { parseManifests } from '../objects/parse.ts';
import { decodeScenario } from '../../scenario/schema/decode.ts';

const podCalled = (name: string): string =>
  `---\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, ports: [{containerPort: 80}]}]}\n`;
const PODS = ['p0', 'p1', 'p2'].map(podCalled).join('');
const reasons = (cluster: object): readonly string[] =>
  compiled(cluster, '').diagnostics.map((d) => `${d.severity}: ${d.reason}`);
const AWS = { cloud: { name: 'aws' }, cni: { name: 'aws-vpc' } };

describe('a VPC', () => {
  it('is one public subnet with two nodes and an internet gateway from almost nothing', () => {
    const { network, diagnostics, machines } = compiled(AWS, '');
    expect(diagnostics).toEqual([]);
    expect(network.namespaces.map((ns) => ns.name)).toEqual(['node-a', 'node-b', 'router']);
    expect(network.appliances?.map((one) => one.name)).toEqual(['vpc', 'igw']);
    expect(machines.map(({ ip, subnet }) => [ip, subnet.mtu])).toEqual([
      ['10.0.1.11', 9001],
      ['10.0.1.12', 9001],
    ]);
  });

  it('knows every interface, with the MAC and the addresses of the other end', () => {
    const cni = { name: 'aws-vpc', instanceType: 't3.micro' };
    const { network, pods } = compiled({ ...AWS, cni }, PODS);
    const vpc = network.appliances![0] as VpcRouterSpec;
    expect(vpc.enis.map((eni) => eni.name)).toEqual([
      'eni-node-a',
      'eni-node-a-eth1',
      'eni-node-b',
      'eni-node-b-eth1',
    ]);
    for (const eni of vpc.enis) {
      const ns = network.namespaces.find(({ name }) => name === eni.peer.ns);
      const dev = ns?.devices.find(({ name }) => name === eni.peer.dev);
      expect([dev?.mac, dev?.peer]).toEqual([eni.mac, { ns: 'vpc', dev: eni.name }]);
      expect(eni.sourceDestCheck).toBe(true);
    }
    const held = vpc.enis.flatMap((eni) => eni.addresses);
    expect(new Set(held).size).toBe(held.length);
    for (const { ip } of pods) expect(held).toContain(ip);
  });

  it('takes routes of controllers, which name nodes', () => {
    const { network } = compiled({ cloud: { name: 'aws' }, cni: { name: 'kubenet' } }, '');
    const vpc = network.appliances![0] as VpcRouterSpec;
    expect(vpc.routeTables[0]?.routes).toEqual([
      { dst: '10.244.1.0/24', target: 'eni-node-a' },
      { dst: '10.244.2.0/24', target: 'eni-node-b' },
      { dst: '0.0.0.0/0', target: 'igw' },
    ]);
    expect(vpc.enis.every((eni) => !eni.sourceDestCheck)).toBe(true);
  });

  it('is a setting of a scenario like any other', () => {
    const decoded = decodeScenario(`
version: 1
id: to-the-internet
title: A pod calls the internet
cluster:
  cloud: {name: aws}
  cni: {name: aws-vpc}
  subnets:
    - {name: public, cidr: 10.0.1.0/24}
    - {name: world, cidr: 198.51.100.0/24}
  nodes: [{name: node-a, externalIP: 203.0.113.11}]
  hosts: [{name: server, subnet: world, kind: internet, ports: [80]}]
manifests: |
  kind: Pod
  metadata: {name: client}
  spec: {containers: [{name: c}]}
timeline:
  - {run: {pod: client, command: 'curl http://198.51.100.101'}}
`);
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
    const scenario = compileScenario(decoded.value);
    if (!scenario.ok) throw new Error(JSON.stringify(scenario.error));
    const { network, steps, seed } = scenario.value;
    const { results } = runFlows({ network, steps, seed });
    expect(results[0]?.[0]).toMatchObject({ result: 'ok', served_by: 'server' });
  });

  it('refuses what a VPC cannot be, with the reason', () => {
    const subnets = (...list: object[]) => reasons({ ...AWS, subnets: list });
    const a = { name: 'a', cidr: '10.0.1.0/24' };
    expect(subnets({ ...a, gateway: '10.0.1.9' })).toEqual([
      'error: the router of a is not 10.0.1.9',
    ]);
    expect(subnets({ ...a, cidr: '10.0.0.0/8' })[0]).toBe(
      'error: the subnet a (10.0.0.0/8) is not one IPv4 range in 10.0.0.0/16',
    );
    expect(reasons({ ...AWS, nodes: [{ name: 'n', ip: '10.0.1.2' }] })).toEqual([
      'error: 10.0.1.2 of n is kept by the cloud',
    ]);
    expect(reasons({ ...AWS, podCIDR: 'fd00:10:244::/56' })[0]).toBe(
      'error: IPv6 in a VPC is not modelled',
    );
    expect(reasons({ ...AWS, nodes: [{ name: 'igw' }] })).toEqual(['error: the name igw is taken']);
    expect(reasons({ ...AWS, cloud: { name: 'aws', privateSubnets: ['x'] } })).toEqual([
      'error: there is no subnet x in 10.0.0.0/16',
    ]);
  });

  it('is sound for any cluster, and every pod reaches every other', () => {
    const setting = fc.record({
      nodes: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 4 }),
      pods: fc.integer({ min: 2, max: 9 }),
      cni: fc.oneof(
        fc.record({
          name: fc.constant('aws-vpc'),
          instanceType: fc.constantFrom('t3.micro', 't3.small', 'm5.large', 'c5.18xlarge'),
          prefixDelegation: fc.boolean(),
          warmENITarget: fc.nat({ max: 2 }),
          externalSNAT: fc.boolean(),
          preferENI: fc.constantFrom('any', 'primary', 'secondary'),
        }),
        fc.record({ name: fc.constant('kubenet') }),
        fc.record({ name: fc.constant('flannel') }),
      ),
      seed: fc.nat({ max: 9 }),
    });
    let answered = 0;
    fc.assert(
      fc.property(setting, ({ nodes, pods, cni, seed }) => {
        const cluster = {
          cloud: { name: 'aws', privateSubnets: ['s1'] },
          subnets: ['s0', 's1', 's2'].map((name, i) => ({ name, cidr: `10.0.${i}.0/24` })),
          nodes: nodes.map((s, i) => ({ name: `a-rather-long-node-${i}`, subnet: `s${s}` })),
          cni,
        };
        const made = compileCluster({
          cluster: v.parse(clusterSchema, cluster),
          objects: parseManifests(
            Array.from({ length: pods }, (_, i) => podCalled(`p${i}`)).join(''),
          ).objects,
          seed,
        });
        for (const { reason } of made.diagnostics) expect(reason).toMatch(/gets no address: /);
        expect(problems(made.network)).toEqual([]);
        const vpc = made.network.appliances![0] as VpcRouterSpec;
        const held = vpc.enis.flatMap((eni) => eni.addresses);
        expect(new Set(held).size).toBe(held.length);
        const [from, to] = [made.pods[0], made.pods.at(-1)];
        if (from === undefined || to === undefined || from === to) return;
        const { results, trace } = runFlows({
          network: made.network,
          steps: [{ do: 'flow', id: 'f', proto: 'tcp', ns: from.netns, dst: to.ip, dport: 80 }],
          seed,
          silent: true,
        });
        expect(trace.diagnostics).toEqual([]);
        expect(results[0]?.[0]).toMatchObject({ result: 'ok', served_by: to.netns });
        answered++;
      }),
      { numRuns: 40, seed: 5 },
    );
    expect(answered).toBeGreaterThan(30);
  });
});
