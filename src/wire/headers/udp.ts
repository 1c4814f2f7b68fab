// UDP (RFC 768). A computed checksum of zero goes out as 0xffff: zero means "not computed". The kernel's VXLAN
// computes it too (`udpcsum` is the default of `ip link add ... type vxlan`).
import { err, ok } from '../../base/result.ts';
import { get16, hex, set16 } from '../codec/bytes.ts';
import { transportChecksum } from '../codec/checksum.ts';
import { IPPROTO } from '../types.ts';
import type { Headers } from '../types.ts';
import { at, derived, field, malformed, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Udp = Headers['udp'];

export const udp: HeaderSpec<'udp'> = {
  kind: 'udp',
  title: 'User Datagram Protocol',
  reference: 'RFC 768',
  fields: [
    field<Udp>(at(0, 16), {
      key: 'sport',
      label: 'Source Port',
      filter: 'udp.srcport',
      format: (h) => String(h.sport),
    }),
    field<Udp>(at(16, 16), {
      key: 'dport',
      label: 'Destination Port',
      filter: 'udp.dstport',
      format: (h) => String(h.dport),
    }),
    derived(at(32, 16), {
      key: 'length',
      label: 'Length',
      filter: 'udp.length',
      read: (own) => String(get16(own, 4)),
    }),
    derived(at(48, 16), {
      key: 'checksum',
      label: 'Checksum',
      filter: 'udp.checksum',
      read: (own) => hex(get16(own, 6), 4),
    }),
  ],
  emit(header, { own, body, ends }) {
    set16(own, 0, header.sport);
    set16(own, 2, header.dport);
    set16(own, 4, 8 + body.length);
    set16(own, 6, transportChecksum(ends, IPPROTO.udp, own, body) || 0xffff);
  },
  parse(bytes, { missing, vxlanPorts }) {
    if (bytes.length < 8) return err(truncated(8, bytes.length));
    const total = get16(bytes, 4);
    if (total < 8) return err(malformed('udp.length', 'shorter than the header'));
    if (total > bytes.length + missing) return err(truncated(total, bytes.length));
    const dport = get16(bytes, 2);
    return ok({
      header: { sport: get16(bytes, 0), dport },
      used: 8,
      total,
      next: vxlanPorts.includes(dport) ? 'vxlan' : 'payload',
    });
  },
};
