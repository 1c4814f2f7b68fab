// Journeys through clusters in a VPC, for the live check: the AWS VPC CNI with pods on both interfaces of a node, and plugins that rely on
// the cloud's routes.
import * as v from 'valibot';
import { clusterSchema } from '../../../kube/cluster-schema.ts';
import { compileCluster } from '../../../kube/compile.ts';
import type { CompiledCluster } from '../../../kube/compile.ts';
import { parseManifests } from '../../../kube/objects/parse.ts';
import type { FlowSpec } from '../../../network/types.ts';
import { vpcNetwork } from '../../vpc-network.ts';
import type { Case } from '../check.ts';

const PORT = 8080;
const NODE_PORT = 30080;
const PUBLIC = '203.0.113.11';

const pod = (name: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: server, ports: [{containerPort: ${PORT}}]}]}
`;
const MANIFESTS = [
  pod('client', 'node-a'),
  pod('second', 'node-a'),
  pod('far', 'node-b'),
  pod('away', 'node-c'),
  pod('inner', 'node-p'),
  `---
kind: Service
metadata: {name: second}
spec: {type: NodePort, selector: {app: second}, ports: [{port: 80, targetPort: ${PORT}, nodePort: ${NODE_PORT}}]}
`,
].join('');

const cluster = (cni: object): CompiledCluster =>
  compileCluster({
    cluster: v.parse(clusterSchema, {
      cloud: {
        name: 'aws',
        privateSubnets: ['p'],
        natGateway: { subnet: 'a', externalIP: '203.0.113.254' },
      },
      subnets: [
        { name: 'a', cidr: '10.0.1.0/24' },
        { name: 'b', cidr: '10.0.2.0/24' },
        { name: 'p', cidr: '10.0.3.0/24' },
        { name: 'world', cidr: '198.51.100.0/24' },
      ],
      nodes: [
        { name: 'node-a', externalIP: PUBLIC },
        { name: 'node-b', externalIP: '203.0.113.12' },
        { name: 'node-c', subnet: 'b' },
        { name: 'node-p', subnet: 'p' },
      ],
      hosts: [{ name: 'internet', subnet: 'world', kind: 'internet', ports: [PORT] }],
      cni,
    }),
    objects: parseManifests(MANIFESTS).objects,
    seed: 1,
  });

const AWS = { name: 'aws-vpc', instanceType: 't3.micro' };
/** Plugin, client, server (a pod, a machine or an address), port. */
const JOURNEYS: Readonly<Record<string, readonly [object, string, string, number?]>> = {
  'aws-one-node': [AWS, 'client', 'second'],
  'aws-one-subnet': [AWS, 'second', 'far'],
  'aws-subnets': [AWS, 'second', 'away'],
  'aws-private-subnet': [AWS, 'inner', 'second'],
  'aws-node-to-pod': [AWS, 'node-b', 'second'],
  'aws-internet': [AWS, 'second', 'internet'],
  'aws-internet-private': [AWS, 'inner', 'internet'],
  'aws-no-public-address': [AWS, 'away', 'internet'],
  'aws-external-snat': [{ ...AWS, externalSNAT: true }, 'client', 'internet'],
  'aws-external-snat-private': [{ ...AWS, externalSNAT: true }, 'inner', 'internet'],
  'aws-node-port': [AWS, 'internet', PUBLIC, NODE_PORT],
  'aws-node-port-inside': [AWS, 'far', 'node-a', NODE_PORT],
  'aws-prefixes': [{ ...AWS, prefixDelegation: true }, 'client', 'away'],
  'kubenet-in-a-vpc': [{ name: 'kubenet' }, 'client', 'away'],
  'kubenet-checked': [{ name: 'kubenet', sourceDestCheck: true }, 'client', 'away'],
  'flannel-in-a-vpc': [{ name: 'flannel' }, 'client', 'away'],
  'host-gw-in-a-vpc': [{ name: 'flannel', backend: 'host-gw' }, 'client', 'far'],
};

const UDP = { ns: 'a1', proto: 'udp', request_bytes: 3000, dport: 9 };
/** Flows between plain hosts. */
const HOSTS: Readonly<Record<string, Partial<FlowSpec>>> = {
  'vpc-subnet': { ns: 'a1', dst: '10.0.1.12' },
  'vpc-subnets': { ns: 'a1', dst: '10.0.2.11' },
  'vpc-nobody': { ns: 'a1', dst: '10.0.1.77' },
  'vpc-internet': { ns: 'a1', dst: '198.51.100.7' },
  'vpc-no-public-address': { ns: 'a2', dst: '198.51.100.7' },
  'vpc-nat-gateway': { ns: 'b1', dst: '198.51.100.7' },
  'vpc-from-internet': { ns: 'internet', dst: '203.0.113.11' },
  'vpc-from-internet-to-nat': { ns: 'internet', dst: '203.0.113.100' },
  'vpc-public-address-from-within': { ns: 'b1', dst: '203.0.113.11' },
  'vpc-ping-nat': { ns: 'b1', dst: '198.51.100.7', proto: 'icmp', icmp_id: 700 },
  'vpc-icmp-error': { ns: 'a1', dst: '198.51.100.7', proto: 'udp', dport: 9 },
  'vpc-icmp-error-nat': { ns: 'b1', dst: '198.51.100.7', proto: 'udp', dport: 9 },
  'vpc-too-big': { ...UDP, dst: '198.51.100.7', pmtudisc: 2 },
  'vpc-pieces': { ...UDP, dst: '198.51.100.7', pmtudisc: 0 },
  'vpc-jumbo': { ns: 'a1', dst: '10.0.2.11', request_bytes: 20_000 },
};

export const applianceCases = (): readonly Case[] => [
  ...Object.entries(HOSTS).map(([id, flow]): Case => ({
    id,
    title: `a VPC: ${flow.ns} to ${flow.dst}`,
    topology: vpcNetwork(),
    steps: [step(flow)],
  })),
  ...Object.entries(JOURNEYS).map(([id, [cni, from, to, port = PORT]]): Case => {
    const made = cluster(cni);
    const dst =
      made.pods.find(({ netns }) => netns === to)?.ip ??
      made.machines.find(({ name }) => name === to)?.ip ??
      to;
    const title = `a cluster in a VPC: ${from} to ${to}`;
    return { id, title, topology: made.network, steps: [step({ ns: from, dst, dport: port })] };
  }),
];

const step = (flow: Partial<FlowSpec>): FlowSpec => ({
  do: 'flow',
  id: 'f',
  proto: 'tcp',
  sport: 40_000,
  dport: 80,
  timeout_ms: 1500,
  ...flow,
});
