// Packets as the recorder decodes them: headers in the recordings' words, and which crossings are one packet (by what does not
// change on its way, as lab.py identifies it).
import { flagLetters } from './flags.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { printMac } from '../../wire/addr/mac.ts';
import { byteLength, headerLength } from '../../wire/length.ts';
import type { Headers, Layer } from '../../wire/types.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Decoded = Record<string, Json>;

const PROTO: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmp6',
  2: 'igmp',
  0: 'hopopt',
};
const proto = (n: number): string => PROTO[n] ?? String(n);

/** The recorder knows the encapsulation by its port. */
const VXLAN_PORTS: ReadonlySet<number> = new Set([8472, 4789]);

/** Sequence numbers are written relative to the SYN of their direction, where one was seen. */
export interface Isns {
  relative(value: number): number;
}

export function decodeFrame(layers: readonly Layer[], isns: Isns): { out: Decoded; key: string } {
  const eth = layers[0];
  if (eth?.kind !== 'ethernet') {
    const inner = decodeIp(layers, isns);
    return inner;
  }
  const out: Decoded = {
    eth: {
      dst: printMac(eth.header.dst),
      src: printMac(eth.header.src),
      type: `0x${eth.header.etherType.toString(16).padStart(4, '0')}`,
    },
  };
  const next = layers[1];
  if (next?.kind === 'arp') {
    const a = next.header;
    out['arp'] = {
      op: a.op === 1 ? 'request' : 'reply',
      sha: printMac(a.sha),
      spa: printAddr(a.spa),
      tha: printMac(a.tha),
      tpa: printAddr(a.tpa),
    };
    return { out, key: `arp ${a.op} ${a.sha} ${a.spa} ${a.tpa}` };
  }
  const ip = decodeIp(layers.slice(1), isns);
  return { out: { ...out, ...ip.out }, key: ip.key };
}

function decodeIp(layers: readonly Layer[], isns: Isns): { out: Decoded; key: string } {
  const ip = layers[0];
  if (ip?.kind === 'ipv6') return decodeIp6(ip.header, layers, isns);
  if (ip?.kind !== 'ipv4') return { out: {}, key: 'other' };
  const h = ip.header;
  const head: Record<string, Json> = {
    src: printAddr(h.src),
    dst: printAddr(h.dst),
    ttl: h.ttl,
    proto: proto(h.protocol),
    len: byteLength(layers),
    df: h.df,
  };
  if (h.tos !== 0) head['tos'] = h.tos;
  const out: Decoded = { ip: head };
  const piece = layers[1];
  if (h.mf || h.fragOffset > 0) {
    head['mf'] = h.mf;
    head['frag_offset'] = h.fragOffset;
    const key = `frag ${h.id} ${h.fragOffset}`;
    if (h.fragOffset > 0 || piece?.kind !== 'fragment') return { out, key };
    const first = decodeL4(piece.header.of, piece.header.length, isns);
    return { out: { ...out, ...first.out }, key };
  }
  const l4 = decodeL4(layers.slice(1), byteLength(layers) - 20, isns);
  return { out: { ...out, ...l4.out }, key: l4.key };
}

function decodeIp6(
  h: Headers['ipv6'],
  layers: readonly Layer[],
  isns: Isns,
): { out: Decoded; key: string } {
  const head: Record<string, Json> = {
    src: printAddr(h.src),
    dst: printAddr(h.dst),
    ttl: h.hopLimit,
    len: byteLength(layers),
  };
  const ext = layers[1];
  if (ext?.kind === 'ipv6Fragment') {
    head['frag_offset'] = ext.header.offset;
    head['mf'] = ext.header.mf;
    head['proto'] = proto(ext.header.nextHeader);
    return { out: { ip6: head }, key: `frag6 ${ext.header.id} ${ext.header.offset}` };
  }
  head['proto'] = proto(h.nextHeader);
  const l4 = decodeL4(layers.slice(1), byteLength(layers) - 40, isns);
  return { out: { ip6: head, ...l4.out }, key: l4.key };
}

