// ARP for IPv4 over Ethernet (RFC 826). Other hardware and protocol types are refused, as arp_rcv() does.
import { printIpv4 } from '../addr/ipv4.ts';
import { printMac } from '../addr/mac.ts';
import { err, ok } from '../../base/result.ts';
import { get16, get32, getIpv4, getMac, set16, set32, setMac } from '../codec/bytes.ts';
import type { Headers } from '../types.ts';
import { etherTypeName } from './names.ts';
import { at, derived, field, malformed, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';

type Arp = Headers['arp'];
const OPERATIONS: Readonly<Record<number, string>> = { 1: 'request', 2: 'reply' };

export const arp: HeaderSpec<'arp'> = {
  kind: 'arp',
  title: 'Address Resolution Protocol',
  reference: 'RFC 826',
  fields: [
    derived(at(0, 16), {
      key: 'hardwareType',
      label: 'Hardware type',
      filter: 'arp.hw.type',
      read: () => 'Ethernet (1)',
    }),
    derived(at(16, 16), {
      key: 'protocolType',
      label: 'Protocol type',
      filter: 'arp.proto.type',
      read: (own) => etherTypeName(get16(own, 2)),
    }),
    derived(at(32, 8), {
      key: 'hardwareSize',
      label: 'Hardware size',
      filter: 'arp.hw.size',
      read: () => '6',
    }),
    derived(at(40, 8), {
      key: 'protocolSize',
      label: 'Protocol size',
      filter: 'arp.proto.size',
      read: () => '4',
    }),
    field<Arp>(at(48, 16), {
      key: 'op',
      label: 'Opcode',
      filter: 'arp.opcode',
      format: (h) => `${OPERATIONS[h.op] ?? 'Unknown'} (${h.op})`,
    }),
    field<Arp>(at(64, 48), {
      key: 'sha',
      label: 'Sender MAC address',
      filter: 'arp.src.hw_mac',
      format: (h) => printMac(h.sha),
    }),
    field<Arp>(at(112, 32), {
      key: 'spa',
      label: 'Sender IP address',
      filter: 'arp.src.proto_ipv4',
      format: (h) => printIpv4(h.spa),
    }),
    field<Arp>(at(144, 48), {
      key: 'tha',
      label: 'Target MAC address',
      filter: 'arp.dst.hw_mac',
      format: (h) => printMac(h.tha),
    }),
    field<Arp>(at(192, 32), {
      key: 'tpa',
      label: 'Target IP address',
      filter: 'arp.dst.proto_ipv4',
      format: (h) => printIpv4(h.tpa),
    }),
  ],
  emit(header, { own }) {
    set32(own, 0, 0x00010800);
    set16(own, 4, 0x0604);
    set16(own, 6, header.op);
    setMac(own, 8, header.sha);
    set32(own, 14, header.spa);
    setMac(own, 18, header.tha);
    set32(own, 24, header.tpa);
  },
  parse(bytes) {
    if (bytes.length < 28) return err(truncated(28, bytes.length));
    if (get32(bytes, 0) !== 0x00010800 || get16(bytes, 4) !== 0x0604)
      return err(malformed('arp.hw.type', 'only IPv4 over Ethernet is known'));
    return ok({
      header: {
        op: get16(bytes, 6),
        sha: getMac(bytes, 8),
        spa: getIpv4(bytes, 14),
        tha: getMac(bytes, 18),
        tpa: getIpv4(bytes, 24),
      },
      used: 28,
      total: 28,
      next: 'payload',
    });
  },
};
