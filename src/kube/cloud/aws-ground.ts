// Machines plugged into a VPC: each interface is an ENI with its addresses, route tables hold what the cloud's controllers wrote, the
// internet gateway leads to a router behind which the internet's hosts are.
import type {
  ApplianceSpec,
  EniSpec,
  SecurityGroupSpec,
  SecurityRuleSpec,
  VpcRouterSpec,
  VpcRouteSpec,
} from '../../network/appliances.ts';
import { hostCidr, inside } from '../cidr.ts';
import type { SubnetInfo } from '../cni/types.ts';
import { randomMac } from '../hash/names.ts';
import { groundOps, ROUTER_UPLINK } from '../machine-ops.ts';
import type { GroundPlan, Plug } from '../machine-ops.ts';
import { ROUTER } from '../machines.ts';
import type { NetOp } from '../ops.ts';
import { INTERNET_GATEWAY, natAddress, NAT_GATEWAY, NODES, VPC } from './aws.ts';
import type { AwsCloud } from './aws.ts';
import type { LaidGround } from './grounds.ts';

const PUBLIC = 'rtb-public';
const PRIVATE = 'rtb-private';
const NAT_ENI = 'eni-nat';
const ORIGIN = { component: 'AWS', object: null, command: null };

const eniName = (machine: string, device: string): string =>
  device === 'eth0' ? `eni-${machine}` : `eni-${machine}-${device}`;

export function awsGround(plan: GroundPlan, options: AwsCloud): LaidGround {
  const own = plan.subnets.filter(({ cidrs }) =>
    options.vpcCIDR.some((range) => inside(range, cidrs[0]?.split('/')[0] ?? '')),
  );
  const mac = (name: string): string => randomMac(`${plan.seed} ${name}`);
  const plug: Plug = (machine, device, subnet) =>
    own.includes(subnet) ? { ns: VPC, dev: eniName(machine, device) } : null;
  const publicIps = pairsOf(plan, options, own);
  const ops = groundOps({
    ...plan,
    plug,
    switched: plan.subnets.filter((subnet) => !own.includes(subnet)),
    cloud: { ...plan.cloud, routes: [] },
    uplink: options.internetGateway
      ? {
          peer: { ns: INTERNET_GATEWAY, dev: 'outside' },
          routes: publicIps.map((pair) => hostCidr(pair.public)),
        }
      : null,
  });
  const nat = options.natGateway;
  const natSubnet = own.find(({ name }) => name === nat?.subnet);
  const router: VpcRouterSpec = {
    kind: 'vpc-router',
    name: VPC,
    label: `VPC ${options.vpcCIDR.join(', ')}`,
    cidrs: options.vpcCIDR,
    subnets: own.map(({ name, cidrs }) => ({
      name,
      cidr: cidrs[0] ?? '',
      routeTable: options.privateSubnets.includes(name) ? PRIVATE : PUBLIC,
      mac: mac(`${VPC} ${name}`),
    })),
    routeTables: routeTables(plan, options, natSubnet !== undefined),
    enis: [
      ...enisOf(ops, plan, own, options),
      ...(natSubnet === undefined
        ? []
        : [
            {
              name: NAT_ENI,
              subnet: natSubnet.name,
              mac: mac(NAT_GATEWAY),
              addresses: [natAddress(natSubnet.cidrs[0] ?? '')],
              // It sends and receives for everybody.
              sourceDestCheck: false,
              peer: { ns: NAT_GATEWAY, dev: 'eni' },
            },
          ]),
    ],
    ...(options.securityGroup === undefined
      ? {}
      : { securityGroups: [groupOf(options.securityGroup)] }),
    gateways: options.internetGateway
      ? [{ name: INTERNET_GATEWAY, peer: { ns: INTERNET_GATEWAY, dev: 'inside' } }]
      : [],
    origin: ORIGIN,
  };
  const appliances: ApplianceSpec[] = [router];
  if (options.internetGateway)
    appliances.push({
      kind: 'internet-gateway',
      name: INTERNET_GATEWAY,
      label: 'Internet gateway',
      inside: {
        name: 'inside',
        mac: mac(`${INTERNET_GATEWAY} inside`),
        mtu: 9001,
        peer: { ns: VPC, dev: INTERNET_GATEWAY },
      },
      outside: {
        name: 'outside',
        mac: mac(`${INTERNET_GATEWAY} outside`),
        peer: { ns: ROUTER, dev: ROUTER_UPLINK },
      },
      addresses: publicIps,
      origin: ORIGIN,
    });
  if (nat !== undefined && natSubnet !== undefined)
    appliances.push({
      kind: 'nat-gateway',
      name: NAT_GATEWAY,
      label: 'NAT gateway',
      port: { name: 'eni', mac: mac(NAT_GATEWAY), peer: { ns: VPC, dev: NAT_ENI } },
      address: natAddress(natSubnet.cidrs[0] ?? ''),
      origin: ORIGIN,
    });
  return { ops, appliances };
}

