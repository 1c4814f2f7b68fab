// TCP flags as `--tcp-flags mask comp` names them, in the bits of byte 13 of the header (RFC 9293 section 3.1).
import type { TcpFlags } from '../../wire/types.ts';
import type { ParseContext } from '../module.ts';

const BITS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;
export const ALL_FLAGS = 63;
/** `--syn`: SYN of these four. */
export const SYN_MASK = BITS.FIN | BITS.SYN | BITS.RST | BITS.ACK;
export const SYN_ONLY = BITS.SYN;

export function parseFlags(text: string, ctx: ParseContext): number {
  let bits = 0;
  for (const name of text.split(',')) {
    const bit = (BITS as Readonly<Record<string, number>>)[name.toUpperCase()];
    if (name.toUpperCase() === 'ALL') bits |= ALL_FLAGS;
    else if (bit !== undefined) bits |= bit;
    else if (name.toUpperCase() !== 'NONE')
      ctx.fail(`unknown TCP flag "${name}"`, 'SYN, ACK, FIN, RST, URG, PSH, ALL or NONE');
  }
  return bits;
}
export const printFlags = (bits: number): string =>
  Object.entries(BITS)
    .filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join(',') || 'NONE';

export const flagBits = (flags: TcpFlags): number =>
  (flags.fin ? 1 : 0) |
  (flags.syn ? 2 : 0) |
  (flags.rst ? 4 : 0) |
  (flags.psh ? 8 : 0) |
  (flags.ack ? 16 : 0) |
  (flags.urg ? 32 : 0);
