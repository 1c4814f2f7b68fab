// An internet gateway: between a VPC and the internet. It knows pairs of a private and a public address and swaps one for the other,
// packet by packet, without memory. A private address without a public one cannot pass. (Amazon VPC user guide, internet gateways.)
import type { Dev, Skb } from '../net/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import type { InternetGatewaySpec } from '../network/appliances.ts';
import { answerArp, ipv4Of, isArp, portOf, refuse, sendOut } from './frames.ts';
import { readAddr } from './read.ts';
import { packetTuple, quotedTuple, translate } from './translate.ts';
import type { ApplianceDriver, ApplianceIo, Complain } from './types.ts';

interface Pairs {
  readonly toPublic: ReadonlyMap<Ipv4, Ipv4>;
  readonly toPrivate: ReadonlyMap<Ipv4, Ipv4>;
}
interface Gateway extends Pairs {
  readonly inside: string;
  readonly outside: string;
  readonly address: Ipv4 | null;
}

export const internetGateway: ApplianceDriver<'internet-gateway'> = {
  ports: ({ inside, outside }) =>
    [inside, outside].map(({ name, mac, mtu = 1500, peer }) => ({
      name,
      type: 'veth' as const,
      mac,
      mtu,
      peer,
    })),
  start: (spec, complain) => {
    const gateway: Gateway = {
      inside: spec.inside.name,
      outside: spec.outside.name,
      address:
        spec.outside.address === undefined
          ? null
          : readAddr(spec.outside.address, spec.outside.name, complain),
      ...readPairs(spec, complain),
    };
    return {
      receive(io, skb, port) {
        if (isArp(skb)) return answerArp(io, skb, port, (tpa) => arpAnswer(gateway, port, tpa));
        if (ipv4Of(skb) === null)
          return refuse(io, skb, port, 'vpc:NOT_MODELLED', 'IPv6 in a VPC is not modelled');
        if (port.name === gateway.inside) return outward(io, gateway, skb, port);
        inward(io, gateway, skb, port);
      },
      rows: () =>
        [...gateway.toPublic].map(([inner, outer]) => ({
          key: `address ${printAddr(inner)}`,
          row: { section: 'address', text: `${printAddr(inner)} ${printAddr(outer)}` },
        })),
    };
  },
};

function readPairs({ addresses }: InternetGatewaySpec, complain: Complain): Pairs {
  const toPublic = new Map<Ipv4, Ipv4>();
  const toPrivate = new Map<Ipv4, Ipv4>();
  for (const pair of addresses) {
    const inner = readAddr(pair.private, 'private address', complain);
    const outer = readAddr(pair.public, 'public address', complain);
    if (inner === null || outer === null) continue;
    if (toPublic.has(inner) || toPrivate.has(outer))
      complain(`${pair.private} or ${pair.public} is in two pairs`, 'each address has one other');
    toPublic.set(inner, outer);
    toPrivate.set(outer, inner);
  }
  return { toPublic, toPrivate };
}

function arpAnswer({ outside, address, toPrivate }: Gateway, port: Dev, tpa: Ipv4) {
  const known = port.name === outside && (tpa === address || toPrivate.has(tpa));
  return known ? { mac: port.mac, why: `${printAddr(tpa)} is behind the gateway` } : null;
}

function outward(io: ApplianceIo, gateway: Gateway, skb: Skb, port: Dev): void {
  const { src, dst } = ipv4Of(skb)!.header;
  const own = gateway.toPublic.get(src);
  if (own === undefined)
    return refuse(
      io,
      skb,
      port,
      'vpc:NO_PUBLIC_ADDRESS',
      `${printAddr(src)} has no public address, so nothing could ever answer it`,
    );
  readdress(io, skb, port, 'src', own);
  // The public address of somebody in the same VPC: it comes back at once.
  if (gateway.toPrivate.has(dst)) return inward(io, gateway, skb, port);
  leave(io, skb, port, gateway.outside);
}

function inward(io: ApplianceIo, gateway: Gateway, skb: Skb, port: Dev): void {
  const { dst } = ipv4Of(skb)!.header;
  const own = gateway.toPrivate.get(dst);
  if (own === undefined)
    return refuse(
      io,
      skb,
      port,
      'vpc:NO_SUCH_ADDRESS',
      `${printAddr(dst)} is a public address of nobody here`,
    );
  readdress(io, skb, port, 'dst', own);
  leave(io, skb, port, gateway.inside);
}

function readdress(io: ApplianceIo, skb: Skb, port: Dev, manip: 'src' | 'dst', addr: Ipv4): void {
  const quoted = quotedTuple(skb);
  const other = manip === 'src' ? { dst: addr } : { src: addr };
  translate(io, skb, port, {
    manip,
    to: { ...packetTuple(skb), [manip]: addr },
    quoted: quoted === null ? null : { ...quoted, ...other },
    why: 'each private address has one public address',
  });
}

function leave(io: ApplianceIo, skb: Skb, port: Dev, name: string): void {
  const out = portOf(port, name);
  if (out?.peer == null)
    return refuse(io, skb, port, 'vpc:NO_ROUTE', `nothing is attached at ${name}`);
  sendOut(io, skb, out, out.peer.mac, out.mac);
}
