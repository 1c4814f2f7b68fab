// Machines, switches and the router as net operations: what an operator finds before Kubernetes is installed, and what the cloud's
// controllers write into the router between the subnets.
import { lengthOf } from './cidr.ts';
import type { CloudPlan, NodeInfo, SubnetInfo } from './cni/types.ts';
import { ANY, familyOf, ofFamily } from './families.ts';
import type { IpFamily } from './families.ts';
import { hexId, randomMac } from './hash/names.ts';
import { ROUTER, switchName } from './machines.ts';
import type { Machine } from './machines.ts';
import { opsBy } from './ops.ts';
import type { NetAction, NetOp } from './ops.ts';

const sysctl = (key: string, value: string): NetAction => ({ op: 'sysctl', key, value });

/** Kernel without IPv6 traffic: the cluster has none. */
const IPV4_ONLY: readonly NetAction[] = [
  sysctl('net.ipv6.conf.all.disable_ipv6', '1'),
  sysctl('net.ipv6.conf.default.disable_ipv6', '1'),
];
export const newNamespace = (
  kind: string,
  label: string,
  families: readonly IpFamily[],
  host: string | null = null,
): readonly NetAction[] => [
  { op: 'netns.add', kind, label, host },
  ...(families.includes('IPv6') ? [] : IPV4_ONLY),
];

/** The switch's end of a machine's cable. A device name has at most 15 characters. */
const portTo = (machine: string, device = 'eth0'): string => {
  const cable = device === 'eth0' ? machine : `${machine}-${device}`;
  return cable.length <= 13 ? `p-${cable}` : `p-${hexId(cable, 8)}`;
};
const routerDevice = (index: number): string => `eth${index}`;

const forwarding = (families: readonly IpFamily[]): readonly NetAction[] => [
  sysctl('net.ipv4.ip_forward', '1'),
  ...(families.includes('IPv6') ? [sysctl('net.ipv6.conf.all.forwarding', '1')] : []),
];

/** What kubeadm's preflight checks ask for on a node. */
const nodeSysctls = (families: readonly IpFamily[]): readonly NetAction[] => [
  ...forwarding(families),
  sysctl('net.bridge.bridge-nf-call-iptables', '1'),
  sysctl('net.bridge.bridge-nf-call-ip6tables', '1'),
];

/** The length of the subnet's range that the address is in. */
const inSubnet = (ip: string, subnet: SubnetInfo): string =>
  `${ip}/${lengthOf(ofFamily(subnet.cidrs, familyOf(ip)) ?? '')}`;

/** Where a machine's cable ends, if not at a switch. */
export type Plug = (
  machine: string,
  device: string,
  subnet: SubnetInfo,
) => { readonly ns: string; readonly dev: string } | null;

export interface GroundPlan {
  readonly seed: number;
  readonly families: readonly IpFamily[];
  readonly subnets: readonly SubnetInfo[];
  readonly machines: readonly Machine[];
  readonly nodes: readonly NodeInfo[];
  readonly cloud: CloudPlan;
  readonly plug?: Plug;
  /** Subnets that are switches. Default: all. */
  readonly switched?: readonly SubnetInfo[];
  /** A further cable of the router, and addresses that are at its other end. */
  readonly uplink?: {
    readonly peer: { readonly ns: string; readonly dev: string };
    readonly routes: readonly string[];
  } | null;
}
export const ROUTER_UPLINK = 'uplink';

const cableEnd = (plan: GroundPlan, machine: string, device: string, subnet: SubnetInfo) =>
  plan.plug?.(machine, device, subnet) ?? {
    ns: switchName(plan.subnets, subnet),
    dev: portTo(machine, device),
  };
const switchedOf = ({ switched, subnets }: GroundPlan): readonly SubnetInfo[] =>
  switched ?? subnets;

function machineOps(machine: Machine, plan: GroundPlan): readonly NetOp[] {
  const { name, kind, subnet } = machine;
  const label = kind === 'node' ? `Node ${name}` : name;
  const first = opsBy('operator', name, label, [
    ...newNamespace(kind, label, plan.families),
    ...(kind === 'node' ? nodeSysctls(plan.families) : []),
    ...Object.entries(machine.sysctls).map(([key, value]) => sysctl(key, value)),
    {
      op: 'link.add',
      dev: {
        name: 'eth0',
        type: 'veth',
        mac: randomMac(`${plan.seed} ${name} eth0`),
        mtu: subnet.mtu,
        peer: cableEnd(plan, name, 'eth0', subnet),
      },
    },
    ...machine.ips.map((ip): NetAction => ({
      op: 'addr.add',
      dev: 'eth0',
      cidr: inSubnet(ip, subnet),
    })),
    ...subnet.gateways
      .filter((gateway) => ofFamily(machine.ips, familyOf(gateway)) !== null)
      .map((via): NetAction => ({
        op: 'route.add',
        route: { dst: 'default', via, dev: 'eth0' },
      })),
  ]);
  const others = machine.joined.flatMap((joined): readonly NetAction[] => {
    const on = plan.subnets.find((one) => one.name === joined.subnet);
    if (on === undefined) return [];
    const peer = cableEnd(plan, name, joined.name, on);
    const mac = joined.mac ?? randomMac(`${plan.seed} ${name} ${joined.name}`);
    const dev = { name: joined.name, type: 'veth', mac, mtu: joined.mtu ?? on.mtu, peer } as const;
    return [{ op: 'link.add', dev }];
  });
  const listeners = machine.ports.flatMap((port) =>
    machine.ips.map((ip): NetAction => ({
      op: 'listen',
      listener: { proto: 'tcp', addr: ANY[familyOf(ip)], port, name, process: 'server' },
    })),
  );
  return [
    ...first,
    ...opsBy('cloud', name, label, others),
    ...opsBy('operator', name, label, listeners),
  ];
}

