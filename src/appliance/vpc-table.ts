// The tables of a VPC, read from the document: subnets with their route tables, and the interfaces (ENIs) that addresses belong to.
// AWS: "Amazon VPC user guide", route tables and elastic network interfaces.
import type { EniSpec, VpcRouterSpec } from '../network/appliances.ts';
import { contains, printPrefix } from '../wire/addr/prefix.ts';
import type { Ipv4, Mac, Prefix } from '../wire/addr/types.ts';
import { createOwners } from './owners.ts';
import type { Owners } from './owners.ts';
import { readMac, readPrefix } from './read.ts';
import { readGroups } from './security-groups.ts';
import type { SecurityGroup } from './security-groups.ts';
import type { Complain } from './types.ts';

export interface VpcSubnet {
  readonly name: string;
  readonly prefix: Prefix<Ipv4>;
  /** The router's MAC in it. */
  readonly mac: Mac;
  /** The router is the first address of a subnet, the DNS server the second. AWS keeps these, the network address, a fourth one and
   *  the last one for itself. */
  readonly router: Ipv4;
  readonly table: VpcTable;
}
export interface VpcTable {
  readonly name: string;
  /** Longest prefix first. */
  readonly routes: readonly VpcRoute[];
}
export interface VpcRoute {
  readonly dst: Prefix<Ipv4>;
  /** `local`, `blackhole`, or the name of an ENI or gateway. */
  readonly target: string;
}
export interface Eni {
  readonly name: string;
  readonly subnet: VpcSubnet;
  readonly mac: Mac;
  readonly addresses: readonly Prefix<Ipv4>[];
  readonly sourceDestCheck: boolean;
  /** None: nothing is checked. */
  readonly groups: readonly SecurityGroup[];
  /** Tuples that security groups let pass, by direction: their answers need no rule. */
  readonly passed: { readonly egress: Set<string>; readonly ingress: Set<string> };
}
export interface Vpc {
  /** Routes for what comes from a gateway: `local` for every range of the VPC. */
  readonly edge: VpcTable;
  readonly subnets: readonly VpcSubnet[];
  readonly enis: ReadonlyMap<string, Eni>;
  readonly owners: Owners<Eni>;
  readonly groups: ReadonlyMap<string, SecurityGroup>;
  readonly gateways: ReadonlySet<string>;
  readonly tables: readonly VpcTable[];
}

export const printVpcRoute = ({ dst, target }: VpcRoute): string =>
  `${dst.length === 0 ? '0.0.0.0/0' : printPrefix(dst)} ${target}`;

export const addressText = (prefix: Prefix<Ipv4>): string =>
  printPrefix(prefix).replace(/\/32$/, '');

export function readVpc(spec: VpcRouterSpec, complain: Complain): Vpc {
  const say = (what: string): Complain => {
    return (reason, fix) => complain(`${what}: ${reason}`, fix);
  };
  const gateways = new Set((spec.gateways ?? []).map((gateway) => gateway.name));
  const known = new Set(['local', 'blackhole', ...gateways, ...spec.enis.map((eni) => eni.name)]);
  const local = spec.cidrs.flatMap((cidr): readonly VpcRoute[] => {
    const dst = readPrefix(cidr, 'VPC', complain);
    return dst === null ? [] : [{ dst, target: 'local' }];
  });
  const tables = spec.routeTables.map((table) => readTable(local, table, known, say(table.name)));
  const subnets = spec.subnets.flatMap((subnet): readonly VpcSubnet[] => {
    const prefix = readPrefix(subnet.cidr, subnet.name, complain);
    const table = tables.find((one) => one.name === subnet.routeTable);
    if (table === undefined)
      complain(
        `${subnet.name}: there is no route table ${subnet.routeTable}`,
        'name one of the VPC',
      );
    if (prefix === null || table === undefined) return [];
    const router = (prefix.addr + 1) as Ipv4;
    const mac = readMac(subnet.mac, subnet.name, complain);
    return [{ name: subnet.name, prefix, mac, router, table }];
  });
  const groups = readGroups(spec, complain);
  const enis = new Map<string, Eni>();
  const owners = createOwners<Eni>();
  for (const one of spec.enis) {
    const eni = readEni(one, { subnets, groups }, say(one.name));
    if (eni === null) continue;
    if (enis.has(eni.name)) complain(`two interfaces are called ${eni.name}`, 'rename one');
    enis.set(eni.name, eni);
    for (const prefix of eni.addresses) {
      const other = owners.find(prefix.addr);
      if (other !== null)
        complain(
          `${addressText(prefix)} of ${eni.name} belongs to ${other.name} already`,
          'an address has one interface',
        );
      owners.add(prefix, eni);
    }
  }
  const edge = readTable(local, { name: 'local', routes: [] }, known, complain);
  return { edge, subnets, enis, owners, groups, gateways, tables };
}

function readTable(
  local: readonly VpcRoute[],
  { name, routes }: VpcRouterSpec['routeTables'][number],
  known: ReadonlySet<string>,
  complain: Complain,
): VpcTable {
  const own = routes.flatMap(({ dst, target }): readonly VpcRoute[] => {
    const prefix = readPrefix(dst, 'route', complain);
    if (!known.has(target))
      complain(
        `route ${dst}: there is no ${target}`,
        'name an ENI or a gateway of the VPC, or `blackhole`',
      );
    return prefix === null ? [] : [{ dst: prefix, target }];
  });
  const taken = new Set(local.map(({ dst }) => printPrefix(dst)));
  const routed = own.filter(({ dst }) => {
    const text = printPrefix(dst);
    if (taken.has(text)) complain(`there is a route for ${text} already`, 'keep one of them');
    return !taken.has(text) && taken.add(text);
  });
  return { name, routes: [...local, ...routed].sort((a, b) => b.dst.length - a.dst.length) };
}

function readEni(
  spec: EniSpec,
  {
    subnets,
    groups,
  }: {
    readonly subnets: readonly VpcSubnet[];
    readonly groups: ReadonlyMap<string, SecurityGroup>;
  },
  complain: Complain,
): Eni | null {
  const subnet = subnets.find((one) => one.name === spec.subnet);
  if (subnet === undefined) {
    complain(`there is no subnet ${spec.subnet}`, 'name a subnet of the VPC');
    return null;
  }
  const addresses = spec.addresses.flatMap((text) => {
    const prefix = readPrefix(text, 'address', complain);
    if (prefix === null) return [];
    if (!contains(subnet.prefix, prefix.addr))
      complain(`${text} is not in ${printPrefix(subnet.prefix)}`, 'use an address of its subnet');
    return [prefix];
  });
  return {
    name: spec.name,
    subnet,
    mac: readMac(spec.mac, 'mac', complain),
    addresses,
    sourceDestCheck: spec.sourceDestCheck ?? true,
    groups: (spec.securityGroups ?? []).flatMap((name) => {
      const group = groups.get(name);
      if (group === undefined)
        complain(`there is no security group ${name}`, 'name one of the VPC');
      return group ?? [];
    }),
    passed: { egress: new Set(), ingress: new Set() },
  };
}

/** The route that a packet takes: of the longest prefix, as everywhere. */
export const vpcLookup = (table: VpcTable, dst: Ipv4): VpcRoute | null =>
  table.routes.find((route) => contains(route.dst, dst)) ?? null;

export const owns = (eni: Eni, addr: Ipv4): boolean =>
  eni.addresses.some((prefix) => contains(prefix, addr));
