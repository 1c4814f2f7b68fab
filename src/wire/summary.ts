// One line a packet, in tcpdump's words (print-*.c of tcpdump 4.99, as `tcpdump -nSt` prints: no names, absolute
// sequence numbers, since one packet does not know the conversation). Where tcpdump breaks the line inside a
// tunnel, a space stands here. VXLAN is named on every port, as tcpdump does on 4789 alone.
import { assertNever } from '../base/assert.ts';
import { printIpv4 } from './addr/ipv4.ts';
import { printIpv6 } from './addr/ipv6.ts';
import { printMac } from './addr/mac.ts';
import { byteLength } from './length.ts';
import { hex } from './codec/bytes.ts';
import { summarizeIcmpv4, summarizeIcmpv6 } from './summary-icmp.ts';
import { httpLine, tcpFlagText, tcpOptionText } from './summary-tcp.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from './types.ts';
import type { Headers, Layer, Packet } from './types.ts';

export { tcpFlagLetters } from './summary-tcp.ts';

export const summarize = (packet: Packet): string => summarizeLayers(packet.layers, 0);

/** The line for `layers` from index `at` on. */
export function summarizeLayers(layers: readonly Layer[], at: number): string {
  const layer = layers[at];
  if (layer === undefined) return '';
  switch (layer.kind) {
    case 'ethernet':
      return summarizeFrame(layers, at, layer.header);
    case 'arp':
      return summarizeArp(layer.header, byteLength(layers, at));
    case 'ipv4':
      return `IP ${summarizeIp(layers, at, printIpv4(layer.header.src), printIpv4(layer.header.dst))}`;
    case 'ipv6':
      return `IP6 ${summarizeIp(layers, at, printIpv6(layer.header.src), printIpv6(layer.header.dst))}`;
    default:
      return `[${layer.kind}], length ${byteLength(layers, at)}`;
  }
}

function summarizeFrame(layers: readonly Layer[], at: number, eth: Headers['ethernet']): string {
  const known = [ETH_P_IP, ETH_P_ARP, ETH_P_IPV6].includes(eth.etherType);
  if (known && at + 1 < layers.length) return summarizeLayers(layers, at + 1);
  const rest = byteLength(layers, at + 1);
  return `${printMac(eth.src)} > ${printMac(eth.dst)}, ethertype Unknown (${hex(eth.etherType, 4)}), length ${14 + rest}`;
}

function summarizeArp(arp: Headers['arp'], length: number): string {
  const [spa, tpa] = [printIpv4(arp.spa), printIpv4(arp.tpa)];
  const tail = `, length ${length}`;
  if (arp.op === 2) return `ARP, Reply ${spa} is-at ${printMac(arp.sha)}${tail}`;
  if (arp.op !== 1) return `ARP, Unknown (${arp.op})`;
  const asked = arp.tha === 0 ? '' : ` (${printMac(arp.tha)})`;
  return `ARP, Request who-has ${tpa}${asked} tell ${spa}${tail}`;
}

/** From the addresses on: ports stand behind them where there are some. */
function summarizeIp(layers: readonly Layer[], at: number, src: string, dst: string): string {
  const ip = layers[at]!;
  const inner = layers[at + 1];
  const between = `${src} > ${dst}: `;
  const protocol =
    ip.kind === 'ipv4' ? ip.header.protocol : ip.kind === 'ipv6' ? ip.header.nextHeader : 0;
  if (ip.kind === 'ipv4' && (ip.header.fragOffset > 0 || ip.header.mf)) {
    const text = summarizeFragment4(layers, at, ip.header);
    if (inner?.kind !== 'fragment' || inner.header.offset > 0) return between + text;
    const whole: Layer = { ...ip, header: { ...ip.header, mf: false } };
    return `${summarizeIp([whole, ...inner.header.of], 0, src, dst)} ${text.slice(text.indexOf('('))}`;
  }
  if (inner === undefined) return `${between}${protocolText(protocol)} 0`;
  const length = byteLength(layers, at + 1);
  switch (inner.kind) {
    case 'tcp':
    case 'udp':
      return summarizePorts(layers, at + 1, src, dst);
    case 'icmpv4':
      return between + summarizeIcmpv4(inner.header, length);
    case 'icmpv6':
      return between + summarizeIcmpv6(inner.header, length);
    case 'ipv4':
    case 'ipv6':
      return between + summarizeLayers(layers, at + 1);
    case 'ipv6Fragment':
      return between + summarizeFragment6(layers, at + 1, inner.header);
    case 'payload':
    case 'fragment':
    case 'ethernet':
    case 'arp':
    case 'vxlan':
      return `${between}${protocolText(protocol)} ${length}`;
    default:
      return assertNever(inner, 'layer in IP');
  }
}

const protocolText = (protocol: number): string => `ip-proto-${protocol}`;

function summarizePorts(layers: readonly Layer[], at: number, src: string, dst: string): string {
  const layer = layers[at]!;
  const length = byteLength(layers, at + 1);
  if (layer.kind === 'tcp') {
    const tcp = layer.header;
    return `${src}.${tcp.sport} > ${dst}.${tcp.dport}: ${summarizeTcp(layers, at, tcp, length)}`;
  }
  if (layer.kind !== 'udp') return '';
  const ports = `${src}.${layer.header.sport} > ${dst}.${layer.header.dport}: `;
  const next = layers[at + 1];
  if (next?.kind !== 'vxlan') return `${ports}UDP, length ${length}`;
  const flags = `flags [${(next.header.flags & 8) === 0 ? '.' : 'I'}] (${hex(next.header.flags, 2)})`;
  return `${ports}VXLAN, ${flags}, vni ${next.header.vni} ${summarizeLayers(layers, at + 2)}`;
}

function summarizeTcp(
  layers: readonly Layer[],
  at: number,
  tcp: Headers['tcp'],
  length: number,
): string {
  const { fin, syn, rst, ack } = tcp.flags;
  const parts = [`Flags [${tcpFlagText(tcp.flags)}]`];
  if (length > 0) parts.push(`seq ${tcp.seq}:${(tcp.seq + length) % 0x100000000}`);
  else if (fin || syn || rst) parts.push(`seq ${tcp.seq}`);
  if (ack) parts.push(`ack ${tcp.ack}`);
  parts.push(`win ${tcp.window}`);
  if (tcp.options.length > 0) parts.push(`options [${tcpOptionText(tcp.options)}]`);
  parts.push(`length ${length}`);
  return parts.join(', ') + httpLine(tcp, layers[at + 1]);
}

/** tcpdump -v puts identification, length and offset elsewhere; a reader of fragments needs them on the line. */
function summarizeFragment4(layers: readonly Layer[], at: number, ip: Headers['ipv4']): string {
  const length = byteLength(layers, at + 1);
  return `${protocolText(ip.protocol)} (frag ${ip.id}:${length}@${ip.fragOffset}${ip.mf ? '+' : ''})`;
}

/** The first piece shows the transport header, whose length is that of the whole datagram. */
function summarizeFragment6(
  layers: readonly Layer[],
  at: number,
  fragment: Headers['ipv6Fragment'],
): string {
  const text = `frag (${fragment.offset}|${byteLength(layers, at + 1)})`;
  const piece = layers[at + 1];
  const udp = piece?.kind === 'fragment' ? piece.header.of[0] : undefined;
  if (piece?.kind !== 'fragment' || udp?.kind !== 'udp' || fragment.offset > 0) return text;
  const length = byteLength(piece.header.of, 1);
  return `${text} ${udp.header.sport} > ${udp.header.dport}: UDP, length ${length}`;
}
