// A cluster in a VPC, for tests: pods on both interfaces of a node, nodes of public subnets and of a private one, a server on the internet.
//
//   VPC 10.0.0.0/16   a: node-a (client on eth0, second on eth1), node-b (far)   b: node-c (away)   p: node-p (inner), behind a NAT gateway
//   internet 198.51.100.0/24: internet
import { compiled } from './cluster-run.ts';
import type { CompiledCluster } from '../kube/compile.ts';

export const PORT = 8080;
export const NODE_PORT = 30080;
/** Public addresses of two nodes and of the NAT gateway. */
export const PUBLIC = { a: '203.0.113.11', b: '203.0.113.12', nat: '203.0.113.254' };
/** t3.micro: one address for pods on each interface, so the second pod of a node is on its second one. */
export const AWS_VPC = { name: 'aws-vpc', instanceType: 't3.micro' };

const pod = (name: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: server, ports: [{containerPort: ${PORT}}]}]}
`;
const PODS = [
  pod('client', 'node-a'),
  pod('second', 'node-a'),
  pod('far', 'node-b'),
  pod('away', 'node-c'),
  pod('inner', 'node-p'),
].join('');

const nodePort = (policy: string): string => `---
kind: Service
metadata: {name: second}
spec:
  type: NodePort
  externalTrafficPolicy: ${policy}
  selector: {app: second}
  ports: [{port: 80, targetPort: ${PORT}, nodePort: ${NODE_PORT}}]
`;

/** `policy`: of the NodePort Service of the pod `second`; `cloud`: further settings of it. */
export const vpcCluster = (
  cni: object,
  policy: 'Cluster' | 'Local' = 'Cluster',
  cloud: object = {},
): CompiledCluster =>
  compiled(
    {
      cloud: {
        name: 'aws',
        privateSubnets: ['p'],
        natGateway: { subnet: 'a', externalIP: PUBLIC.nat },
        ...cloud,
      },
      subnets: [
        { name: 'a', cidr: '10.0.1.0/24' },
        { name: 'b', cidr: '10.0.2.0/24' },
        { name: 'p', cidr: '10.0.3.0/24' },
        { name: 'world', cidr: '198.51.100.0/24' },
      ],
      nodes: [
        { name: 'node-a', externalIP: PUBLIC.a },
        { name: 'node-b', externalIP: PUBLIC.b },
        { name: 'node-c', subnet: 'b' },
        { name: 'node-p', subnet: 'p' },
      ],
      hosts: [{ name: 'internet', subnet: 'world', kind: 'internet', ports: [PORT] }],
      cni,
    },
    PODS + nodePort(policy),
  );

/** The address of a pod or a machine by its name; an address is one already. */
export const addressIn = ({ pods, machines }: CompiledCluster, name: string): string =>
  pods.find(({ netns }) => netns === name)?.ip ??
  machines.find((machine) => machine.name === name)?.ip ??
  name;
