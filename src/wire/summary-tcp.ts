// The TCP part of a tcpdump line (print-tcp.c, print-http.c).
import { assertNever } from '../base/assert.ts';
import { hex } from './codec/bytes.ts';
import { printable } from './headers/payload.ts';
import { tcpOptionLength } from './length.ts';
import type { Headers, Layer, TcpFlags, TcpOption } from './types.ts';

/** `S`, `SA`, `PA`, `A`, `FA`, `R`: one letter a flag in the order S F R P U, then A; '' without any. */
export function tcpFlagLetters(flags: TcpFlags): string {
  return tcpLetters(flags) + (flags.ack ? 'A' : '');
}

function tcpLetters({ syn, fin, rst, psh, urg }: TcpFlags): string {
  return `${syn ? 'S' : ''}${fin ? 'F' : ''}${rst ? 'R' : ''}${psh ? 'P' : ''}${urg ? 'U' : ''}`;
}

/** tcpdump's own letters: a full stop is ACK, and they stand in the order of the bits. */
export function tcpFlagText({ syn, fin, rst, psh, urg, ack }: TcpFlags): string {
  const text = `${fin ? 'F' : ''}${syn ? 'S' : ''}${rst ? 'R' : ''}${psh ? 'P' : ''}${ack ? '.' : ''}${urg ? 'U' : ''}`;
  return text === '' ? 'none' : text;
}

/** The end-of-list option shows where the options had to be padded. */
export function tcpOptionText(options: readonly TcpOption[]): string {
  const used = options.reduce((sum, option) => sum + tcpOptionLength(option), 0);
  const padded = used % 4 !== 0;
  return [...options.map(oneOption), ...(padded ? ['eol'] : [])].join(',');
}

function oneOption(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `mss ${option.value}`;
    case 'sackPermitted':
      return 'sackOK';
    case 'sack':
      return `sack ${option.blocks.length} ${option.blocks.map((b) => `{${b.left}:${b.right}}`).join('')}`;
    case 'timestamps':
      return `TS val ${option.value} ecr ${option.echo}`;
    case 'windowScale':
      return `wscale ${option.shift}`;
    case 'nop':
      return 'nop';
    case 'unknown':
      return `unknown-${option.number}${option.bytes.length === 0 ? '' : ` ${printHexBytes(option.bytes)}`}`;
    default:
      return assertNever(option, 'TCP option');
  }
}

const HTTP_PORTS: readonly number[] = [80, 8080, 3128];
const HTTP_START = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|HTTP\/\d\.\d) /;

/** The first line of an HTTP message on the ports where tcpdump looks for one. */
export function httpLine(tcp: Headers['tcp'], data: Layer | undefined): string {
  if (data?.kind !== 'payload') return '';
  if (!HTTP_PORTS.includes(tcp.sport) && !HTTP_PORTS.includes(tcp.dport)) return '';
  if (!HTTP_START.test(data.header.head)) return ': HTTP';
  return `: HTTP: ${printable(data.header.head.split(/\r?\n/, 1)[0] ?? '')}`;
}

const printHexBytes = (bytes: readonly number[]): string =>
  `0x${bytes.map((byte) => hex(byte, 2).slice(2)).join('')}`;
