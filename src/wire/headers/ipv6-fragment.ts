// The IPv6 Fragment header (RFC 8200 section 4.5). Only the source makes one: routers never fragment IPv6.
import { err, ok } from '../../base/result.ts';
import { get16, get32, get8, hex, set16, set32 } from '../codec/bytes.ts';
import type { Headers } from '../types.ts';
import { transportKind } from './ipv4.ts';
import { protocolName } from './names.ts';
import { at, derived, field, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

export const IPPROTO_FRAGMENT = 44;
type Fragment = Headers['ipv6Fragment'];

export const ipv6Fragment: HeaderSpec<'ipv6Fragment'> = {
  kind: 'ipv6Fragment',
  title: 'Fragment Header for IPv6',
  reference: 'RFC 8200 section 4.5',
  fields: [
    field<Fragment>(at(0, 8), {
      key: 'nextHeader',
      label: 'Next header',
      filter: 'ipv6.fraghdr.nxt',
      format: (h) => protocolName(h.nextHeader),
    }),
    derived(at(8, 8), {
      key: 'reserved',
      label: 'Reserved octet',
      filter: 'ipv6.fraghdr.reserved_octet',
      read: (own) => hex(get8(own, 1), 2),
    }),
    field<Fragment>(at(16, 13), {
      key: 'offset',
      label: 'Offset',
      filter: 'ipv6.fraghdr.offset',
      format: (h) => `${h.offset >>> 3} (${h.offset} bytes)`,
    }),
    field<Fragment>(at(31, 1), {
      key: 'mf',
      label: 'More Fragments',
      filter: 'ipv6.fraghdr.more',
      format: (h) => (h.mf ? 'Yes' : 'No'),
    }),
    field<Fragment>(at(32, 32), {
      key: 'id',
      label: 'Identification',
      filter: 'ipv6.fraghdr.ident',
      format: (h) => hex(h.id, 8),
    }),
  ],
  emit(header, { own }) {
    own[0] = header.nextHeader;
    set16(own, 2, (header.offset & 0xfff8) | (header.mf ? 1 : 0));
    set32(own, 4, header.id);
  },
  parse(bytes) {
    if (bytes.length < 8) return err(truncated(8, bytes.length));
    const word = get16(bytes, 2);
    const header: Fragment = {
      nextHeader: get8(bytes, 0),
      offset: word & 0xfff8,
      mf: (word & 1) !== 0,
      id: get32(bytes, 4),
    };
    // An atomic fragment (RFC 6946) is a whole packet.
    const whole = !header.mf && header.offset === 0;
    const next = whole ? transportKind(header.nextHeader, 'ipv6') : 'payload';
    return ok({ header, used: 8, total: null, next });
  },
};
