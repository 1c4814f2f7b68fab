// An internet gateway: between a VPC and the internet. It knows pairs of a private and a public address and swaps one for the other,
// packet by packet, without memory. A private address without a public one cannot pass. (Amazon VPC user guide, internet gateways.)
import type { Dev } from '../net/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import type { InternetGatewaySpec } from '../network/appliances.ts';
import { answerArp, ipv4Of, isArp, refuse, sendOut } from './frames.ts';
import { readAddr } from './read.ts';
import { packetTuple, quotedTuple, translate } from './translate.ts';
import type { ApplianceDriver, Arrival, Complain } from './types.ts';

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
      receive(at) {
        const { skb, port } = at;
        if (isArp(skb)) return answerArp(at, (tpa) => arpAnswer(gateway, port, tpa));
        if (ipv4Of(skb) === null)
          return refuse(at, 'vpc:NOT_MODELLED', 'IPv6 in a VPC is not modelled');
        if (port.name === gateway.inside) return outward(at, gateway);
        inward(at, gateway);
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

function outward(at: Arrival, gateway: Gateway): void {
  const { src, dst } = ipv4Of(at.skb)!.header;
  const own = gateway.toPublic.get(src);
  if (own === undefined)
    return refuse(
      at,
      'vpc:NO_PUBLIC_ADDRESS',
      `${printAddr(src)} has no public address, so nothing could ever answer it`,
    );
  readdress(at, 'src', own);
  // The public address of somebody in the same VPC: it comes back at once.
  if (gateway.toPrivate.has(dst)) return inward(at, gateway);
  sendOut(at, gateway.outside);
}

function inward(at: Arrival, gateway: Gateway): void {
  const { dst } = ipv4Of(at.skb)!.header;
  const own = gateway.toPrivate.get(dst);
  if (own === undefined)
    return refuse(
      at,
      'vpc:NO_SUCH_ADDRESS',
      `${printAddr(dst)} is a public address of nobody here`,
    );
  readdress(at, 'dst', own);
  sendOut(at, gateway.inside);
}

function readdress(at: Arrival, manip: 'src' | 'dst', addr: Ipv4): void {
  const quoted = quotedTuple(at.skb);
  const other = manip === 'src' ? { dst: addr } : { src: addr };
  translate(at, {
    manip,
    to: { ...packetTuple(at.skb), [manip]: addr },
    quoted: quoted === null ? null : { ...quoted, ...other },
    why: 'each private address has one public address',
  });
}
