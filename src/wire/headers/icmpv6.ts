// ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861 sections 4.3 to 4.5, with the options that Linux sends). Its checksum covers the IPv6 pseudo header too. Other messages keep their bytes.
import { err, ok } from '../../base/result.ts';
import {
  get16,
  get32,
  get8,
  getIpv6,
  getMac,
  set16,
  set32,
  setIpv6,
  setMac,
} from '../codec/bytes.ts';
import { transportChecksum } from '../codec/checksum.ts';
import { quoteStart } from '../length.ts';
import { IPPROTO } from '../types.ts';
import type { Icmpv6Body } from '../types.ts';
import { icmpv6Fields } from './icmpv6-fields.ts';
import { truncated } from './spec.ts';
import type { HeaderSpec, ParseContext } from './spec.ts';

const ECHO = 128;
const ECHO_REPLY = 129;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const OPTION_SOURCE = 1;
const REDIRECT = 137;
const OPTION_TARGET = 2;
const OPTION_REDIRECTED = 4;
const ROUTER = 0x80000000;
const SOLICITED = 0x40000000;
const OVERRIDE = 0x20000000;

/** A neighbour message that is exactly what the model holds, or null. */
function parseNeighbour(type: number, bytes: Uint8Array): Icmpv6Body | null {
  const flags = get32(bytes, 4);
  const option = type === NEIGHBOUR_SOLICITATION ? OPTION_SOURCE : OPTION_TARGET;
  const known =
    bytes.length === 24 || (bytes.length === 32 && get16(bytes, 24) === option * 256 + 1);
  if (!known || flags % OVERRIDE !== 0) return null;
  const target = getIpv6(bytes, 8);
  const lladdr = bytes.length === 32 ? getMac(bytes, 26) : null;
  if (type === NEIGHBOUR_SOLICITATION)
    return flags === 0 ? { kind: 'neighbourSolicitation', target, lladdr } : null;
  return {
    kind: 'neighbourAdvertisement',
    target,
    router: (flags & ROUTER) !== 0,
    solicited: (flags & SOLICITED) !== 0,
    override: (flags & OVERRIDE) !== 0,
    lladdr,
  };
}

/** A redirect as Linux writes it: the target's link-layer address where it is known, then the redirected header. */
function parseRedirect(bytes: Uint8Array, context: ParseContext): Icmpv6Body | null {
  if (bytes.length < 48 || get32(bytes, 4) !== 0) return null;
  const known = get16(bytes, 40) === OPTION_TARGET * 256 + 1;
  const option = known ? 48 : 40;
  if (bytes.length < option + 8 || get8(bytes, option) !== OPTION_REDIRECTED) return null;
  if (get8(bytes, option + 1) * 8 !== bytes.length - option) return null;
  const quoted = context.parseQuote(bytes.subarray(option + 8), 'ipv6');
  if (quoted === null) return null;
  const lladdr = known ? getMac(bytes, 42) : null;
  return {
    kind: 'redirect',
    target: getIpv6(bytes, 8),
    destination: getIpv6(bytes, 24),
    lladdr,
    quoted,
  };
}

function parseBody(type: number, bytes: Uint8Array, context: ParseContext): Icmpv6Body {
  const rest = get32(bytes, 4);
  const other: Icmpv6Body = { kind: 'other', rest };
  if (type === ECHO || type === ECHO_REPLY)
    return { kind: 'echo', id: get16(bytes, 4), seq: get16(bytes, 6) };
  if (type === NEIGHBOUR_SOLICITATION || type === NEIGHBOUR_ADVERTISEMENT)
    return parseNeighbour(type, bytes) ?? other;
  if (type === REDIRECT) return parseRedirect(bytes, context) ?? other;
  if (type < 1 || type > 4) return other;
  const quoted = context.parseQuote(bytes.subarray(8), 'ipv6');
  return quoted === null ? other : { kind: 'error', mtu: rest, quoted };
}

function bodyLength(body: Icmpv6Body): number {
  if (body.kind === 'error') return body.quoted.length;
  if (body.kind === 'redirect') return quoteStart(body) - 8 + body.quoted.length;
  if (body.kind === 'echo' || body.kind === 'other') return 0;
  return body.lladdr === null ? 16 : 24;
}

function emitNeighbour(
  own: Uint8Array,
  body: Extract<Icmpv6Body, { kind: 'neighbourSolicitation' | 'neighbourAdvertisement' }>,
): void {
  const advert = body.kind === 'neighbourAdvertisement';
  if (advert)
    set32(
      own,
      4,
      (body.router ? ROUTER : 0) +
        (body.solicited ? SOLICITED : 0) +
        (body.override ? OVERRIDE : 0),
    );
  setIpv6(own, 8, body.target);
  if (body.lladdr === null) return;
  set16(own, 24, (advert ? OPTION_TARGET : OPTION_SOURCE) * 256 + 1);
  setMac(own, 26, body.lladdr);
}

/** All of a redirect but the quoted packet. */
function emitRedirect(own: Uint8Array, body: Extract<Icmpv6Body, { kind: 'redirect' }>): void {
  const { target, destination, lladdr, quoted } = body;
  setIpv6(own, 8, target);
  setIpv6(own, 24, destination);
  if (lladdr !== null) {
    set16(own, 40, OPTION_TARGET * 256 + 1);
    setMac(own, 42, lladdr);
  }
  const option = quoteStart(body) - 8;
  set16(own, option, OPTION_REDIRECTED * 256 + (quoted.length + 8) / 8);
}

export const icmpv6: HeaderSpec<'icmpv6'> = {
  kind: 'icmpv6',
  title: 'Internet Control Message Protocol v6',
  reference: 'RFC 4443, RFC 4861',
  fields: icmpv6Fields,
  emit({ type, code, body: message }, { own, body, ends, emitLayers }) {
    own[0] = type;
    own[1] = code;
    if (message.kind === 'echo') {
      set16(own, 4, message.id);
      set16(own, 6, message.seq);
    } else if (message.kind === 'other') {
      set32(own, 4, message.rest);
    } else if (message.kind === 'error') {
      set32(own, 4, message.mtu);
      own.set(emitLayers(message.quoted.layers, null).subarray(0, message.quoted.length), 8);
    } else if (message.kind === 'redirect') {
      emitRedirect(own, message);
      const { layers, length } = message.quoted;
      own.set(emitLayers(layers, null).subarray(0, length), quoteStart(message));
    } else {
      emitNeighbour(own, message);
    }
    set16(own, 2, transportChecksum(ends, IPPROTO.icmpv6, own, body));
  },
  parse(bytes, context) {
    if (bytes.length < 8) return err(truncated(8, bytes.length));
    const type = get8(bytes, 0);
    const body = parseBody(type, bytes, context);
    return ok({
      header: { type, code: get8(bytes, 1), body },
      used: 8 + bodyLength(body),
      total: null,
      next: 'payload',
    });
  },
};
