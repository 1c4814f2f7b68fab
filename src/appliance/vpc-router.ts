// The implicit router of an AWS VPC and its fabric. On a subnet, a frame goes to the interface whose MAC it names; what is sent to the
// router's MAC is routed by the table of the subnet. ARP is answered from the table of interfaces, no frame is ever flooded. It is no
// hop: the TTL stays. (Amazon VPC user guide; the mapping service of "A Day in the Life of a Billion Packets", re:Invent 2013; what
// instances see of it: blog.ipspace.net, "Packet Forwarding in Amazon VPC".)
import { byteLength } from '../wire/length.ts';
import { ethernet, fromL3 } from '../net/skb.ts';
import { isMulticast, printAddr } from '../wire/addr/ip.ts';
import { isMulticastMac, printMac } from '../wire/addr/mac.ts';
import { contains } from '../wire/addr/prefix.ts';
import type { Ipv4, Mac } from '../wire/addr/types.ts';
import { eniChecks } from './eni-checks.ts';
import type { EniDirection } from './eni-checks.ts';
import { answerArp, ipv4Of, isArp, refuse, sendOut } from './frames.ts';
import { tooBig } from './too-big.ts';
import { packetTuple, quotedTuple } from './translate.ts';
import type { ApplianceDriver, ApplianceRow, Arrival } from './types.ts';
import { addressText, printVpcRoute, readVpc, vpcLookup } from './vpc-table.ts';
import type { Eni, Vpc, VpcRoute, VpcSubnet, VpcTable } from './vpc-table.ts';

/** Of interfaces in a VPC, and of what leaves it by a gateway. */
const VPC_MTU = 9001;
const GATEWAY_MTU = 1500;
/** 169.254.0.0/16: metadata, time and DNS of the instance's own host (RFC 3927 addresses). */
const LINK_LOCAL = { addr: 0xa9fe0000 as Ipv4, length: 16 };

export const vpcRouter: ApplianceDriver<'vpc-router'> = {
  ports: (spec) => {
    const macs = new Map(spec.subnets.map((subnet) => [subnet.name, subnet.mac]));
    const first = spec.subnets[0]?.mac;
    const port = (p: (typeof spec.enis)[number] | (typeof spec.gateways & {})[number]) => {
      const mac = 'subnet' in p ? macs.get(p.subnet) : first;
      const { name, peer, mtu = VPC_MTU } = p;
      return { name, type: 'veth' as const, mtu, peer, ...(mac === undefined ? {} : { mac }) };
    };
    return [...spec.enis, ...(spec.gateways ?? [])].map(port);
  },
  start: (spec, complain) => {
    const vpc = readVpc(spec, complain);
    return {
      receive(at) {
        const { skb, port } = at;
        const eni = vpc.enis.get(port.name);
        if (eni !== undefined) fromEni(at, vpc, eni);
        else if (isArp(skb)) answerArp(at, () => null);
        else if (vpc.gateways.has(port.name)) fromGateway(at, vpc);
        else refuse(at, 'vpc:NO_ROUTE', `${port.name} is no interface of a subnet`);
      },
      rows: () => rowsOf(vpc),
    };
  },
};

function fromEni(at: Arrival, vpc: Vpc, eni: Eni): void {
  const { skb } = at;
  const { subnet } = eni;
  if (isArp(skb)) return answerArp(at, (tpa, asker) => arpAnswer(vpc, subnet, tpa, asker));
  const frame = ethernet(skb)!;
  if (frame.src !== eni.mac)
    return refuse(at, 'vpc:UNKNOWN_MAC', `${printMac(frame.src)} is not the MAC of ${eni.name}`);
  const ip = ipv4Of(skb);
  if (ip === null) return refuse(at, 'vpc:NOT_MODELLED', 'IPv6 in a VPC is not modelled');
  if (isMulticastMac(frame.dst) || isMulticast(ip.header.dst))
    return refuse(at, 'vpc:NO_BROADCAST', 'a VPC carries neither broadcast nor multicast');
  if (!checked(at, vpc, eni, 'egress')) return;
  if (frame.dst === subnet.mac) return routed(at, vpc, subnet);
  const next = [...vpc.enis.values()].find((one) => one.mac === frame.dst && one.subnet === subnet);
  if (next === undefined)
    return refuse(
      at,
      'vpc:UNKNOWN_MAC',
      `no interface of ${subnet.name} has ${printMac(frame.dst)}`,
    );
  deliver(at, vpc, next, eni.mac);
}

/** Only addresses that an interface of the subnet has are answered for, with the MAC of that interface; the router with its own. */
function arpAnswer(vpc: Vpc, subnet: VpcSubnet, tpa: Ipv4, asker: Mac) {
  if (tpa === subnet.router || tpa === subnet.router + 1)
    return { mac: subnet.mac, why: `${printAddr(tpa)} is the VPC itself in ${subnet.name}` };
  const eni = contains(subnet.prefix, tpa) ? vpc.owners.find(tpa) : null;
  if (eni === null || eni.mac === asker) return null;
  return { mac: eni.mac, why: `${printAddr(tpa)} is an address of ${eni.name}` };
}

