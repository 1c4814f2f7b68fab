// A VPC of AWS: subnets in its ranges, an internet gateway, perhaps a NAT gateway. Public addresses are mapped to private ones; subnets
// that are not in its ranges are the internet.
import * as v from 'valibot';
import { parseAddr } from '../../wire/addr/ip.ts';
import { parsePrefix } from '../../wire/addr/prefix.ts';
import { nthAddress, sizeOf } from '../cidr.ts';
import type { CloudDriver } from './types.ts';

const cidr = v.pipe(
  v.string(),
  v.check(
    (text) => text.includes('/') && typeof parsePrefix(text)?.addr === 'number',
    'expected an IPv4 network such as 10.0.0.0/16',
  ),
);
const ip = v.pipe(
  v.string(),
  v.check((text) => typeof parseAddr(text) === 'number', 'expected an IPv4 address'),
);

/** Name of the group of machines, as rules refer to it. */
export const NODES = 'nodes';
const rule = v.strictObject({
  protocol: v.picklist(['tcp', 'udp', 'icmp', 'all']),
  ports: v.optional(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform(String),
      v.regex(/^\d{1,5}(-\d{1,5})?$/, 'expected a port, or 30000-32767'),
    ),
  ),
  peer: v.union([cidr, v.literal(NODES)]),
});

const options = v.strictObject({
  name: v.literal('aws'),
  /** Ranges of the VPC, the primary one first. */
  vpcCIDR: v.optional(
    v.pipe(
      v.union([cidr, v.pipe(v.array(cidr), v.minLength(1), v.maxLength(5))]),
      v.transform((value): readonly string[] => (typeof value === 'string' ? [value] : value)),
    ),
    '10.0.0.0/16',
  ),
  /** The default route of public subnets. */
  internetGateway: v.optional(v.boolean(), true),
  /** Subnets whose default route is the NAT gateway, where there is one. All others are public. */
  privateSubnets: v.optional(v.array(v.string()), []),
  /** It stands in a public subnet, and needs a public address. */
  natGateway: v.optional(v.strictObject({ subnet: v.string(), externalIP: ip })),
  /** Of every machine in the VPC. `nodes` is the group itself. Default: everything may pass. */
  securityGroup: v.optional(
    v.strictObject({ ingress: v.array(rule), egress: v.optional(v.array(rule)) }),
  ),
  /** Of interfaces of which the network plugin or its controller says nothing. */
  sourceDestCheck: v.optional(v.boolean(), true),
});
export type AwsCloud = v.InferOutput<typeof options>;

export const VPC = 'vpc';
export const INTERNET_GATEWAY = 'igw';
export const NAT_GATEWAY = 'nat';

/** The first four addresses and the last one. */
const RESERVED = [0, 1, 2, 3] as const;

export const natAddress = (subnetCidr: string): string =>
  nthAddress(subnetCidr, sizeOf(subnetCidr) - 2) ?? '';

export const aws: CloudDriver<typeof options> = {
  title: 'AWS',
  options,
  subnet: { name: 'public', cidr: '10.0.1.0/24' },
  network: ({ vpcCIDR, natGateway, privateSubnets }) => ({
    cidrs: vpcCIDR,
    mtu: 9001,
    names: [VPC, INTERNET_GATEWAY, NAT_GATEWAY],
    router: (range) => nthAddress(range, 1),
    reserved: ({ name, cidr: range }) => [
      ...[...RESERVED, sizeOf(range) - 1].map((index) => nthAddress(range, index) ?? ''),
      ...(natGateway?.subnet === name ? [natAddress(range)] : []),
    ],
    mentions: [...privateSubnets, ...(natGateway === undefined ? [] : [natGateway.subnet])],
  }),
};
