// The IPv6 header (RFC 8200 section 3). Of the extension headers only Fragment is known; a packet with
// another one keeps the rest as bytes.
import { printIpv6 } from '../addr/ipv6.ts';
import { err, ok } from '../../base/result.ts';
import { get16, get32, get8, getIpv6, hex, set16, setIpv6 } from '../codec/bytes.ts';
import type { Headers } from '../types.ts';
import { IPPROTO_FRAGMENT } from './ipv6-fragment.ts';
import { transportKind } from './ipv4.ts';
import { dsFieldName, protocolName } from './names.ts';
import { at, derived, field, malformed, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Ip6 = Headers['ipv6'];

export const ipv6: HeaderSpec<'ipv6'> = {
  kind: 'ipv6',
  title: 'Internet Protocol Version 6',
  reference: 'RFC 8200',
  fields: [
    derived(at(0, 4), {
      key: 'version',
      label: 'Version',
      filter: 'ipv6.version',
      read: () => '6',
    }),
    field<Ip6>(at(4, 8), {
      key: 'trafficClass',
      label: 'Traffic Class',
      filter: 'ipv6.tclass',
      format: (h) => dsFieldName(h.trafficClass),
    }),
    field<Ip6>(at(12, 20), {
      key: 'flowLabel',
      label: 'Flow Label',
      filter: 'ipv6.flow',
      format: (h) => hex(h.flowLabel, 5),
    }),
    derived(at(32, 16), {
      key: 'payloadLength',
      label: 'Payload Length',
      filter: 'ipv6.plen',
      read: (own) => String(get16(own, 4)),
    }),
    field<Ip6>(at(48, 8), {
      key: 'nextHeader',
      label: 'Next Header',
      filter: 'ipv6.nxt',
      format: (h) => protocolName(h.nextHeader),
    }),
    field<Ip6>(at(56, 8), {
      key: 'hopLimit',
      label: 'Hop Limit',
      filter: 'ipv6.hlim',
      format: (h) => String(h.hopLimit),
    }),
    field<Ip6>(at(64, 128), {
      key: 'src',
      label: 'Source Address',
      filter: 'ipv6.src',
      format: (h) => printIpv6(h.src),
    }),
    field<Ip6>(at(192, 128), {
      key: 'dst',
      label: 'Destination Address',
      filter: 'ipv6.dst',
      format: (h) => printIpv6(h.dst),
    }),
  ],
  emit(header, { own, body }) {
    set16(own, 0, 0x6000 | ((header.trafficClass & 255) << 4) | ((header.flowLabel >>> 16) & 15));
    set16(own, 2, header.flowLabel);
    set16(own, 4, body.length);
    own[6] = header.nextHeader;
    own[7] = header.hopLimit;
    setIpv6(own, 8, header.src);
    setIpv6(own, 24, header.dst);
  },
  parse(bytes, { missing }) {
    if (bytes.length < 40) return err(truncated(40, bytes.length));
    if (get8(bytes, 0) >> 4 !== 6) return err(malformed('ipv6.version', 'not 6'));
    const total = 40 + get16(bytes, 4);
    if (total > bytes.length + missing) return err(truncated(total, bytes.length));
    const nextHeader = get8(bytes, 6);
    return ok({
      header: {
        src: getIpv6(bytes, 8),
        dst: getIpv6(bytes, 24),
        nextHeader,
        hopLimit: get8(bytes, 7),
        trafficClass: (get16(bytes, 0) >> 4) & 255,
        flowLabel: get32(bytes, 0) & 0xfffff,
      },
      used: 40,
      total,
      next: nextHeader === IPPROTO_FRAGMENT ? 'ipv6Fragment' : transportKind(nextHeader, 'ipv6'),
    });
  },
};
