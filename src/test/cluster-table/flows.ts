// The cluster of the table, and its rows as flows.
//
//   lan: node-a (client, near)  node-b (other)      far: node-c (away)      world: outside, internet      a router joins the three
import type { CompiledCluster } from '../../kube/compile.ts';
import { ofFamily } from '../../kube/families.ts';
import type { IpFamily } from '../../kube/families.ts';
import type { Flow } from '../cluster-run.ts';
import { across, internet, itself, PUBLIC, remote } from './variants.ts';
import type { Row, Variant } from './variants.ts';

export const PORT = 8080;
const pod = (name: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: server, ports: [{containerPort: ${PORT}}]}]}
`;
const service = (name: string, app: string, more = ''): string => `---
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${app}}, ipFamilyPolicy: PreferDualStack, ports: [{port: 80, targetPort: ${PORT}}]${more}}
`;
export const MANIFESTS = [
  pod('client', 'node-a'),
  pod('near', 'node-a'),
  pod('other', 'node-b'),
  pod('away', 'node-c'),
  service('near', 'near'),
  service('other', 'other', ', type: NodePort'),
  service('other-local', 'other', ', type: NodePort, externalTrafficPolicy: Local'),
  service('self', 'client'),
].join('');

const subnet = (name: string, n: string, v6: boolean) => ({
  name,
  cidr: v6 ? `${n}.0/24,fd00:${n.replaceAll('.', ':')}::/64` : `${n}.0/24`,
  gateway: v6 ? `${n}.1,fd00:${n.replaceAll('.', ':')}::1` : `${n}.1`,
});
export const clusterOf = ({ options: cni, ground }: Variant, families: readonly IpFamily[]) => {
  const v6 = families.includes('IPv6');
  return {
    podCIDR: v6 ? '10.244.0.0/16,fd00:10:244::/56' : '10.244.0.0/16',
    subnets: [
      subnet('lan', '192.168.1', v6),
      subnet('far', '192.168.2', v6),
      subnet('world', '203.0.113', v6),
    ],
    nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c', subnet: 'far' }],
    hosts: [
      { name: 'outside', subnet: 'world' },
      { name: 'internet', subnet: 'world', kind: 'internet', ports: [PORT] },
    ],
    cni,
    ...ground,
  };
};

export function flowsOf(cluster: CompiledCluster, family: IpFamily): Readonly<Record<Row, Flow>> {
  const podIP = (name: string): string =>
    ofFamily(cluster.pods.find(({ netns }) => netns === name)?.ips ?? [], family) ?? '';
  const machineIP = (name: string): string =>
    ofFamily(cluster.machines.find((one) => one.name === name)?.ips ?? [], family) ?? '';
  const inCloud = (cluster.network.appliances ?? []).length > 0;
  /** From outside of a cloud a node is known by its public address. */
  const seenFrom = (ns: string, node: string): string =>
    inCloud && ns === 'outside' ? (PUBLIC[node] ?? '') : machineIP(node);
  const serviceOf = (name: string) =>
    cluster.services.find(({ metadata }) => metadata.name === name)?.spec;
  const flow = (id: Row, ns: string, dst: string, dport: number): Flow => ({ id, ns, dst, dport });
  const toPod = (id: Row, ns: string, name: string): Flow => flow(id, ns, podIP(name), PORT);
  const toService = (id: Row, ns: string, name: string): Flow =>
    flow(id, ns, ofFamily(serviceOf(name)?.clusterIPs ?? [], family) ?? '', 80);
  const toNode = (id: Row, ns: string, node: string, name: string): Flow =>
    flow(id, ns, seenFrom(ns, node), serviceOf(name)?.ports?.[0]?.nodePort ?? 0);
  const rows: Record<Row, (id: Row) => Flow> = {
    'pod to pod on one node': (id) => toPod(id, 'client', 'near'),
    'pod to pod on another node': (id) => toPod(id, 'client', 'other'),
    [across]: (id) => toPod(id, 'client', 'away'),
    'pod to Service, endpoint on its node': (id) => toService(id, 'client', 'near'),
    [remote]: (id) => toService(id, 'client', 'other'),
    'pod to node port of its node': (id) => toNode(id, 'client', 'node-a', 'other'),
    'pod to node port of another node': (id) => toNode(id, 'client', 'node-b', 'other'),
    'node to pod on it': (id) => toPod(id, 'node-a', 'near'),
    'node to pod on another node': (id) => toPod(id, 'node-a', 'other'),
    'outside to node port, Cluster, at the node of the endpoint': (id) =>
      toNode(id, 'outside', 'node-b', 'other'),
    'outside to node port, Cluster, at another node': (id) =>
      toNode(id, 'outside', 'node-a', 'other'),
    'outside to node port, Local, at the node of the endpoint': (id) =>
      toNode(id, 'outside', 'node-b', 'other-local'),
    'outside to node port, Local, at another node': (id) =>
      toNode(id, 'outside', 'node-a', 'other-local'),
    [internet]: (id) => flow(id, 'client', machineIP('internet'), PORT),
    [itself]: (id) => toService(id, 'client', 'self'),
  };
  return Object.fromEntries(
    Object.entries(rows).map(([id, make]) => [id, make(id as Row)]),
  ) as Record<Row, Flow>;
}
