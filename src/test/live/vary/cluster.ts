// Two nodes with pods, a router between their subnets and the internet, and a client: each in one of the ways that CNIs build it.
import { addDevice, addNamespace, connect } from './draft.ts';
import type { Draft, NsDraft } from './draft.ts';

export interface Plan {
  /** Pods on a bridge; on routed veths with a made-up gateway (Calico); on routed veths with addresses of the network (AWS). */
  readonly cni: 'bridge' | 'routed' | 'aws';
  /** How nodes reach each other's pods. */
  readonly mesh: 'routes' | 'vxlan';
  readonly v6: boolean;
  /** Each node in a subnet of its own, with the router between. */
  readonly split: boolean;
  readonly nf: boolean;
  readonly hairpin: boolean;
}

export interface Pod {
  readonly name: string;
  readonly ip: string;
  readonly node: Node;
}
export interface Node {
  readonly ns: NsDraft;
  readonly index: 1 | 2;
  readonly ip: string;
  readonly podRange: string;
  readonly pods: Pod[];
}
export interface Cluster {
  readonly plan: Plan;
  readonly draft: Draft;
  readonly nodes: readonly [Node, Node];
  readonly router: NsDraft;
  readonly client: string;
  readonly internet: string;
}

/** Addresses in both families, from the same numbers. */
const inSubnet = (v6: boolean, subnet: number, host: number): string =>
  v6 ? `fd00:192:168:${subnet}::${host}` : `192.168.${subnet}.${host}`;
const inPods = (v6: boolean, node: number, host: number): string =>
  v6 ? `fd00:10:244:${node}::${host}` : `10.244.${node}.${host}`;
const inInternet = (v6: boolean, host: number): string =>
  v6 ? `fd00:203:0:113::${host}` : `203.0.113.${host}`;
const subnetOf = (v6: boolean, address: string): string => `${address}/${v6 ? 64 : 24}`;
export const hostOf = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;
export const podsOfAll = (plan: Plan): string =>
  plan.cni === 'aws' ? '192.168.0.0/16' : plan.v6 ? 'fd00:10:244::/48' : '10.244.0.0/16';

const VXLAN = { vni: 1, dstport: 8472 };

export function buildCluster(plan: Plan): Cluster {
  const { v6, split } = plan;
  const draft: Draft = { v6, namespaces: [], macs: 0 };
  const switches = [1, ...(split ? [2] : [])].map((n) => {
    const ns = addNamespace(draft, `sw-${n}`, 'switch');
    addDevice(draft, ns, { name: 'br0', type: 'bridge' });
    return ns;
  });
  const router = addNamespace(draft, 'router', 'router');
  forwarding(router, v6);
  switches.forEach((sw, i) =>
    plug(draft, router, `eth${i}`, sw, subnetOf(v6, inSubnet(v6, i + 1, 1))),
  );
  const internet = addNamespace(draft, 'internet', 'internet');
  connect(
    draft,
    { ns: internet, dev: 'eth0', addresses: [subnetOf(v6, inInternet(v6, 10))] },
    { ns: router, dev: 'eth9', addresses: [subnetOf(v6, inInternet(v6, 1))] },
  );
  internet.routes.push({ dst: 'default', via: inInternet(v6, 1), dev: 'eth0' });
  const client = addNamespace(draft, 'client', 'host');
  plug(draft, client, 'eth0', switches[0]!, subnetOf(v6, inSubnet(v6, 1, 50)));
  client.routes.push({ dst: 'default', via: inSubnet(v6, 1, 1), dev: 'eth0' });
  const nodes = ([1, 2] as const).map((index) => {
    const subnet = split ? index : 1;
    return buildNode(plan, draft, index, subnet, switches[subnet - 1]!);
  }) as unknown as readonly [Node, Node];
  const cluster: Cluster = {
    plan,
    draft,
    nodes,
    router,
    client: inSubnet(v6, 1, 50),
    internet: inInternet(v6, 10),
  };
  meshNodes(cluster);
  return cluster;
}

function forwarding(ns: NsDraft, v6: boolean): void {
  if (v6) ns.sysctls['net.ipv6.conf.all.forwarding'] = '1';
  ns.sysctls['net.ipv4.ip_forward'] = '1';
}

function plug(draft: Draft, ns: NsDraft, dev: string, sw: NsDraft, address: string): void {
  const port = { ns: sw, dev: `p-${ns.name}${dev === 'eth0' ? '' : `-${dev}`}`, master: 'br0' };
  connect(draft, { ns, dev, addresses: [address] }, port);
}

