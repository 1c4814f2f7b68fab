// The fabric of a VPC as a bridge for each subnet: nothing is flooded or learned, a static FDB says where each interface is, and the
// bridge answers ARP for them from its neighbour table (`proxy_arp` of a port). Between subnets Linux routes by a table for each. Checks of
// interfaces are rules about bridge ports (br_netfilter, physdev).
import { portsOf } from '../../../appliance/index.ts';
import { readVpc, vpcLookup } from '../../../appliance/vpc-table.ts';
import type { Eni, Vpc, VpcSubnet, VpcTable } from '../../../appliance/vpc-table.ts';
import type { VpcRouterSpec } from '../../../network/appliances.ts';
import type { DeviceSpec, NeighSpec, PolicyRuleSpec, RouteSpec } from '../../../network/types.ts';
import { printAddr } from '../../../wire/addr/ip.ts';
import { printMac } from '../../../wire/addr/mac.ts';
import { printPrefix } from '../../../wire/addr/prefix.ts';
import type { Ipv4, Prefix } from '../../../wire/addr/types.ts';
import { filterTable } from './security-groups.ts';
import { FAR_END, LO, NO_HOP, ROUTER, table } from './types.ts';
import type { StandIn } from './types.ts';

/** MAC address of the device at the other end of a port's cable. */
export type FarMac = (port: DeviceSpec) => string;

/** Of what leaves by a gateway. */
const GATEWAY_MTU = 1500;
const EDGE = 99;
const FIRST_TABLE = 100;
const bridgeOf = (vpc: Vpc, subnet: VpcSubnet): string => `br-${vpc.subnets.indexOf(subnet)}`;
const each = ({ addr, length }: Prefix<Ipv4>): readonly Ipv4[] =>
  Array.from({ length: 2 ** (32 - length) }, (_, i) => (addr + i) as Ipv4);

export function vpcRouter(spec: VpcRouterSpec, farMac: FarMac): StandIn {
  const vpc = readVpc(spec, (reason) => {
    throw new Error(reason);
  });
  const enis = [...vpc.enis.values()];
  const ports = portsOf(spec).map((port): DeviceSpec => {
    const eni = vpc.enis.get(port.name);
    return eni === undefined
      ? { ...port, mtu: GATEWAY_MTU }
      : { ...port, master: bridgeOf(vpc, eni.subnet) };
  });
  const gateways = ports.filter((port) => port.master === undefined);
  const bridges = vpc.subnets.map((subnet): DeviceSpec => ({
    name: bridgeOf(vpc, subnet),
    type: 'bridge',
    mac: printMac(subnet.mac),
    mtu: 9001,
    addresses: [`${printAddr(subnet.router)}/${subnet.prefix.length}`],
  }));
  const neigh = [
    ...enis.flatMap((eni) =>
      eni.addresses.flatMap(each).map((addr): NeighSpec => ({
        ip: printAddr(addr),
        dev: bridgeOf(vpc, eni.subnet),
        mac: printMac(eni.mac),
      })),
    ),
    ...gateways.map((port): NeighSpec => ({ ip: FAR_END, dev: port.name, mac: farMac(port) })),
  ];
  return {
    namespace: {
      name: spec.name,
      kind: 'router',
      sysctls: { ...ROUTER, 'net.bridge.bridge-nf-call-iptables': '1' },
      devices: [LO, ...bridges, ...ports],
      neigh,
      fdb: enis.map((eni) => ({
        mac: printMac(eni.mac),
        dev: eni.name,
        flags: 'master static',
      })),
      rules: [
        ...gateways.map((port): PolicyRuleSpec => ({
          priority: EDGE,
          iif: port.name,
          lookup: EDGE,
        })),
        ...vpc.subnets.map((subnet, i): PolicyRuleSpec => ({
          priority: FIRST_TABLE,
          iif: bridgeOf(vpc, subnet),
          lookup: FIRST_TABLE + i,
        })),
      ],
      routes: [
        ...(gateways.length === 0 ? [] : tableRoutes(vpc, vpc.edge, EDGE)),
        ...vpc.subnets.flatMap((subnet, i) => tableRoutes(vpc, subnet.table, FIRST_TABLE + i)),
      ],
      iptables: { ipv4: checks(enis) + filterTable(vpc, spec) },
    },
    ports: enis.map(
      (eni) =>
        `${eni.name} type bridge_slave learning off flood off mcast_flood off bcast_flood off proxy_arp on`,
    ),
  };
}

/** Each address that an interface has by itself; the rest of the VPC leads nowhere, and so does what no route is for. */
function tableRoutes(vpc: Vpc, routes: VpcTable, number: number): readonly RouteSpec[] {
  const owners = [...vpc.enis.values()].flatMap((eni) =>
    eni.addresses
      .filter((prefix) => vpcLookup(routes, prefix.addr)?.target === 'local')
      .map((prefix): RouteSpec => ({
        dst: printPrefix(prefix),
        dev: bridgeOf(vpc, eni.subnet),
        scope: 'link',
        table: number,
      })),
  );
  const listed = routes.routes.map(({ dst, target }): RouteSpec => {
    const text = dst.length === 0 ? 'default' : printPrefix(dst);
    const nowhere = { dst: text, type: 'blackhole', table: number };
    const eni = vpc.enis.get(target);
    // The destination check drops what no address of the interface is for.
    if (target === 'local' || target === 'blackhole' || eni?.sourceDestCheck === true)
      return nowhere;
    if (eni === undefined)
      return { dst: text, via: FAR_END, dev: target, onlink: true, table: number };
    const via = printAddr(eni.addresses[0]!.addr);
    return { dst: text, via, dev: bridgeOf(vpc, eni.subnet), onlink: true, table: number };
  });
  return [...owners, ...listed, { dst: 'default', type: 'blackhole', metric: 9999, table: number }];
}

function checks(enis: readonly Eni[]): string {
  const checked = enis.filter((eni) => eni.sourceDestCheck);
  const allowed = (chain: string, flag: string, eni: Eni): readonly string[] => [
    ...eni.addresses.map((prefix) => `-A ${chain} ${flag} ${printPrefix(prefix)} -j RETURN`),
    `-A ${chain} -j DROP`,
  ];
  const src = (eni: Eni): string => `SRC-${enis.indexOf(eni)}`;
  const dst = (eni: Eni): string => `DST-${enis.indexOf(eni)}`;
  return [
    table(
      'raw',
      ['PREROUTING ACCEPT', 'OUTPUT ACCEPT', ...checked.map((eni) => `${src(eni)} -`)],
      [
        ...['224.0.0.0/4', '255.255.255.255/32', '169.254.0.0/16'].map(
          (range) => `-A PREROUTING -d ${range} -j DROP`,
        ),
        ...checked.map((eni) => `-A PREROUTING -m physdev --physdev-in ${eni.name} -j ${src(eni)}`),
        ...checked.flatMap((eni) => allowed(src(eni), '-s', eni)),
      ],
    ),
    table(
      'mangle',
      ['FORWARD ACCEPT', ...checked.map((eni) => `${dst(eni)} -`)],
      [
        NO_HOP,
        ...checked.map(
          (eni) =>
            `-A FORWARD -m physdev --physdev-is-bridged --physdev-out ${eni.name} -j ${dst(eni)}`,
        ),
        ...checked.flatMap((eni) => allowed(dst(eni), '-d', eni)),
      ],
    ),
  ].join('');
}
