// A VPC as a network: two subnets with instances on them, an internet gateway with a host behind it, and a NAT gateway. Instances are
// plain hosts with one interface each; tests say what they need besides.
import { run } from '../kernel/run.ts';
import type { EniSpec, SecurityGroupSpec, VpcRouteSpec } from '../network/appliances.ts';
import type { LinuxNetwork, NamespaceSpec } from '../network/types.ts';
import type { Trace } from '../trace/types.ts';

export interface VpcSetting {
  /** Routes of the public and of the private subnet, besides `local`. */
  readonly routes?: {
    readonly public?: readonly VpcRouteSpec[];
    readonly private?: readonly VpcRouteSpec[];
  };
  /** By interface: what differs from the default. */
  readonly enis?: Readonly<Record<string, Partial<EniSpec>>>;
  readonly securityGroups?: readonly SecurityGroupSpec[];
  /** By namespace: what differs from a plain host. */
  readonly hosts?: Readonly<Record<string, Partial<NamespaceSpec>>>;
}

const OFF = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
};
/** A journey through all of it: out by the NAT gateway, and the answer. */
export const vpcTrace = (): Trace =>
  run({
    network: vpcNetwork(),
    steps: [{ do: 'flow', id: 'request', proto: 'tcp', ns: 'b1', dst: '198.51.100.7', dport: 80 }],
    seed: 1,
  });

/** a1, a2 in the public subnet, b1 in the private one. */
const INSTANCES = [
  { name: 'a1', subnet: 'public', ip: '10.0.1.11', n: 1 },
  { name: 'a2', subnet: 'public', ip: '10.0.1.12', n: 2 },
  { name: 'b1', subnet: 'private', ip: '10.0.2.11', n: 3 },
] as const;
const mac = (n: number): string => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
const listener = (name: string) => ({ proto: 'tcp', addr: '0.0.0.0', port: 80, name });

export function vpcNetwork({
  routes,
  enis = {},
  securityGroups = [],
  hosts = {},
}: VpcSetting = {}): LinuxNetwork {
  const instances = INSTANCES.map(({ name, ip, n }): NamespaceSpec => ({
    name,
    kind: 'host',
    sysctls: OFF,
    devices: [
      {
        name: 'eth0',
        type: 'veth',
        mac: mac(n),
        mtu: 9001,
        addresses: [`${ip}/24`],
        peer: { ns: 'vpc', dev: `eni-${name}` },
      },
    ],
    routes: [{ dst: 'default', via: ip.replace(/\d+$/, '1'), dev: 'eth0' }],
    listeners: [listener(name)],
    ...hosts[name],
  }));
  const internet: NamespaceSpec = {
    name: 'internet',
    kind: 'internet',
    sysctls: OFF,
    devices: [
      {
        name: 'eth0',
        type: 'veth',
        mac: mac(9),
        addresses: ['198.51.100.7/24'],
        peer: { ns: 'igw', dev: 'outside' },
      },
    ],
    routes: [{ dst: 'default', via: '198.51.100.1', dev: 'eth0' }],
    listeners: [listener('internet')],
    ...hosts['internet'],
  };
  return {
    namespaces: [...instances, internet],
    appliances: [
      {
        kind: 'vpc-router',
        name: 'vpc',
        cidrs: ['10.0.0.0/16'],
        subnets: [
          { name: 'public', cidr: '10.0.1.0/24', routeTable: 'rtb-public', mac: mac(0x11) },
          { name: 'private', cidr: '10.0.2.0/24', routeTable: 'rtb-private', mac: mac(0x12) },
        ],
        routeTables: [
          {
            name: 'rtb-public',
            routes: routes?.public ?? [{ dst: '0.0.0.0/0', target: 'igw' }],
          },
          {
            name: 'rtb-private',
            routes: routes?.private ?? [{ dst: '0.0.0.0/0', target: 'eni-nat' }],
          },
        ],
        enis: [
          ...INSTANCES.map(({ name, subnet, ip, n }): EniSpec => ({
            name: `eni-${name}`,
            subnet,
            mac: mac(n),
            addresses: [ip],
            peer: { ns: name, dev: 'eth0' },
            ...enis[`eni-${name}`],
          })),
          {
            name: 'eni-nat',
            subnet: 'public',
            mac: mac(0x21),
            addresses: ['10.0.1.100'],
            sourceDestCheck: false,
            peer: { ns: 'nat', dev: 'eni' },
          },
        ],
        securityGroups,
        gateways: [{ name: 'igw', peer: { ns: 'igw', dev: 'inside' } }],
      },
      {
        kind: 'internet-gateway',
        name: 'igw',
        inside: { name: 'inside', mac: mac(0x31), mtu: 9001, peer: { ns: 'vpc', dev: 'igw' } },
        outside: {
          name: 'outside',
          mac: mac(0x32),
          address: '198.51.100.1',
          peer: { ns: 'internet', dev: 'eth0' },
        },
        addresses: [
          { private: '10.0.1.11', public: '203.0.113.11' },
          { private: '10.0.1.100', public: '203.0.113.100' },
        ],
      },
      {
        kind: 'nat-gateway',
        name: 'nat',
        port: { name: 'eni', mac: mac(0x21), peer: { ns: 'vpc', dev: 'eni-nat' } },
        address: '10.0.1.100',
      },
    ],
  };
}
