// The ICMP part of a tcpdump line (print-icmp.c, print-icmp6.c): an error names the packet that it is about.
import { printIpv4 } from './addr/ipv4.ts';
import { printIpv6 } from './addr/ipv6.ts';
import type { Headers, Quote } from './types.ts';

/** `udp port 53` of the transport header that a quote shows. */
function quotedPort(quote: Quote): string | null {
  for (const layer of quote.layers)
    if (layer.kind === 'tcp' || layer.kind === 'udp')
      return `${layer.kind} port ${layer.header.dport}`;
  return null;
}

function quotedDestination(quote: Quote): string {
  const ip = quote.layers[0];
  if (ip?.kind === 'ipv4') return printIpv4(ip.header.dst);
  return ip?.kind === 'ipv6' ? printIpv6(ip.header.dst) : '?';
}

function quotedProtocol(quote: Quote): number {
  const ip = quote.layers[0];
  return ip?.kind === 'ipv4' ? ip.header.protocol : 0;
}

export function summarizeIcmpv4(icmp: Headers['icmpv4'], length: number): string {
  return `ICMP ${icmpText(icmp)}, length ${length}`;
}

function icmpText({ type, code, body }: Headers['icmpv4']): string {
  if (body.kind === 'echo')
    return `echo ${type === 8 ? 'request' : 'reply'}, id ${body.id}, seq ${body.seq}`;
  if (body.kind === 'other') return `type-#${type}`;
  const dst = quotedDestination(body.quoted);
  if (type === 3) return unreachable(code, dst, body);
  if (type === 5) {
    const to = body.gateway === null ? '?' : printIpv4(body.gateway);
    return `redirect ${dst} to ${code === 0 ? 'net' : 'host'} ${to}`;
  }
  if (type === 11) return code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded';
  return `type-#${type}`;
}

function unreachable(
  code: number,
  dst: string,
  body: Extract<Headers['icmpv4']['body'], { kind: 'error' }>,
): string {
  switch (code) {
    case 0:
      return `net ${dst} unreachable`;
    case 1:
      return `host ${dst} unreachable`;
    case 2:
      return `${dst} protocol ${quotedProtocol(body.quoted)} unreachable`;
    case 3: {
      const port = quotedPort(body.quoted);
      return `${dst} ${port ?? 'protocol port'} unreachable`;
    }
    case 4:
      return body.mtu === 0
        ? `${dst} unreachable - need to frag`
        : `${dst} unreachable - need to frag (mtu ${body.mtu})`;
    case 5:
      return `${dst} unreachable - source route failed`;
    case 9:
      return `net ${dst} unreachable - admin prohibited`;
    case 10:
      return `host ${dst} unreachable - admin prohibited`;
    case 13:
      return `host ${dst} unreachable - admin prohibited filter`;
    default:
      return `${dst} unreachable - #${code}`;
  }
}

export function summarizeIcmpv6(icmp: Headers['icmpv6'], length: number): string {
  return `ICMP6, ${icmp6Text(icmp)}, length ${length}`;
}

const UNREACHABLE6: Readonly<Record<number, string>> = {
  0: 'unreachable route',
  1: 'unreachable prohibited',
  2: 'beyond scope',
  3: 'unreachable address',
};

const MESSAGES6: Readonly<Record<number, string>> = {
  133: 'router solicitation',
  134: 'router advertisement',
  137: 'redirect',
  143: 'multicast listener report v2',
};

function icmp6Text({ type, code, body }: Headers['icmpv6']): string {
  if (body.kind === 'echo')
    return `echo ${type === 128 ? 'request' : 'reply'}, id ${body.id}, seq ${body.seq}`;
  if (body.kind === 'neighbourSolicitation')
    return `neighbor solicitation, who has ${printIpv6(body.target)}`;
  if (body.kind === 'neighbourAdvertisement')
    return `neighbor advertisement, tgt is ${printIpv6(body.target)}`;
  if (body.kind === 'other') return MESSAGES6[type] ?? `type-#${type}`;
  const dst = quotedDestination(body.quoted);
  if (type === 1) {
    const port = quotedPort(body.quoted);
    if (code === 4 && port !== null)
      return `destination unreachable, unreachable port, ${dst} ${port}`;
    return `destination unreachable, ${UNREACHABLE6[code] ?? `unknown unreach code (${code})`} ${dst}`;
  }
  if (type === 2) return `packet too big, mtu ${body.mtu}`;
  if (type === 3)
    return code === 0 ? `time exceeded in-transit for ${dst}` : 'ip reassembly time exceeded';
  return `parameter problem, errorneous - octet ${body.mtu}`;
}
