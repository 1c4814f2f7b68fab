// Ethernet II (IEEE 802.3 clause 3, RFC 894). No frame check sequence and no padding to 60 bytes: software
// devices carry neither. 802.1Q tags are not modelled.
import { printMac } from '../addr/mac.ts';
import { get16, getMac, set16, setMac } from '../codec/bytes.ts';
import { ok, err } from '../../base/result.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../types.ts';
import type { Headers, LayerKind } from '../types.ts';
import { etherTypeName } from './names.ts';
import { at, field, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Ethernet = Headers['ethernet'];
const NEXT: Readonly<Record<number, LayerKind>> = {
  [ETH_P_IP]: 'ipv4',
  [ETH_P_ARP]: 'arp',
  [ETH_P_IPV6]: 'ipv6',
};

export const ethernet: HeaderSpec<'ethernet'> = {
  kind: 'ethernet',
  title: 'Ethernet II',
  reference: 'IEEE 802.3, RFC 894',
  fields: [
    field<Ethernet>(at(0, 48), {
      key: 'dst',
      label: 'Destination',
      filter: 'eth.dst',
      format: (h) => printMac(h.dst),
    }),
    field<Ethernet>(at(48, 48), {
      key: 'src',
      label: 'Source',
      filter: 'eth.src',
      format: (h) => printMac(h.src),
    }),
    field<Ethernet>(at(96, 16), {
      key: 'etherType',
      label: 'Type',
      filter: 'eth.type',
      format: (h) => etherTypeName(h.etherType),
    }),
  ],
  emit(header, { own }) {
    setMac(own, 0, header.dst);
    setMac(own, 6, header.src);
    set16(own, 12, header.etherType);
  },
  parse(bytes) {
    if (bytes.length < 14) return err(truncated(14, bytes.length));
    const etherType = get16(bytes, 12);
    return ok({
      header: { dst: getMac(bytes, 0), src: getMac(bytes, 6), etherType },
      used: 14,
      total: null,
      next: NEXT[etherType] ?? 'payload',
    });
  },
};
