// Variations of another kind: a cluster as the compiler makes it, Calico between its nodes and random NetworkPolicies on its pods. What
// Felix is said to write meets the real iptables, ipset, routes and tunnels.
import fc from 'fast-check';
import { createRng } from '../../../base/rng.ts';
import type { CompiledCluster } from '../../../kube/compile.ts';
import type { FlowSpec } from '../../../network/types.ts';
import { compiled } from '../../cluster-run.ts';
import { networkPolicies } from '../../netpol/random.ts';
import type { Case } from '../check.ts';
import { drawFrom } from './draw.ts';
import type { Draw } from './draw.ts';

export const policyVariationId = (seed: number, n: number): string => `p-${seed}-${n}`;

const pod = (name: string, namespace: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {pod: ${name}, tier: ${name === 'a' ? 'db' : 'web'}}}
spec:
  nodeName: ${node}
  containers: [{name: c, ports: [{name: http, containerPort: 80}, {name: dns, containerPort: 53, protocol: UDP}]}]
`;
const service = (name: string, namespace: string, more: string): string => `---
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {type: NodePort, selector: {pod: ${name}}, ports: [{port: 8000, targetPort: http}]${more}}
`;
const MANIFESTS = [
  '---\nkind: Namespace\nmetadata: {name: x, labels: {team: alpha}}\n',
  pod('a', 'x', 'node-a'),
  pod('b', 'x', 'node-b'),
  pod('c', 'y', 'node-a'),
  pod('d', 'y', 'node-b'),
  service('a', 'x', ''),
  service('b', 'x', ', externalTrafficPolicy: Local'),
].join('');

const subnet = (name: string, n: number) => ({
  name,
  cidr: `192.168.${n}.0/24`,
  gateway: `192.168.${n}.1`,
});

export function policyVariation(seed: number, n: number): Case {
  const draw = drawFrom(createRng(seed, `policies ${n}`));
  // IP in IP is not in every kernel.
  const encapsulation = draw.pick(['VXLAN', 'VXLANCrossSubnet', 'None']);
  const split = draw.chance(0.5);
  const natOutgoing = draw.chance(0.5);
  const [policies = []] = fc.sample(networkPolicies, {
    seed: draw.below(2 ** 31),
    numRuns: 1,
  });
  const cluster = compiled(
    {
      subnets: [subnet('lan', 1), subnet('far', 2)],
      nodes: [{ name: 'node-a' }, { name: 'node-b', ...(split ? { subnet: 'far' } : {}) }],
      hosts: [{ name: 'outside', subnet: 'far', ports: [80] }],
      cni: { name: 'calico', encapsulation, natOutgoing, peerRouter: encapsulation === 'None' },
    },
    MANIFESTS + policies.map((one) => `---\n${JSON.stringify(one)}\n`).join(''),
  );
  const steps = Array.from({ length: 3 }, (_, i) => drawFlow(cluster, draw, i));
  const parts = [
    `Calico ${encapsulation}, ${split ? 'two subnets' : 'one subnet'}`,
    `${policies.length} policies`,
    ...steps.map(({ proto, ns, dst, dport }) => `${proto} ${ns} to ${dst}:${dport}`),
  ];
  return {
    id: policyVariationId(seed, n),
    title: parts.join('; '),
    topology: cluster.network,
    steps,
    random: true,
  };
}

function drawFlow({ pods, machines, services }: CompiledCluster, draw: Draw, i: number): FlowSpec {
  const ends = [
    ...pods.map(({ netns, ip }) => ({ ns: netns, ip })),
    ...machines.map(({ name, ip }) => ({ ns: name, ip })),
  ];
  const [from] = draw.some(ends, 1);
  const nodes = machines.filter(({ kind }) => kind === 'node');
  const targets = [
    ...ends.flatMap(({ ip }) => [
      { proto: 'tcp', dst: ip, dport: 80 },
      { proto: 'udp', dst: ip, dport: 53 },
    ]),
    ...services.flatMap(({ spec: { clusterIP = '', ports = [] } }) => [
      { proto: 'tcp', dst: clusterIP, dport: 8000 },
      ...nodes.map(({ ip }) => ({ proto: 'tcp', dst: ip, dport: ports[0]?.nodePort ?? 0 })),
    ]),
  ];
  const [to] = draw.some(targets, 1);
  return { do: 'flow', id: `flow-${i}`, ns: from?.ns ?? '', ...to };
}