function buildNode(plan: Plan, draft: Draft, index: 1 | 2, subnet: number, sw: NsDraft): Node {
  const { v6, cni } = plan;
  const ns = addNamespace(draft, `node${index}`, 'node');
  forwarding(ns, v6);
  if (plan.nf)
    for (const kind of ['iptables', 'ip6tables'])
      ns.sysctls[`net.bridge.bridge-nf-call-${kind}`] = '1';
  const ip = inSubnet(v6, subnet, 10 + index);
  plug(draft, ns, 'eth0', sw, subnetOf(v6, ip));
  ns.routes.push({ dst: 'default', via: inSubnet(v6, subnet, 1), dev: 'eth0' });
  const podRange = cni === 'aws' ? subnetRange(v6, subnet) : podRangeOf(v6, index);
  const node: Node = { ns, index, ip, podRange, pods: [] };
  if (cni === 'bridge')
    addDevice(draft, ns, {
      name: 'cni0',
      type: 'bridge',
      mtu: mtuOf(plan),
      addresses: [subnetOf(v6, inPods(v6, index, 1))],
    });
  const letters = index === 1 ? ['a', 'b'] : ['c', 'd'];
  letters.forEach((letter, i) => {
    const address =
      cni === 'aws' ? inSubnet(v6, subnet, 20 + index * 4 + i) : inPods(v6, index, 10 + i);
    node.pods.push({ name: `pod-${letter}`, ip: address, node });
    addPod(plan, draft, node, `pod-${letter}`, address);
  });
  if (plan.mesh === 'vxlan')
    addDevice(draft, ns, {
      name: 'vx0',
      type: 'vxlan',
      mtu: 1450,
      addresses: [`10.244.${index}.0/32`],
      vxlan: { ...VXLAN, local: ip, dev: 'eth0', learning: false },
    });
  return node;
}

const mtuOf = (plan: Plan): number => (plan.mesh === 'vxlan' ? 1450 : 1500);
const podRangeOf = (v6: boolean, node: number): string =>
  v6 ? `fd00:10:244:${node}::/64` : `10.244.${node}.0/24`;
const subnetRange = (v6: boolean, subnet: number): string =>
  v6 ? `fd00:192:168:${subnet}::/64` : `192.168.${subnet}.0/24`;

function addPod(plan: Plan, draft: Draft, node: Node, name: string, ip: string): void {
  const { v6 } = plan;
  const pod = addNamespace(draft, name, 'pod');
  const dev = `veth-${name}`;
  const bridged = plan.cni === 'bridge';
  const address = bridged ? subnetOf(v6, ip) : hostOf(ip);
  const outside = { ns: node.ns, dev, ...(bridged ? { master: 'cni0' } : {}) };
  connect(draft, { ns: pod, dev: 'eth0', addresses: [address] }, outside, mtuOf(plan));
  const host = node.ns.devices.at(-1)!;
  if (bridged) {
    if (plan.hairpin) host.bridge_port = { hairpin: true };
    pod.routes.push({ dst: 'default', via: inPods(v6, node.index, 1), dev: 'eth0' });
  } else {
    node.ns.routes.push({ dst: hostOf(ip), dev, ...(v6 ? {} : { scope: 'link' }) });
    // The gateway is a made-up one: it answers by proxy ARP, or by its link-local address.
    const gateway = v6 ? linkLocalOf(host.mac ?? '') : '169.254.1.1';
    if (!v6) pod.routes.push({ dst: gateway, dev: 'eth0', scope: 'link' });
    pod.routes.push({ dst: 'default', via: gateway, dev: 'eth0' });
    if (plan.cni === 'aws')
      pod.neigh.push({ ip: gateway, dev: 'eth0', mac: host.mac ?? '', state: 'permanent' });
    else if (!v6) {
      node.ns.sysctls[`net.ipv4.conf.${dev}.proxy_arp`] = '1';
      node.ns.sysctls[`net.ipv4.neigh.${dev}.proxy_delay`] = '0';
    }
  }
  for (const proto of ['tcp', 'udp'])
    pod.listeners.push({ proto, addr: v6 ? '::' : '0.0.0.0', port: 8080, name });
}

/** RFC 4291, appendix A, of 02:00:00:00:xx:yy. */
function linkLocalOf(mac: string): string {
  const [, , , , a = '0', b = '0'] = mac.split(':');
  return `fe80::ff:fe00:${Number.parseInt(a + b, 16).toString(16)}`;
}

/** How each node reaches the other's pods, and the router both. */
function meshNodes({ plan, nodes, router }: Cluster): void {
  for (const [mine, other] of [nodes, [nodes[1], nodes[0]]] as const) {
    const { ns } = mine;
    const device = plan.split && mine.index === 2 ? 'eth1' : 'eth0';
    if (plan.cni === 'aws') {
      for (const pod of mine.pods)
        router.routes.push({ dst: hostOf(pod.ip), via: mine.ip, dev: device });
      continue;
    }
    if (plan.cni === 'routed') ns.routes.push({ dst: mine.podRange, type: 'blackhole' });
    if (plan.mesh === 'vxlan') {
      const vtep = `10.244.${other.index}.0`;
      const mac = other.ns.devices.find(({ name }) => name === 'vx0')?.mac ?? '';
      ns.routes.push({ dst: other.podRange, via: vtep, dev: 'vx0', onlink: true });
      ns.neigh.push({ ip: vtep, dev: 'vx0', mac, state: 'permanent' });
      ns.fdb.push({ mac, dev: 'vx0', dst: other.ip });
    } else if (!plan.split) ns.routes.push({ dst: other.podRange, via: other.ip, dev: 'eth0' });
    router.routes.push({ dst: mine.podRange, via: mine.ip, dev: device });
  }
}
