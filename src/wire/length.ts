// Sizes of headers on the cable, without emitting them: what MTU checks, MSS and length matches need.
import { assertNever } from '../base/assert.ts';
import type { Icmpv4Body, Icmpv6Body, Layer, Quote, TcpOption } from './types.ts';

/** RFC 9293 section 3.1: kind, length and value. */
export function tcpOptionLength(option: TcpOption): number {
  switch (option.kind) {
    case 'mss':
      return 4;
    case 'sackPermitted':
      return 2;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'timestamps':
      return 10;
    case 'windowScale':
      return 3;
    case 'nop':
      return 1;
    case 'unknown':
      return 2 + option.bytes.length;
    default:
      return assertNever(option, 'TCP option');
  }
}

/** The options padded to a multiple of four with End of Option List. */
export function tcpHeaderLength(options: readonly TcpOption[]): number {
  let length = 20;
  for (const option of options) length += tcpOptionLength(option);
  return (length + 3) & ~3;
}

/** Where the quoted packet begins, in bytes from the start of the ICMP message. */
export function quoteStart(body: Extract<Icmpv4Body | Icmpv6Body, { quoted: Quote }>): number {
  if (body.kind === 'error') return 8;
  // Two addresses, and options of eight bytes each: the link-layer address, the head of the redirected header.
  return 8 + 32 + (body.lladdr === null ? 0 : 8) + 8;
}

/** What an ICMP message carries after its first eight bytes, apart from layers of its own. */
function icmpBodyLength(body: Icmpv4Body | Icmpv6Body): number {
  switch (body.kind) {
    case 'error':
      return body.quoted.length;
    case 'redirect':
      return quoteStart(body) - 8 + body.quoted.length;
    case 'neighbourSolicitation':
    case 'neighbourAdvertisement':
      return body.lladdr === null ? 16 : 24;
    case 'echo':
    case 'other':
      return 0;
    default:
      return assertNever(body, 'ICMP body');
  }
}

/** Bytes of this layer alone: a header, or the data that is one. */
export function headerLength(layer: Layer): number {
  switch (layer.kind) {
    case 'ethernet':
      return 14;
    case 'arp':
      return 28;
    case 'ipv4':
      return 20;
    case 'ipv6':
      return 40;
    case 'ipv6Fragment':
    case 'udp':
    case 'vxlan':
      return 8;
    case 'icmpv4':
    case 'icmpv6':
      return 8 + icmpBodyLength(layer.header.body);
    case 'tcp':
      return tcpHeaderLength(layer.header.options);
    case 'fragment':
    case 'payload':
      return layer.header.length;
    default:
      return assertNever(layer, 'layer');
  }
}

/** Bytes of `layers` from index `from` on. */
export function byteLength(layers: readonly Layer[], from = 0): number {
  let length = 0;
  for (let i = from; i < layers.length; i++) length += headerLength(layers[i]!);
  return length;
}
