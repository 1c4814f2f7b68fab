// TCP options on the wire (RFC 9293 section 3.1; MSS, window scale and timestamps RFC 7323, SACK RFC 2018).
// Kind 0 ends the list and pads it to four bytes; what is not known keeps its bytes.
import { assertNever } from '../../base/assert.ts';
import { get16, get32, get8, set16, set32 } from '../codec/bytes.ts';
import { tcpHeaderLength, tcpOptionLength } from '../length.ts';
import type { BitRange, TcpOption } from '../types.ts';

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

function optionNumber(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
      return NOP;
    case 'mss':
      return MSS;
    case 'windowScale':
      return WINDOW_SCALE;
    case 'sackPermitted':
      return SACK_PERMITTED;
    case 'sack':
      return SACK;
    case 'timestamps':
      return TIMESTAMPS;
    case 'unknown':
      return option.number;
    default:
      return assertNever(option, 'TCP option');
  }
}

/** Writes options into `bytes` from `start` on; what is left stays zero, which is END. */
export function emitOptions(options: readonly TcpOption[], bytes: Uint8Array, start: number): void {
  let at = start;
  for (const option of options) {
    bytes[at] = optionNumber(option);
    if (option.kind !== 'nop') bytes[at + 1] = tcpOptionLength(option);
    if (option.kind === 'mss') set16(bytes, at + 2, option.value);
    if (option.kind === 'windowScale') bytes[at + 2] = option.shift;
    if (option.kind === 'timestamps') {
      set32(bytes, at + 2, option.value);
      set32(bytes, at + 6, option.echo);
    }
    if (option.kind === 'sack')
      option.blocks.forEach(({ left, right }, i) => {
        set32(bytes, at + 2 + 8 * i, left);
        set32(bytes, at + 6 + 8 * i, right);
      });
    if (option.kind === 'unknown') bytes.set(option.bytes, at + 2);
    at += tcpOptionLength(option);
  }
}

function parseOne(number: number, bytes: Uint8Array): TcpOption {
  const length = bytes.length;
  if (number === MSS && length === 4) return { kind: 'mss', value: get16(bytes, 2) };
  if (number === WINDOW_SCALE && length === 3)
    return { kind: 'windowScale', shift: get8(bytes, 2) };
  if (number === SACK_PERMITTED && length === 2) return { kind: 'sackPermitted' };
  if (number === TIMESTAMPS && length === 10)
    return { kind: 'timestamps', value: get32(bytes, 2), echo: get32(bytes, 6) };
  if (number === SACK && length > 2 && (length - 2) % 8 === 0) {
    const blocks = Array.from({ length: (length - 2) / 8 }, (_, i) => ({
      left: get32(bytes, 2 + 8 * i),
      right: get32(bytes, 6 + 8 * i),
    }));
    return { kind: 'sack', blocks };
  }
  return { kind: 'unknown', number, bytes: [...bytes.subarray(2)] };
}

/** null: an option claims a length that it cannot have. */
export function parseOptions(bytes: Uint8Array): readonly TcpOption[] | null {
  const options: TcpOption[] = [];
  for (let at = 0; at < bytes.length;) {
    const number = get8(bytes, at);
    if (number === END) break;
    const length = number === NOP ? 1 : get8(bytes, at + 1);
    if (length < 1 || (number !== NOP && length < 2) || at + length > bytes.length) return null;
    options.push(
      number === NOP ? { kind: 'nop' } : parseOne(number, bytes.subarray(at, at + length)),
    );
    at += length;
  }
  return options;
}

/** Where in the TCP header the value of the first option of a kind stands: `skip` bytes into it. */
export function optionPlace(
  options: readonly TcpOption[],
  kind: TcpOption['kind'],
  skip: number,
  bytes: number,
): BitRange | null {
  let at = 20;
  for (const option of options) {
    if (option.kind === kind) return { bit: 8 * (at + skip), bits: 8 * bytes };
    at += tcpOptionLength(option);
  }
  return null;
}

function optionName(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return 'Maximum segment size';
    case 'sackPermitted':
      return 'SACK permitted';
    case 'sack':
      return 'SACK';
    case 'timestamps':
      return 'Timestamps';
    case 'windowScale':
      return 'Window scale';
    case 'nop':
      return 'No-Operation (NOP)';
    case 'unknown':
      return `Unknown (${option.number})`;
    default:
      return assertNever(option, 'TCP option');
  }
}

/** Wireshark's line above the options: their names, and the padding. */
export function optionsText(options: readonly TcpOption[]): string {
  const length = tcpHeaderLength(options) - 20;
  const used = options.reduce((sum, option) => sum + tcpOptionLength(option), 0);
  const padding = Array.from({ length: length - used }, () => 'End of Option List (EOL)');
  return [`(${length} bytes)`, ...options.map(optionName), ...padding].join(', ');
}
