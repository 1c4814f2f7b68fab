// The field table of ICMPv6: what a message has depends on its kind, so most fields have a place in some only.
import { printIpv6 } from '../addr/ipv6.ts';
import { printMac } from '../addr/mac.ts';
import { get16, hex } from '../codec/bytes.ts';
import type { BitRange, FieldSpec, Headers, Icmpv6Body } from '../types.ts';
import { icmpv6CodeName, icmpv6TypeName } from './names.ts';
import { at, derived, field, yesNo } from './spec.ts';

type Icmp6 = Headers['icmpv6'];
type Kind = Icmpv6Body['kind'];
type Body<K extends Kind> = Extract<Icmpv6Body, { kind: K }>;

/** A field of messages of one kind; `where` may still refuse it. */
function only<K extends Kind>(
  kind: K,
  bit: number,
  bits: number,
  text: {
    readonly key: string;
    readonly label: string;
    readonly filter: string;
    readonly format: (body: Body<K>) => string;
  },
  where: (body: Body<K>, header: Icmp6) => boolean = () => true,
): FieldSpec<Icmp6> {
  const range: BitRange = { bit, bits };
  const is = (body: Icmpv6Body): body is Body<K> => body.kind === kind;
  return field<Icmp6>((h) => (is(h.body) && where(h.body, h) ? range : null), {
    ...text,
    format: (h) => (is(h.body) ? text.format(h.body) : ''),
  });
}

const NA_FLAGS = [
  ['router', 'Router', 'icmpv6.nd.na.flag.r', 32],
  ['solicited', 'Solicited', 'icmpv6.nd.na.flag.s', 33],
  ['override', 'Override', 'icmpv6.nd.na.flag.o', 34],
] as const;

const PACKET_TOO_BIG = 2;

export const icmpv6Fields: readonly FieldSpec<Icmp6>[] = [
  field<Icmp6>(at(0, 8), {
    key: 'type',
    label: 'Type',
    filter: 'icmpv6.type',
    format: (h) => icmpv6TypeName(h.type),
  }),
  field<Icmp6>(at(8, 8), {
    key: 'code',
    label: 'Code',
    filter: 'icmpv6.code',
    format: (h) => icmpv6CodeName(h.type, h.code),
  }),
  derived(at(16, 16), {
    key: 'checksum',
    label: 'Checksum',
    filter: 'icmpv6.checksum',
    read: (own) => hex(get16(own, 2), 4),
  }),
  only('echo', 32, 16, {
    key: 'id',
    label: 'Identifier',
    filter: 'icmpv6.echo.identifier',
    format: (b) => hex(b.id, 4),
  }),
  only('echo', 48, 16, {
    key: 'seq',
    label: 'Sequence',
    filter: 'icmpv6.echo.sequence_number',
    format: (b) => String(b.seq),
  }),
  only(
    'error',
    32,
    32,
    { key: 'mtu', label: 'MTU', filter: 'icmpv6.mtu', format: (b) => String(b.mtu) },
    (_, h) => h.type === PACKET_TOO_BIG,
  ),
  only(
    'error',
    32,
    32,
    { key: 'reserved', label: 'Reserved', filter: 'icmpv6.reserved', format: (b) => hex(b.mtu, 8) },
    (_, h) => h.type !== PACKET_TOO_BIG,
  ),
  only('neighbourSolicitation', 64, 128, {
    key: 'target',
    label: 'Target Address',
    filter: 'icmpv6.nd.ns.target_address',
    format: (b) => printIpv6(b.target),
  }),
  ...NA_FLAGS.map(([key, label, filter, bit]) =>
    only('neighbourAdvertisement', bit, 1, { key, label, filter, format: (b) => yesNo(b[key]) }),
  ),
  only('neighbourAdvertisement', 64, 128, {
    key: 'target',
    label: 'Target Address',
    filter: 'icmpv6.nd.na.target_address',
    format: (b) => printIpv6(b.target),
  }),
  ...(['neighbourSolicitation', 'neighbourAdvertisement'] as const).map((kind) =>
    only(
      kind,
      208,
      48,
      {
        key: 'lladdr',
        label: 'Link-layer address',
        filter: 'icmpv6.opt.linkaddr',
        format: (b) => (b.lladdr === null ? '' : printMac(b.lladdr)),
      },
      (b) => b.lladdr !== null,
    ),
  ),
  only('redirect', 64, 128, {
    key: 'target',
    label: 'Target Address',
    filter: 'icmpv6.rd.na.target_address',
    format: (b) => printIpv6(b.target),
  }),
  only('redirect', 192, 128, {
    key: 'destination',
    label: 'Destination Address',
    filter: 'icmpv6.rd.na.destination_address',
    format: (b) => printIpv6(b.destination),
  }),
  only(
    'redirect',
    336,
    48,
    {
      key: 'lladdr',
      label: 'Link-layer address',
      filter: 'icmpv6.opt.linkaddr',
      format: (b) => (b.lladdr === null ? '' : printMac(b.lladdr)),
    },
    (b) => b.lladdr !== null,
  ),
  only('other', 32, 32, {
    key: 'rest',
    label: 'Rest of header',
    filter: 'icmpv6',
    format: (b) => hex(b.rest, 8),
  }),
];
