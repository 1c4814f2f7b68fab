// The same flows through a cluster of every network plugin: whom the server sees, and whether an answer comes back. A driver that is added
// to the registry is covered with its defaults and must do what most do, unless its differences are written down here with the reason.
//
//   lan: node-a (client, near)  node-b (other)      far: node-c (away)      world: outside, internet      a router joins the three
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compiled, nameOf, runCluster } from '../../test/cluster-run.ts';
import { expectShowable } from '../../test/showable.ts';
import type { Flow } from '../../test/cluster-run.ts';
import type { CompiledCluster } from '../compile.ts';
import { familyOf, ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { cniOf, cniOptions, drivers } from './index.ts';
import type { CniOptions } from './index.ts';

/** `answered client`: it is answered, and the server sees the client. `heard client`: the request arrives, no answer comes back. `lost`.
 *  A node is seen by its own address (`node-a`), or by that of a device. `{own}` and `{other}` stand for the address with which a node
 *  turns to its own pods, and to those of other nodes. */
type Outcome = string;

const across = 'pod to pod across the router';
const remote = 'pod to Service, endpoint on another node';
const itself = 'pod to Service, itself the endpoint';
const internet = 'pod to internet';
const USUAL = {
  'pod to pod on one node': 'answered client',
  'pod to pod on another node': 'answered client',
  [across]: 'answered client',
  'pod to Service, endpoint on its node': 'answered client',
  [remote]: 'answered client',
  [itself]: 'answered node-a{own}',
  'pod to node port of its node': 'answered node-a{other}',
  'pod to node port of another node': 'answered node-b{own}',
  'node to pod on it': 'answered node-a{own}',
  'node to pod on another node': 'answered node-a{other}',
  'outside to node port, Cluster, at the node of the endpoint': 'answered node-b{own}',
  'outside to node port, Cluster, at another node': 'answered node-a{other}',
  'outside to node port, Local, at the node of the endpoint': 'answered outside',
  'outside to node port, Local, at another node': 'lost',
  [internet]: 'answered node-a',
} as const satisfies Record<string, Outcome>;
type Row = keyof typeof USUAL;
type Differences = Partial<Record<Row, Outcome>>;

type Device = string | Partial<Record<IpFamily, string>>;
interface Variant {
  readonly options: Readonly<Record<string, unknown>> & { readonly name: CniOptions['name'] };
  /** The device whose address a node has towards its own pods, where it is not its first interface. */
  readonly own?: Device;
  /** The same, towards pods of other nodes. */
  readonly other?: Device;
  /** Where it runs, if not on switches. */
  readonly ground?: object;
  readonly differs?: Differences;
  readonly differsInIPv6?: Differences;
}

/** A route whose next hop would be behind the router is refused: the packet goes to the router, which knows no pods. */
const oneSubnet = { [across]: 'lost' } as const;
/** Nothing masquerades pods: the internet hears them and does not know the way back. */
const noMasquerade = { [internet]: 'heard client' } as const;

/** Addresses of nodes on the internet, where they stand in a cloud. */
const PUBLIC: Readonly<Record<string, string>> = {
  'node-a': '198.51.100.11',
  'node-b': '198.51.100.12',
};

const VARIANTS: Partial<Record<CniOptions['name'], readonly Variant[]>> = {
  'aws-vpc': [
    {
      options: { name: 'aws-vpc' },
      ground: {
        cloud: { name: 'aws', vpcCIDR: '192.168.0.0/16' },
        nodes: [
          { name: 'node-a', externalIP: PUBLIC['node-a'] },
          { name: 'node-b', externalIP: PUBLIC['node-b'] },
          { name: 'node-c', subnet: 'far' },
        ],
      },
      // The internet gateway has another address for it.
      differs: { [internet]: `answered ${PUBLIC['node-a']}` },
    },
  ],
  bridge: [
    {
      options: { name: 'bridge', hairpinMode: true },
      own: 'cni0',
      differs: { ...oneSubnet, ...noMasquerade },
    },
    {
      // The bridge does not send a frame back where it came from.
      options: { name: 'bridge', hairpinMode: false },
      own: 'cni0',
      differs: { ...oneSubnet, ...noMasquerade, [itself]: 'lost' },
    },
    {
      // All that leaves the node's own range has the node's address, pods of other nodes see that, too.
      options: { name: 'bridge', hairpinMode: true, ipMasq: true },
      own: 'cni0',
      differs: {
        ...oneSubnet,
        'pod to pod on another node': 'answered node-a',
        [remote]: 'answered node-a',
      },
    },
    {
      // The router that knows the pods is the one before the internet, so an answer finds its way back to a pod's address.
      options: { name: 'bridge', hairpinMode: true, routes: 'cloud' },
      own: 'cni0',
      differs: { [internet]: 'answered client' },
    },
  ],
  // Its IPv6 pool has no natOutgoing by default, and IP in IP carries IPv4 alone.
  calico: [
    {
      options: { name: 'calico', encapsulation: 'IPIP' },
      other: { IPv4: 'tunl0' },
      differsInIPv6: { ...oneSubnet, ...noMasquerade },
    },
    {
      options: { name: 'calico', encapsulation: 'IPIPCrossSubnet' },
      differsInIPv6: { ...oneSubnet, ...noMasquerade },
    },
    {
      // With IPv6 the source that has most in common with a pod's address is the tunnel's, whatever the way is (RFC 6724).
      options: { name: 'calico', encapsulation: 'VXLAN' },
      own: { IPv6: 'vxlan-v6.calico' },
      other: { IPv4: 'vxlan.calico', IPv6: 'vxlan-v6.calico' },
      differsInIPv6: noMasquerade,
    },
    {
      options: { name: 'calico', encapsulation: 'VXLANCrossSubnet', natOutgoing: true },
      own: { IPv6: 'vxlan-v6.calico' },
    },
    {
      options: { name: 'calico', encapsulation: 'None' },
      differs: oneSubnet,
      differsInIPv6: noMasquerade,
    },
    {
      // The router has learned where pods are: answers from the internet find them, too.
      options: { name: 'calico', encapsulation: 'None', peerRouter: true },
      differsInIPv6: { [internet]: 'answered client' },
    },
  ],
  flannel: [
    {
      options: { name: 'flannel' },
      own: 'cni0',
      other: { IPv4: 'flannel.1', IPv6: 'flannel-v6.1' },
    },
    { options: { name: 'flannel', directRouting: true }, own: 'cni0' },
    { options: { name: 'flannel', backend: 'host-gw' }, own: 'cni0', differs: oneSubnet },
  ],
  kindnet: [{ options: { name: 'kindnet' }, own: 'veth', differs: oneSubnet }],
  kubenet: [
    { options: { name: 'kubenet' }, own: 'cbr0' },
    {
      options: { name: 'kubenet', hairpinMode: 'none' },
      own: 'cbr0',
      differs: { [itself]: 'lost' },
    },
  ],
  ptp: [
    { options: { name: 'ptp' }, own: 'veth', differs: { ...oneSubnet, ...noMasquerade } },
    {
      options: { name: 'ptp', ipMasq: true, routes: 'cloud' },
      own: 'veth',
      differs: {
        [across]: 'answered node-a',
        'pod to pod on another node': 'answered node-a',
        [remote]: 'answered node-a',
      },
    },
  ],
};

/** What this plugin has to show in this family. */
function expected(variant: Variant, family: IpFamily): Record<string, Outcome> {
  const { own, other, differs, differsInIPv6 } = variant;
  const named = (device: Device | undefined): string => {
    const name = typeof device === 'string' ? device : device?.[family];
    return name === undefined ? '' : ` ${name}`;
  };
  const all = { ...USUAL, ...differs, ...(family === 'IPv6' ? differsInIPv6 : {}) };
  return Object.fromEntries(
    Object.entries(all).map(([id, text]) => [
      id,
      text.replace('{own}', named(own)).replace('{other}', named(other)),
    ]),
  );
}

const namesOfRegistry = Object.keys(drivers) as readonly CniOptions['name'][];
const variants = namesOfRegistry.flatMap(
  (name): readonly Variant[] => VARIANTS[name] ?? [{ options: { name } }],
);

const PORT = 8080;
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
const MANIFESTS = [
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
const clusterOf = ({ options: cni, ground }: Variant, families: readonly IpFamily[]) => {
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

function flowsOf(cluster: CompiledCluster, family: IpFamily): Readonly<Record<Row, Flow>> {
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

function outcomes(variant: Variant, families: readonly IpFamily[], family: IpFamily) {
  const cluster = compiled(clusterOf(variant, families), MANIFESTS);
  const flows = flowsOf(cluster, family);
  const { seen, trace } = runCluster(cluster, Object.values(flows), PORT);
  expect(trace.diagnostics).toEqual([]);
  const table = Object.fromEntries(
    Object.keys(USUAL).map((id): [string, Outcome] => {
      const one = seen.get(id);
      if (one?.result === 'ok') {
        // Nothing is lost on a way that works, but a router's redirect for a connection with NAT (nf_nat_icmp_reply_translation).
        expect([id, one.drops.filter((why) => why !== 'NETFILTER_DROP')]).toEqual([id, []]);
        return [id, `answered ${nameOf(cluster, one.source)}`];
      }
      return [id, one?.source == null ? 'lost' : `heard ${nameOf(cluster, one.source)}`];
    }),
  );
  return { cluster, table };
}

describe.each(variants)('$options', (variant: Variant) => {
  const { options } = variant;
  const { families } = cniOf(v.parse(cniOptions, options));
  it('has a journey that the page can show', () => {
    const cluster = compiled(clusterOf(variant, families), MANIFESTS);
    const flow = flowsOf(cluster, families.at(-1) ?? 'IPv4')[remote];
    expectShowable(runCluster(cluster, [flow], PORT).trace);
  });
  it.each(families)('%s', (family) => {
    const { cluster, table } = outcomes(variant, families, family);
    expect(cluster.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(cluster.pods.every(({ ips }) => ips.some((ip) => familyOf(ip) === family))).toBe(true);
    expect(table).toEqual(expected(variant, family));
  });
});
