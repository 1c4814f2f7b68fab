// A cluster in a cloud: what it becomes where the document says little, and what is refused.
import { describe, expect, it } from 'vitest';
import { compiled } from '../../test/cluster-run.ts';
import type { VpcRouterSpec } from '../../network/appliances.ts';
import { portsOf } from '../../appliance/index.ts';
import { runFlows } from '../../kernel/run.ts';
import { compileScenario } from '../../scenario/compile/compile.ts';
import { decodeScenario } from '../../scenario/schema/decode.ts';

const PODS = [0, 1, 2]
  .map((i) => `---\nkind: Pod\nmetadata: {name: p${i}}\nspec: {containers: [{name: c}]}\n`)
  .join('');
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

  it('has no cable with one end', () => {
    const cloud = {
      name: 'aws',
      privateSubnets: ['p'],
      natGateway: { subnet: 'a', externalIP: '203.0.113.9' },
    };
    const subnets = [
      { name: 'a', cidr: '10.0.1.0/24' },
      { name: 'p', cidr: '10.0.2.0/24' },
      { name: 'world', cidr: '198.51.100.0/24' },
    ];
    const { network, diagnostics } = compiled({ ...AWS, cloud, subnets }, PODS);
    expect(diagnostics).toEqual([]);
    const places = [
      ...network.namespaces,
      ...network.appliances!.map((one) => ({ name: one.name, devices: portsOf(one) })),
    ];
    const ends = places.flatMap(({ name, devices }) =>
      devices.flatMap((dev) => (dev.peer === undefined ? [] : [{ at: [name, dev.name], dev }])),
    );
    expect(ends.length).toBeGreaterThan(15);
    for (const { at, dev } of ends) {
      const other = places
        .find(({ name }) => name === dev.peer!.ns)
        ?.devices.find(({ name }) => name === dev.peer!.dev);
      expect([other?.peer?.ns, other?.peer?.dev]).toEqual(at);
    }
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
    expect(reasons({ ...AWS, nodes: [{ name: 'igw' }] })).toEqual(['error: the name igw is taken']);
    expect(reasons({ ...AWS, cloud: { name: 'aws', privateSubnets: ['x'] } })).toEqual([
      'error: there is no subnet x in 10.0.0.0/16',
    ]);
  });
});
