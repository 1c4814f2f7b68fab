// The IPv4 header without options (RFC 791, RFC 2474 for the DS field).
//  0                   1                   2                   3
//  |Version|  IHL  |    DS field   |          Total Length         |
//  |         Identification        |Flags|      Fragment Offset    |
//  |  Time to Live |    Protocol   |         Header Checksum       |
import { printIpv4 } from '../addr/ipv4.ts';
import { err, ok } from '../../base/result.ts';
import { get16, get8, getIpv4, hex, set16, set32 } from '../codec/bytes.ts';
import { fold, sumWords } from '../codec/checksum.ts';
import { IPPROTO } from '../types.ts';
import type { Headers, LayerKind } from '../types.ts';
import { dsFieldName, protocolName } from './names.ts';
import { at, derived, field, malformed, truncated, yesNo } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Ip = Headers['ipv4'];

/** What an IP header's protocol number announces; IPv6 in IPv4 (41) and others stay bytes. */
export function transportKind(protocol: number, family: 'ipv4' | 'ipv6'): LayerKind {
  if (protocol === IPPROTO.tcp) return 'tcp';
  if (protocol === IPPROTO.udp) return 'udp';
  if (protocol === IPPROTO.icmp && family === 'ipv4') return 'icmpv4';
  if (protocol === IPPROTO.icmpv6 && family === 'ipv6') return 'icmpv6';
  if (protocol === IPPROTO.ipip && family === 'ipv4') return 'ipv4';
  return 'payload';
}

export const ipv4: HeaderSpec<'ipv4'> = {
  kind: 'ipv4',
  title: 'Internet Protocol Version 4',
  reference: 'RFC 791',
  fields: [
    derived(at(0, 4), { key: 'version', label: 'Version', filter: 'ip.version', read: () => '4' }),
    derived(at(4, 4), {
      key: 'headerLength',
      label: 'Header Length',
      filter: 'ip.hdr_len',
      read: () => '20 bytes (5)',
    }),
    field<Ip>(at(8, 8), {
      key: 'tos',
      label: 'Differentiated Services Field',
      filter: 'ip.dsfield',
      format: (h) => dsFieldName(h.tos),
    }),
    derived(at(16, 16), {
      key: 'totalLength',
      label: 'Total Length',
      filter: 'ip.len',
      read: (own) => String(get16(own, 2)),
    }),
    field<Ip>(at(32, 16), {
      key: 'id',
      label: 'Identification',
      filter: 'ip.id',
      format: (h) => `${hex(h.id, 4)} (${h.id})`,
    }),
    derived(at(48, 1), {
      key: 'reserved',
      label: 'Reserved bit',
      filter: 'ip.flags.rb',
      read: () => yesNo(false),
    }),
    field<Ip>(at(49, 1), {
      key: 'df',
      label: "Don't fragment",
      filter: 'ip.flags.df',
      format: (h) => yesNo(h.df),
    }),
    field<Ip>(at(50, 1), {
      key: 'mf',
      label: 'More fragments',
      filter: 'ip.flags.mf',
      format: (h) => yesNo(h.mf),
    }),
    field<Ip>(at(51, 13), {
      key: 'fragOffset',
      label: 'Fragment Offset',
      filter: 'ip.frag_offset',
      format: (h) => String(h.fragOffset),
    }),
    field<Ip>(at(64, 8), {
      key: 'ttl',
      label: 'Time to Live',
      filter: 'ip.ttl',
      format: (h) => String(h.ttl),
    }),
    field<Ip>(at(72, 8), {
      key: 'protocol',
      label: 'Protocol',
      filter: 'ip.proto',
      format: (h) => protocolName(h.protocol),
    }),
    derived(at(80, 16), {
      key: 'checksum',
      label: 'Header Checksum',
      filter: 'ip.checksum',
      read: (own) => hex(get16(own, 10), 4),
    }),
    field<Ip>(at(96, 32), {
      key: 'src',
      label: 'Source Address',
      filter: 'ip.src',
      format: (h) => printIpv4(h.src),
    }),
    field<Ip>(at(128, 32), {
      key: 'dst',
      label: 'Destination Address',
      filter: 'ip.dst',
      format: (h) => printIpv4(h.dst),
    }),
  ],
  emit(header, { own, body }) {
    own[0] = 0x45;
    own[1] = header.tos;
    set16(own, 2, 20 + body.length);
    set16(own, 4, header.id);
    const flags = (header.df ? 0x4000 : 0) | (header.mf ? 0x2000 : 0);
    set16(own, 6, flags | ((header.fragOffset >>> 3) & 0x1fff));
    own[8] = header.ttl;
    own[9] = header.protocol;
    set32(own, 12, header.src);
    set32(own, 16, header.dst);
    set16(own, 10, fold(sumWords(own)));
  },
  parse(bytes, { missing }) {
    if (bytes.length < 20) return err(truncated(20, bytes.length));
    if (get8(bytes, 0) >> 4 !== 4) return err(malformed('ip.version', 'not 4'));
    if ((get8(bytes, 0) & 15) !== 5)
      return err(malformed('ip.hdr_len', 'IPv4 options are not modelled'));
    const total = get16(bytes, 2);
    if (total < 20) return err(malformed('ip.len', 'shorter than the header'));
    if (total > bytes.length + missing) return err(truncated(total, bytes.length));
    const word = get16(bytes, 6);
    const header: Ip = {
      src: getIpv4(bytes, 12),
      dst: getIpv4(bytes, 16),
      protocol: get8(bytes, 9),
      ttl: get8(bytes, 8),
      tos: get8(bytes, 1),
      id: get16(bytes, 4),
      df: (word & 0x4000) !== 0,
      mf: (word & 0x2000) !== 0,
      fragOffset: (word & 0x1fff) << 3,
    };
    // A piece of a datagram says nothing that could be read alone.
    const whole = !header.mf && header.fragOffset === 0;
    const next = whole ? transportKind(header.protocol, 'ipv4') : 'payload';
    return ok({ header, used: 20, total, next });
  },
};
