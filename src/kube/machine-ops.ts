// Machines, switches and the router as net operations: what an operator finds before Kubernetes is installed.
import type { ClusterSpec } from './cluster-schema.ts';
import { hexId, randomMac } from './hash/names.ts';
import { ROUTER, switchName } from './machines.ts';
import type { Machine, Subnet } from './machines.ts';
import { opsBy } from './ops.ts';
import type { NetAction, NetOp } from './ops.ts';

/** Kernel without IPv6 traffic: the cluster is single stack. */
const IPV4_ONLY: readonly NetAction[] = [
  { op: 'sysctl', key: 'net.ipv6.conf.all.disable_ipv6', value: '1' },
  { op: 'sysctl', key: 'net.ipv6.conf.default.disable_ipv6', value: '1' },
];
export const newNamespace = (
  kind: string,
  label: string,
  host: string | null = null,
): readonly NetAction[] => [{ op: 'netns.add', kind, label, host }, ...IPV4_ONLY];

/** The switch's end of a machine's cable. A device name has at most 15 characters. */
const portTo = (machine: string): string =>
  machine.length <= 13 ? `p-${machine}` : `p-${hexId(machine, 8)}`;
const routerDevice = (index: number): string => `eth${index}`;

/** What kubeadm's preflight checks ask for on a node. */
const NODE_SYSCTLS: readonly NetAction[] = [
  { op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1' },
  { op: 'sysctl', key: 'net.bridge.bridge-nf-call-iptables', value: '1' },
  { op: 'sysctl', key: 'net.bridge.bridge-nf-call-ip6tables', value: '1' },
];

function machineOps(machine: Machine, cluster: ClusterSpec, seed: number): readonly NetOp[] {
  const { name, kind, subnet } = machine;
  const sw = switchName(cluster, subnet);
  const label = kind === 'node' ? `Node ${name}` : name;
  const length = subnet.cidr.split('/')[1];
  return opsBy('operator', name, label, [
    ...newNamespace(kind, label),
    ...(kind === 'node' ? NODE_SYSCTLS : []),
    ...Object.entries(machine.sysctls).map(([key, value]): NetAction => ({
      op: 'sysctl',
      key,
      value,
    })),
    {
      op: 'link.add',
      dev: {
        name: 'eth0',
        type: 'veth',
        mac: randomMac(`${seed} ${name} eth0`),
        mtu: subnet.mtu,
        peer: { ns: sw, dev: portTo(name) },
      },
    },
    { op: 'addr.add', dev: 'eth0', cidr: `${machine.ip}/${length}` },
    ...(subnet.gateway === undefined
      ? []
      : ([
          { op: 'route.add', route: { dst: 'default', via: subnet.gateway, dev: 'eth0' } },
        ] as const)),
  ]);
}

function switchOps(
  subnet: Subnet,
  machines: readonly Machine[],
  cluster: ClusterSpec,
  seed: number,
): readonly NetOp[] {
  const name = switchName(cluster, subnet);
  const mac = (dev: string): string => randomMac(`${seed} ${name} ${dev}`);
  const port = (
    dev: string,
    peer: { readonly ns: string; readonly dev: string },
  ): readonly NetAction[] => [
    { op: 'link.add', dev: { name: dev, type: 'veth', mac: mac(dev), mtu: subnet.mtu, peer } },
    { op: 'link.master', dev, master: 'br0' },
  ];
  const index = routedSubnets(cluster).indexOf(subnet);
  return opsBy('operator', name, null, [
    ...newNamespace('switch', `Switch ${subnet.cidr}`),
    // It stands for a switch, not for a Linux box with a firewall.
    { op: 'sysctl', key: 'net.bridge.bridge-nf-call-iptables', value: '0' },
    { op: 'link.add', dev: { name: 'br0', type: 'bridge', mac: mac('br0'), mtu: subnet.mtu } },
    ...machines
      .filter((machine) => machine.subnet === subnet)
      .flatMap((machine) => port(portTo(machine.name), { ns: machine.name, dev: 'eth0' })),
    ...(index < 0 ? [] : port(portTo(ROUTER), { ns: ROUTER, dev: routerDevice(index) })),
  ]);
}

const routedSubnets = (cluster: ClusterSpec): readonly Subnet[] =>
  cluster.subnets.filter((subnet) => subnet.gateway !== undefined);

function routerOps(cluster: ClusterSpec, seed: number): readonly NetOp[] {
  const subnets = routedSubnets(cluster);
  if (subnets.length === 0) return [];
  return opsBy('operator', ROUTER, null, [
    ...newNamespace('router', 'Router'),
    { op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1' },
    ...subnets.flatMap((subnet, i): readonly NetAction[] => [
      {
        op: 'link.add',
        dev: {
          name: routerDevice(i),
          type: 'veth',
          mac: randomMac(`${seed} ${ROUTER} ${routerDevice(i)}`),
          mtu: subnet.mtu,
          peer: { ns: switchName(cluster, subnet), dev: portTo(ROUTER) },
        },
      },
      {
        op: 'addr.add',
        dev: routerDevice(i),
        cidr: `${subnet.gateway}/${subnet.cidr.split('/')[1]}`,
      },
    ]),
  ]);
}

export const groundOps = (
  cluster: ClusterSpec,
  machines: readonly Machine[],
  seed: number,
): readonly NetOp[] => [
  ...machines.flatMap((machine) => machineOps(machine, cluster, seed)),
  ...cluster.subnets.flatMap((subnet) => switchOps(subnet, machines, cluster, seed)),
  ...routerOps(cluster, seed),
];