type Rules = NonNullable<AwsCloud['securityGroup']>['ingress'];
const rulesOf = (rules: Rules): readonly SecurityRuleSpec[] =>
  rules.map(({ protocol, ports, peer }) => ({
    protocol,
    peer,
    ...(ports === undefined ? {} : { ports }),
  }));
const groupOf = ({ ingress, egress }: AwsCloud['securityGroup'] & {}): SecurityGroupSpec => ({
  name: NODES,
  ingress: rulesOf(ingress),
  ...(egress === undefined ? {} : { egress: rulesOf(egress) }),
});

/** Every cable that ends in the VPC is an interface, with the addresses that its machine and the network plugin gave it. */
function enisOf(
  ops: readonly NetOp[],
  plan: GroundPlan,
  own: readonly SubnetInfo[],
  options: AwsCloud,
): readonly EniSpec[] {
  return ops.flatMap((op): readonly EniSpec[] => {
    if (op.op !== 'link.add' || op.dev.peer?.ns !== VPC) return [];
    const machine = plan.machines.find(({ name }) => name === op.ns);
    if (machine === undefined) return [];
    const { name: device, mac = '', mtu } = op.dev;
    const joined = machine.joined.find(({ name }) => name === device);
    const subnet = joined?.subnet ?? machine.subnet.name;
    const known = plan.cloud.interfaces.find(
      (one) => one.node === machine.name && one.device === device,
    );
    const first = joined === undefined ? [machine.ip] : [];
    return [
      {
        name: op.dev.peer.dev,
        subnet: own.find(({ name }) => name === subnet)?.name ?? '',
        mac,
        ...(mtu === undefined ? {} : { mtu }),
        addresses: [...first, ...(known?.addresses ?? [])],
        sourceDestCheck: known?.sourceDestCheck ?? options.sourceDestCheck,
        ...(options.securityGroup === undefined ? {} : { securityGroups: [NODES] }),
        peer: { ns: op.ns, dev: device },
      },
    ];
  });
}

/** Routes of the cloud's controllers lead to interfaces of nodes, in every table. */
function routeTables(
  plan: GroundPlan,
  options: AwsCloud,
  nat: boolean,
): VpcRouterSpec['routeTables'] {
  const nodes = plan.cloud.routes.map(({ dst, node }): VpcRouteSpec => ({
    dst,
    target: eniName(node, 'eth0'),
  }));
  const way = (target: string | null): readonly VpcRouteSpec[] =>
    target === null ? [] : [{ dst: '0.0.0.0/0', target }];
  return [
    {
      name: PUBLIC,
      routes: [...nodes, ...way(options.internetGateway ? INTERNET_GATEWAY : null)],
    },
    { name: PRIVATE, routes: [...nodes, ...way(nat ? NAT_ENI : null)] },
  ];
}

function pairsOf(
  { nodes }: GroundPlan,
  { natGateway }: AwsCloud,
  own: readonly SubnetInfo[],
): readonly { readonly private: string; readonly public: string }[] {
  const machines = nodes.flatMap(({ ip, addresses }) =>
    addresses.flatMap((one) =>
      one.type === 'ExternalIP' ? [{ private: ip, public: one.ip }] : [],
    ),
  );
  const subnet = own.find(({ name }) => name === natGateway?.subnet);
  if (natGateway === undefined || subnet === undefined) return machines;
  const address = natAddress(subnet.cidrs[0] ?? '');
  return [...machines, { private: address, public: natGateway.externalIP }];
}