/** `length`: bytes of the IP payload (of the first piece, where it is one). */
function decodeL4(
  layers: readonly Layer[],
  length: number,
  isns: Isns,
): { out: Decoded; key: string } {
  const l4 = layers[0];
  switch (l4?.kind) {
    case 'tcp': {
      const h = l4.header;
      const data = Math.max(0, length - headerLength(l4));
      const flags = flagLetters(h.flags);
      const tcp: Record<string, Json> = { sport: h.sport, dport: h.dport, flags, len: data };
      if (h.flags.syn) {
        const mss = h.options.find((o) => o.kind === 'mss');
        if (mss !== undefined) tcp['mss'] = mss.value;
      }
      tcp['seq'] = isns.relative(h.seq);
      if (h.flags.ack) tcp['ack'] = isns.relative(h.ack);
      return { out: { tcp }, key: `tcp ${h.seq} ${h.flags.ack ? h.ack : 0} ${flags} ${data}` };
    }
    case 'udp': {
      const size = byteLength(layers) - 8;
      const udp: Record<string, Json> = {
        sport: l4.header.sport,
        dport: l4.header.dport,
        len: size,
      };
      const vx = layers[1];
      if (vx?.kind === 'vxlan' && VXLAN_PORTS.has(l4.header.dport)) {
        const inner = decodeFrame(layers.slice(2), isns);
        udp['sport'] = 'flow-hash';
        const vxlan = { vni: vx.header.vni, flags: vx.header.flags };
        return { out: { udp, vxlan, inner: inner.out }, key: inner.key };
      }
      const payload = layers[1]?.kind === 'payload' ? layers[1].header.head.slice(0, 24) : '';
      return { out: { udp }, key: `udp ${payload} ${size}` };
    }
    case 'icmpv4': {
      const { type, code, body } = l4.header;
      const icmp: Record<string, Json> = { type, code };
      if (body.kind === 'echo') {
        icmp['id'] = body.id;
        icmp['seq'] = body.seq;
        const text = layers[1]?.kind === 'payload' ? layers[1].header.head.slice(0, 16) : '';
        return { out: { icmp }, key: `icmp ${type} ${body.seq} ${text}` };
      }
      if (body.kind === 'other') return { out: { icmp }, key: `icmp ${type} ${code}` };
      if (type === 3 && code === 4) icmp['next_hop_mtu'] = body.mtu;
      if (body.gateway !== null) icmp['gateway'] = printAddr(body.gateway);
      const quoted = decodeIp(body.quoted.layers, isns);
      icmp['quoted'] = quoted.out;
      return { out: { icmp }, key: `icmperr ${type} ${code} ${quoted.key}` };
    }
    case 'icmpv6':
      return decodeIcmp6(l4.header, layers, isns);
    case undefined:
      return { out: {}, key: 'none' };
    default:
      return { out: {}, key: `proto ${layers[0]!.kind}` };
  }
}

function decodeIcmp6(
  h: Headers['icmpv6'],
  layers: readonly Layer[],
  isns: Isns,
): { out: Decoded; key: string } {
  const { type, code, body } = h;
  const icmp6: Record<string, Json> = { type, code };
  switch (body.kind) {
    case 'echo': {
      icmp6['id'] = body.id;
      icmp6['seq'] = body.seq;
      const text = layers[1]?.kind === 'payload' ? layers[1].header.head.slice(0, 16) : '';
      return { out: { icmp6 }, key: `icmp6 ${type} ${body.seq} ${text}` };
    }
    case 'neighbourSolicitation':
    case 'neighbourAdvertisement': {
      icmp6['target'] = printAddr(body.target);
      if (body.kind === 'neighbourAdvertisement')
        icmp6['na_flags'] =
          `${body.router ? 'R' : ''}${body.solicited ? 'S' : ''}${body.override ? 'O' : ''}`;
      if (body.lladdr !== null) icmp6['lladdr'] = printMac(body.lladdr);
      return { out: { icmp6 }, key: `nd ${type} ${body.target}` };
    }
    case 'error': {
      if (type === 2) icmp6['mtu'] = body.mtu;
      const quoted = decodeIp(body.quoted.layers, isns);
      icmp6['quoted'] = quoted.out;
      return { out: { icmp6 }, key: `icmp6err ${type} ${code} ${quoted.key}` };
    }
    case 'redirect':
    case 'other':
      return { out: { icmp6 }, key: `icmp6 ${type} ${code}` };
  }
}
