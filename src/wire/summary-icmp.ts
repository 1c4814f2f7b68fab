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
    return `redirect${code > 1 ? '-tos' : ''} ${dst} to ${code % 2 === 0 ? 'net' : 'host'} ${to}`;
  }
  if (type === 11) return code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded';
  return `type-#${type}`;
}

/** What stands before and behind the destination, by code. */
const UNREACHABLE: Readonly<Record<number, readonly [string, string]>> = {
  0: ['net ', ''],
  1: ['host ', ''],
  5: ['', ' - source route failed'],
  6: ['net ', ' - unknown'],
  7: ['host ', ' - unknown'],
  8: ['', ' - source host isolated'],
  9: ['net ', ' - admin prohibited'],
  10: ['host ', ' - admin prohibited'],
  11: ['net ', ' - tos prohibited'],
  12: ['host ', ' - tos prohibited'],
  13: ['host ', ' - admin prohibited filter'],
  14: ['host ', ' - host precedence violation'],
  15: ['host ', ' - precedence cutoff'],
};

function unreachable(
  code: number,
  dst: string,
  body: Extract<Headers['icmpv4']['body'], { kind: 'error' }>,
): string {
  const protocol = `protocol ${quotedProtocol(body.quoted)}`;
  if (code === 2) return `${dst} ${protocol} unreachable`;
  if (code === 3) return `${dst} ${quotedPort(body.quoted) ?? protocol} unreachable`;
  if (code === 4) {
    const mtu = body.mtu === 0 ? '' : ` (mtu ${body.mtu})`;
    return `${dst} unreachable - need to frag${mtu}`;
  }
  const [before, behind] = UNREACHABLE[code] ?? ['', ` - #${code}`];
  return `${before}${dst} unreachable${behind}`;
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
const PROBLEMS6 = ['erroneous', 'next header', 'option', 'incomplete header chain'];

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
  if (body.kind === 'redirect')
    return `redirect, ${printIpv6(body.destination)} to ${printIpv6(body.target)}`;
  if (body.kind === 'other') return MESSAGES6[type] ?? `unknown icmp6 type (${type})`;
  const dst = quotedDestination(body.quoted);
  if (type === 1) return `destination unreachable, ${unreachable6(code, dst, body.quoted)}`;
  if (type === 2) return `packet too big, mtu ${body.mtu}`;
  if (type === 3) {
    if (code > 1) return `time exceeded in-transit, unknown code (${code})`;
    return `time exceeded in-transit ${code === 0 ? `for ${dst}` : '(reassembly)'}`;
  }
  const problem = PROBLEMS6[code];
  return `parameter problem, ${problem === undefined ? `code-#${code}` : `${problem} - octet ${body.mtu}`}`;
}

function unreachable6(code: number, dst: string, quoted: Quote): string {
  if (code === 4) return `unreachable port, ${dst} ${quotedPort(quoted) ?? ''}`.trimEnd();
  const what = UNREACHABLE6[code];
  return what === undefined ? `unknown unreach code (${code})` : `${what} ${dst}`;
}
