// ICMP (RFC 792; next-hop MTU RFC 1191). The checksum covers all of the message. An error quotes the packet
// that caused it: Linux quotes as much as fits into 576 bytes (icmp_send). Extensions (RFC 4884) are not modelled.
import { printIpv4 } from '../addr/ipv4.ts';
import { err, ok } from '../../base/result.ts';
import { get16, get32, get8, getIpv4, hex, set16, set32 } from '../codec/bytes.ts';
import { fold, sumWords } from '../codec/checksum.ts';
import type { BitRange, Headers, Icmpv4Body } from '../types.ts';
import { icmpCodeName, icmpTypeName } from './names.ts';
import { at, derived, field, truncated } from './spec.ts';
import type { HeaderSpec, ParseContext } from './spec.ts';

type Icmp = Headers['icmpv4'];
const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const REDIRECT = 5;
const ECHO = 8;
const TIME_EXCEEDED = 11;
const FRAG_NEEDED = 4;

const inEcho =
  (bit: number, bits: number) =>
  (h: Icmp): BitRange | null =>
    h.body.kind === 'echo' ? { bit, bits } : null;
const isRedirect = (h: Icmp): boolean => h.body.kind === 'error' && h.body.gateway !== null;
const hasMtu = (h: Icmp): boolean => h.type === UNREACHABLE && h.code === FRAG_NEEDED;

function parseBody(type: number, bytes: Uint8Array, context: ParseContext): Icmpv4Body {
  const other: Icmpv4Body = { kind: 'other', rest: get32(bytes, 4) };
  if (type === ECHO || type === ECHO_REPLY)
    return { kind: 'echo', id: get16(bytes, 4), seq: get16(bytes, 6) };
  if (type !== UNREACHABLE && type !== REDIRECT && type !== TIME_EXCEEDED) return other;
  const redirect = type === REDIRECT;
  if (!redirect && get16(bytes, 4) !== 0) return other;
  const quoted = context.parseQuote(bytes.subarray(8), 'ipv4');
  if (quoted === null) return other;
  return {
    kind: 'error',
    mtu: redirect ? 0 : get16(bytes, 6),
    gateway: redirect ? getIpv4(bytes, 4) : null,
    quoted,
  };
}

export const icmpv4: HeaderSpec<'icmpv4'> = {
  kind: 'icmpv4',
  title: 'Internet Control Message Protocol',
  reference: 'RFC 792',
  fields: [
    field<Icmp>(at(0, 8), {
      key: 'type',
      label: 'Type',
      filter: 'icmp.type',
      format: (h) => icmpTypeName(h.type),
    }),
    field<Icmp>(at(8, 8), {
      key: 'code',
      label: 'Code',
      filter: 'icmp.code',
      format: (h) => icmpCodeName(h.type, h.code),
    }),
    derived(at(16, 16), {
      key: 'checksum',
      label: 'Checksum',
      filter: 'icmp.checksum',
      read: (own) => hex(get16(own, 2), 4),
    }),
    field<Icmp>(inEcho(32, 16), {
      key: 'id',
      label: 'Identifier (BE)',
      filter: 'icmp.ident',
      format: (h) => (h.body.kind === 'echo' ? `${h.body.id} (${hex(h.body.id, 4)})` : ''),
    }),
    field<Icmp>(inEcho(48, 16), {
      key: 'seq',
      label: 'Sequence Number (BE)',
      filter: 'icmp.seq',
      format: (h) => (h.body.kind === 'echo' ? `${h.body.seq} (${hex(h.body.seq, 4)})` : ''),
    }),
    field<Icmp>((h) => (isRedirect(h) ? { bit: 32, bits: 32 } : null), {
      key: 'gateway',
      label: 'Gateway Address',
      filter: 'icmp.redir_gw',
      format: (h) =>
        h.body.kind === 'error' && h.body.gateway !== null ? printIpv4(h.body.gateway) : '',
    }),
    derived<Icmp>(
      (h) =>
        h.body.kind === 'error' && !isRedirect(h) ? { bit: 32, bits: hasMtu(h) ? 16 : 32 } : null,
      {
        key: 'unused',
        label: 'Unused',
        filter: 'icmp.unused',
        read: () => '0',
      },
    ),
    field<Icmp>((h) => (hasMtu(h) ? { bit: 48, bits: 16 } : null), {
      key: 'mtu',
      label: 'MTU of next hop',
      filter: 'icmp.mtu',
      format: (h) => (h.body.kind === 'error' ? String(h.body.mtu) : ''),
    }),
    field<Icmp>((h) => (h.body.kind === 'other' ? { bit: 32, bits: 32 } : null), {
      key: 'rest',
      label: 'Rest of header',
      filter: 'icmp',
      format: (h) => (h.body.kind === 'other' ? hex(h.body.rest, 8) : ''),
    }),
  ],
  emit({ type, code, body: message }, { own, body, emitLayers }) {
    own[0] = type;
    own[1] = code;
    if (message.kind === 'echo') {
      set16(own, 4, message.id);
      set16(own, 6, message.seq);
    }
    if (message.kind === 'other') set32(own, 4, message.rest);
    if (message.kind === 'error') {
      if (message.gateway === null) set16(own, 6, message.mtu);
      else set32(own, 4, message.gateway);
      own.set(emitLayers(message.quoted.layers, null).subarray(0, message.quoted.length), 8);
    }
    set16(own, 2, fold(sumWords(own) + sumWords(body)));
  },
  parse(bytes, context) {
    if (bytes.length < 8) return err(truncated(8, bytes.length));
    const type = get8(bytes, 0);
    const body = parseBody(type, bytes, context);
    return ok({
      header: { type, code: get8(bytes, 1), body },
      used: 8 + (body.kind === 'error' ? body.quoted.length : 0),
      total: null,
      next: 'payload',
    });
  },
};