function fromGateway(at: Arrival, vpc: Vpc): void {
  const ip = ipv4Of(at.skb);
  if (ip === null) return refuse(at, 'vpc:NOT_MODELLED', 'IPv6 in a VPC is not modelled');
  const { dst } = ip.header;
  const route = vpcLookup(vpc.edge, dst);
  tellRoute(at, vpc.edge, route);
  if (route === null)
    return refuse(at, 'vpc:NO_SUCH_ADDRESS', `${printAddr(dst)} is in no range of the VPC`);
  toOwner(at, vpc, dst);
}

function tellRoute({ io, skb, port }: Arrival, table: VpcTable, route: VpcRoute | null): void {
  if (io.rec.silent) return;
  io.rec.event('appliance.route', skb, port.site, {
    table: table.name,
    dst: printAddr(ipv4Of(skb)!.header.dst),
    route: route === null ? null : printVpcRoute(route),
    target: route?.target ?? null,
  });
}

function routed(at: Arrival, vpc: Vpc, subnet: VpcSubnet): void {
  const { io, skb } = at;
  const { dst } = ipv4Of(skb)!.header;
  if (contains(LINK_LOCAL, dst) || dst === subnet.router || dst === subnet.router + 1)
    return refuse(
      at,
      'vpc:NOT_MODELLED',
      `${printAddr(dst)}: what the VPC itself answers (its router, metadata, DNS, time) is not modelled`,
    );
  const route = vpcLookup(subnet.table, dst);
  tellRoute(at, subnet.table, route);
  if (route === null)
    return refuse(
      at,
      'vpc:NO_ROUTE',
      `route table ${subnet.table.name} of ${subnet.name} has no route for ${printAddr(dst)}`,
    );
  const { target } = route;
  if (target === 'local') return toOwner(at, vpc, dst);
  if (target === 'blackhole')
    return refuse(
      at,
      'vpc:BLACKHOLE',
      `the route ${printVpcRoute(route)} names something that is gone`,
    );
  const eni = vpc.enis.get(target);
  if (eni !== undefined) return deliver(at, vpc, eni, eni.subnet.mac);
  const length = byteLength(fromL3(skb.layers));
  if (length <= GATEWAY_MTU) return sendOut(at, target);
  const why = `${length} bytes, and the MTU beyond ${target} is ${GATEWAY_MTU}`;
  if (tooBig(at, { router: subnet.router, mtu: GATEWAY_MTU, why })) return;
  for (const piece of io.fragment(skb, GATEWAY_MTU)) sendOut({ ...at, skb: piece }, target);
}

/** Straight to the interface that has the address, whatever the subnet. */
function toOwner(at: Arrival, vpc: Vpc, dst: Ipv4): void {
  const eni = vpc.owners.find(dst);
  if (eni === null)
    return refuse(at, 'vpc:NO_SUCH_ADDRESS', `no interface of the VPC has ${printAddr(dst)}`);
  deliver(at, vpc, eni, eni.subnet.mac);
}

function deliver(at: Arrival, vpc: Vpc, eni: Eni, src: Mac): void {
  if (checked(at, vpc, eni, 'ingress')) sendOut(at, eni.name, { dst: eni.mac, src });
}

function checked(at: Arrival, vpc: Vpc, eni: Eni, direction: EniDirection): boolean {
  const { io, skb, port } = at;
  const { src, dst } = ipv4Of(skb)!.header;
  const packet = { src, dst, tuple: packetTuple(skb), quoted: quotedTuple(skb) };
  for (const { reason, run } of eniChecks) {
    const result = run(eni, packet, direction, vpc);
    if (result === null) continue;
    if (!io.rec.silent) io.rec.event('appliance.check', skb, port.site, result);
    if (result.passed) continue;
    refuse(at, reason, result.why);
    return false;
  }
  return true;
}

function rowsOf(vpc: Vpc): readonly ApplianceRow[] {
  const routes = vpc.tables.flatMap((table) =>
    table.routes.map((route) => ({
      key: `route ${table.name} ${printVpcRoute(route)}`,
      row: { section: 'route', table: table.name, text: printVpcRoute(route) },
    })),
  );
  const subnets = vpc.subnets.map((subnet) => ({
    key: `subnet ${subnet.name}`,
    row: {
      section: 'subnet',
      text: `${subnet.name} ${addressText(subnet.prefix)} ${subnet.table.name}`,
      router: printAddr(subnet.router),
      mac: printMac(subnet.mac),
    },
  }));
  const enis = [...vpc.enis.values()].map((eni) => ({
    key: `eni ${eni.name}`,
    row: {
      section: 'eni',
      text: `${eni.name} ${eni.addresses.map(addressText).join(' ')}`,
      mac: printMac(eni.mac),
      subnet: eni.subnet.name,
      sourceDestCheck: eni.sourceDestCheck,
    },
  }));
  const rules = [...vpc.groups.values()].flatMap((group) =>
    (['ingress', 'egress'] as const).flatMap((direction) =>
      group[direction].map(({ text }) => ({
        key: `security group ${group.name} ${direction} ${text}`,
        row: { section: 'security group', group: group.name, direction, text },
      })),
    ),
  );
  return [...subnets, ...routes, ...enis, ...rules];
}
