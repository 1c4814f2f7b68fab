// Journeys through clusters in a VPC, for the live check: the AWS VPC CNI with pods on both interfaces of a node, and plugins that rely on
// the cloud's routes.
import type { FlowSpec } from '../../../network/types.ts';
import {
  AWS_VPC as AWS,
  addressIn,
  NODE_PORT,
  PORT,
  PUBLIC,
  vpcCluster,
} from '../../vpc-cluster.ts';
import { vpcNetwork } from '../../vpc-network.ts';
import type { VpcSetting } from '../../vpc-network.ts';
import type { Case } from '../check.ts';

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
  'aws-node-port': [AWS, 'internet', PUBLIC.a, NODE_PORT],
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

/** Only TCP to port 80 may reach b1, and only from the group of a1. */
const GROUPS: VpcSetting = {
  securityGroups: [
    { name: 'servers', ingress: [{ protocol: 'tcp', ports: '80', peer: 'clients' }] },
    { name: 'clients', ingress: [], egress: [{ protocol: 'all', peer: '10.0.0.0/16' }] },
  ],
  enis: {
    'eni-a1': { securityGroups: ['clients'] },
    'eni-a2': { securityGroups: ['servers'] },
    'eni-b1': { securityGroups: ['servers'] },
  },
};
const GUARDED: Readonly<Record<string, Partial<FlowSpec>>> = {
  'vpc-group-allows': { ns: 'a1', dst: '10.0.2.11' },
  'vpc-group-allows-on-subnet': { ns: 'a1', dst: '10.0.1.12' },
  'vpc-group-wrong-port': { ns: 'a1', dst: '10.0.2.11', dport: 81 },
  'vpc-group-wrong-peer': { ns: 'b1', dst: '10.0.1.12' },
  'vpc-group-no-ingress': { ns: 'b1', dst: '10.0.1.11' },
  'vpc-group-no-egress': { ns: 'a1', dst: '198.51.100.7' },
  'vpc-group-any-egress': { ns: 'b1', dst: '198.51.100.7' },
};

export const applianceCases = (): readonly Case[] => [
  ...Object.entries(GUARDED).map(([id, flow]): Case => ({
    id,
    title: `security groups: ${flow.ns} to ${flow.dst}`,
    topology: vpcNetwork(GROUPS),
    steps: [step(flow)],
  })),
  ...Object.entries(HOSTS).map(([id, flow]): Case => ({
    id,
    title: `a VPC: ${flow.ns} to ${flow.dst}`,
    topology: vpcNetwork(),
    steps: [step(flow)],
  })),
  ...Object.entries(JOURNEYS).map(([id, [cni, from, to, port = PORT]]): Case => {
    const made = vpcCluster(cni);
    const dst = addressIn(made, to);
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
