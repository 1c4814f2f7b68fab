// VXLAN (RFC 7348 section 5): a flag byte, 24 reserved bits, the 24-bit network identifier, 8 reserved bits.
// Wireshark shows the first 16 bits as flags (the group policy extension uses the second byte).
import { err, ok } from '../../base/result.ts';
import { get16, get24, get8, hex, set24 } from '../codec/bytes.ts';
import type { Headers } from '../types.ts';
import { at, derived, field, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Vxlan = Headers['vxlan'];
/** The I flag: the VNI is valid. */
export const VXLAN_FLAG_VNI = 0x08;

export const vxlan: HeaderSpec<'vxlan'> = {
  kind: 'vxlan',
  title: 'Virtual eXtensible Local Area Network',
  reference: 'RFC 7348',
  fields: [
    field<Vxlan>(at(0, 16), {
      key: 'flags',
      label: 'Flags',
      filter: 'vxlan.flags',
      format: (h) =>
        `${hex(h.flags << 8, 4)}${(h.flags & VXLAN_FLAG_VNI) === 0 ? '' : ', VXLAN Network ID (VNI)'}`,
    }),
    derived(at(16, 16), {
      key: 'groupPolicy',
      label: 'Group Policy ID',
      filter: 'vxlan.gbp',
      read: (own) => String(get16(own, 2)),
    }),
    field<Vxlan>(at(32, 24), {
      key: 'vni',
      label: 'VXLAN Network Identifier (VNI)',
      filter: 'vxlan.vni',
      format: (h) => String(h.vni),
    }),
    derived(at(56, 8), {
      key: 'reserved',
      label: 'Reserved',
      filter: 'vxlan.reserved8',
      read: (own) => String(get8(own, 7)),
    }),
  ],
  emit(header, { own }) {
    own[0] = header.flags;
    set24(own, 4, header.vni);
  },
  parse(bytes) {
    if (bytes.length < 8) return err(truncated(8, bytes.length));
    return ok({
      header: { flags: get8(bytes, 0), vni: get24(bytes, 4) },
      used: 8,
      total: null,
      next: 'ethernet',
    });
  },
};
