// TCP (RFC 9293). Sequence numbers are the raw ones; the urgent pointer is always zero and the ECN bits
// (CWR, ECE) are not modelled.
import { err, ok } from '../../base/result.ts';
import { get16, get32, get8, hex, set16, set32 } from '../codec/bytes.ts';
import { transportChecksum } from '../codec/checksum.ts';
import { tcpHeaderLength } from '../length.ts';
import { IPPROTO } from '../types.ts';
import type { BitRange, Headers, TcpFlags, TcpOption } from '../types.ts';
import { at, derived, field, malformed, truncated } from './spec.ts';
import type { HeaderSpec } from './spec.ts';
import { emitOptions, optionPlace, optionsText, parseOptions } from './tcp-options.ts';

type Tcp = Headers['tcp'];

const FLAGS = [
  ['fin', 'FIN', 0x01],
  ['syn', 'SYN', 0x02],
  ['rst', 'RST', 0x04],
  ['psh', 'PSH', 0x08],
  ['ack', 'ACK', 0x10],
  ['urg', 'URG', 0x20],
] as const;

const flagBits = (flags: TcpFlags): number =>
  FLAGS.reduce((bits, [key, , bit]) => (flags[key] ? bits | bit : bits), 0);

const flagNames = (flags: TcpFlags): string =>
  FLAGS.filter(([key]) => flags[key])
    .map(([, name]) => name)
    .join(', ') || '<None>';

/** The first option of a kind. */
function option<K extends TcpOption['kind']>(
  header: Tcp,
  kind: K,
): Extract<TcpOption, { kind: K }> | undefined {
  return header.options.find((o): o is Extract<TcpOption, { kind: K }> => o.kind === kind);
}

/** All options with their padding: the line that names them, above the lines of their values. */
const optionsPlace = (header: Tcp): BitRange | null =>
  header.options.length === 0
    ? null
    : { bit: 160, bits: 8 * (tcpHeaderLength(header.options) - 20) };

export const tcp: HeaderSpec<'tcp'> = {
  kind: 'tcp',
  title: 'Transmission Control Protocol',
  reference: 'RFC 9293',
  fields: [
    field<Tcp>(at(0, 16), {
      key: 'sport',
      label: 'Source Port',
      filter: 'tcp.srcport',
      format: (h) => String(h.sport),
    }),
    field<Tcp>(at(16, 16), {
      key: 'dport',
      label: 'Destination Port',
      filter: 'tcp.dstport',
      format: (h) => String(h.dport),
    }),
    field<Tcp>(at(32, 32), {
      key: 'seq',
      label: 'Sequence Number (raw)',
      filter: 'tcp.seq_raw',
      format: (h) => String(h.seq),
    }),
    field<Tcp>(at(64, 32), {
      key: 'ack',
      label: 'Acknowledgment number (raw)',
      filter: 'tcp.ack_raw',
      format: (h) => String(h.ack),
    }),
    derived(at(96, 4), {
      key: 'headerLength',
      label: 'Header Length',
      filter: 'tcp.hdr_len',
      read: (own) => `${own.length} bytes (${own.length / 4})`,
    }),
    field<Tcp>(at(100, 12), {
      key: 'flags',
      label: 'Flags',
      filter: 'tcp.flags',
      format: (h) => `${hex(flagBits(h.flags), 3)} (${flagNames(h.flags)})`,
    }),
    field<Tcp>(at(112, 16), {
      key: 'window',
      label: 'Window',
      filter: 'tcp.window_size_value',
      format: (h) => String(h.window),
    }),
    derived(at(128, 16), {
      key: 'checksum',
      label: 'Checksum',
      filter: 'tcp.checksum',
      read: (own) => hex(get16(own, 16), 4),
    }),
    derived(at(144, 16), {
      key: 'urgent',
      label: 'Urgent Pointer',
      filter: 'tcp.urgent_pointer',
      read: () => '0',
    }),
    field<Tcp>(optionsPlace, {
      key: 'options',
      label: 'Options',
      filter: 'tcp.options',
      format: (h) => optionsText(h.options),
    }),
    field<Tcp>((h) => optionPlace(h.options, 'mss', 2, 2), {
      key: 'mss',
      label: 'MSS Value',
      filter: 'tcp.options.mss_val',
      format: (h) => String(option(h, 'mss')?.value),
    }),
    field<Tcp>((h) => optionPlace(h.options, 'sackPermitted', 0, 2), {
      key: 'sackPermitted',
      label: 'TCP Option - SACK permitted',
      filter: 'tcp.options.sack_perm',
      format: () => 'True',
    }),
    field<Tcp>((h) => optionPlace(h.options, 'timestamps', 2, 4), {
      key: 'tsval',
      label: 'Timestamp value',
      filter: 'tcp.options.timestamp.tsval',
      format: (h) => String(option(h, 'timestamps')?.value),
    }),
    field<Tcp>((h) => optionPlace(h.options, 'timestamps', 6, 4), {
      key: 'tsecr',
      label: 'Timestamp echo reply',
      filter: 'tcp.options.timestamp.tsecr',
      format: (h) => String(option(h, 'timestamps')?.echo),
    }),
    field<Tcp>((h) => optionPlace(h.options, 'windowScale', 2, 1), {
      key: 'windowScale',
      label: 'Shift count',
      filter: 'tcp.options.wscale.shift',
      format: (h) => String(option(h, 'windowScale')?.shift),
    }),
  ],
  emit(header, { own, body, ends }) {
    set16(own, 0, header.sport);
    set16(own, 2, header.dport);
    set32(own, 4, header.seq);
    set32(own, 8, header.ack);
    set16(own, 12, ((own.length / 4) << 12) | flagBits(header.flags));
    set16(own, 14, header.window);
    emitOptions(header.options, own, 20);
    set16(own, 16, transportChecksum(ends, IPPROTO.tcp, own, body));
  },
  parse(bytes) {
    if (bytes.length < 20) return err(truncated(20, bytes.length));
    const used = (get8(bytes, 12) >> 4) * 4;
    if (used < 20) return err(malformed('tcp.hdr_len', 'shorter than 20 bytes'));
    if (bytes.length < used) return err(truncated(used, bytes.length));
    const options = parseOptions(bytes.subarray(20, used));
    if (options === null) return err(malformed('tcp.options', 'an option has a wrong length'));
    const bits = get8(bytes, 13);
    const header: Tcp = {
      sport: get16(bytes, 0),
      dport: get16(bytes, 2),
      seq: get32(bytes, 4),
      ack: get32(bytes, 8),
      flags: {
        fin: (bits & 0x01) !== 0,
        syn: (bits & 0x02) !== 0,
        rst: (bits & 0x04) !== 0,
        psh: (bits & 0x08) !== 0,
        ack: (bits & 0x10) !== 0,
        urg: (bits & 0x20) !== 0,
      },
      window: get16(bytes, 14),
      options,
    };
    return ok({ header, used, total: null, next: 'payload' });
  },
};