function switchOps(subnet: SubnetInfo, plan: GroundPlan): readonly NetOp[] {
  const name = switchName(plan.subnets, subnet);
  const mac = (dev: string): string => randomMac(`${plan.seed} ${name} ${dev}`);
  const port = (
    dev: string,
    peer: { readonly ns: string; readonly dev: string },
  ): readonly NetAction[] => [
    { op: 'link.add', dev: { name: dev, type: 'veth', mac: mac(dev), mtu: subnet.mtu, peer } },
    { op: 'link.master', dev, master: 'br0' },
  ];
  const index = routedSubnets(plan).indexOf(subnet);
  return opsBy('operator', name, null, [
    // It has no address of its own, of either family.
    ...newNamespace('switch', `Switch ${subnet.cidrs.join(', ')}`, []),
    // It stands for a switch, not for a Linux box with a firewall.
    sysctl('net.bridge.bridge-nf-call-iptables', '0'),
    ...(plan.families.includes('IPv6') ? [sysctl('net.bridge.bridge-nf-call-ip6tables', '0')] : []),
    { op: 'link.add', dev: { name: 'br0', type: 'bridge', mac: mac('br0'), mtu: subnet.mtu } },
    ...plan.machines
      .filter((machine) => machine.subnet === subnet)
      .flatMap((machine) => port(portTo(machine.name), { ns: machine.name, dev: 'eth0' })),
    ...plan.machines.flatMap((machine) =>
      machine.joined
        .filter((joined) => joined.subnet === subnet.name)
        .flatMap((joined) =>
          port(portTo(machine.name, joined.name), { ns: machine.name, dev: joined.name }),
        ),
    ),
    ...(index < 0 ? [] : port(portTo(ROUTER), { ns: ROUTER, dev: routerDevice(index) })),
  ]);
}

const routedSubnets = (plan: GroundPlan): readonly SubnetInfo[] =>
  switchedOf(plan).filter((subnet) => subnet.gateways.length > 0);

function routerOps(plan: GroundPlan): readonly NetOp[] {
  const subnets = routedSubnets(plan);
  const uplink = plan.uplink ?? null;
  if (subnets.length === 0 && uplink === null) return [];
  const own = opsBy('operator', ROUTER, null, [
    ...newNamespace('router', uplink === null ? 'Router' : 'Internet', plan.families),
    ...forwarding(plan.families),
    // A cloud's route table sends packets back into the subnet that they came from, and says nothing about it.
    ...(plan.cloud.routes.length === 0
      ? []
      : [
          sysctl('net.ipv4.conf.all.send_redirects', '0'),
          sysctl('net.ipv4.conf.default.send_redirects', '0'),
        ]),
    ...subnets.flatMap((subnet, i): readonly NetAction[] => [
      {
        op: 'link.add',
        dev: {
          name: routerDevice(i),
          type: 'veth',
          mac: randomMac(`${plan.seed} ${ROUTER} ${routerDevice(i)}`),
          mtu: subnet.mtu,
          peer: { ns: switchName(plan.subnets, subnet), dev: portTo(ROUTER) },
        },
      },
      ...subnet.gateways.map((ip): NetAction => ({
        op: 'addr.add',
        dev: routerDevice(i),
        cidr: inSubnet(ip, subnet),
      })),
    ]),
    ...(uplink === null ? [] : uplinkActions(plan, uplink)),
  ]);
  const table = plan.cloud.routes.flatMap(({ dst, via, component, object }) =>
    opsBy(component, ROUTER, object, [{ op: 'route.add', route: { dst, via } }]),
  );
  return [...own, ...table];
}

const uplinkActions = (
  { seed }: GroundPlan,
  { peer, routes }: GroundPlan['uplink'] & {},
): readonly NetAction[] => [
  {
    op: 'link.add',
    dev: {
      name: ROUTER_UPLINK,
      type: 'veth',
      mac: randomMac(`${seed} ${ROUTER} ${ROUTER_UPLINK}`),
      mtu: 1500,
      peer,
    },
  },
  ...routes.map((dst): NetAction => ({
    op: 'route.add',
    route: { dst, dev: ROUTER_UPLINK, scope: 'link' },
  })),
];

export const groundOps = (plan: GroundPlan): readonly NetOp[] => [
  ...plan.machines.flatMap((machine) => machineOps(machine, plan)),
  ...switchedOf(plan).flatMap((subnet) => switchOps(subnet, plan)),
  ...routerOps(plan),
];
