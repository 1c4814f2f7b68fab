// `--ctstatus`: what conntrack knows of a connection, as bits (enum ip_conntrack_status).
import type { CtEntry } from '../../conntrack/types.ts';
import type { ParseContext } from '../module.ts';

const STATUS = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;

/** NONE is the empty set, which no connection has a bit of. */
export function parseStatus(text: string, ctx: ParseContext): number {
  let bits = 0;
  for (const name of text.split(',')) {
    const at = STATUS.findIndex((status) => status === name.toUpperCase());
    if (at >= 0) bits |= 1 << at;
    else if (name.toUpperCase() !== 'NONE')
      ctx.fail(`unknown connection status "${name}"`, ['NONE', ...STATUS].join(', '));
  }
  return bits;
}
export const printStatus = (bits: number): string =>
  STATUS.filter((_, i) => bits & (1 << i)).join(',') || 'NONE';

export const statusBits = (entry: CtEntry): number =>
  (entry.master !== null ? 1 : 0) |
  (entry.seenReply ? 2 : 0) |
  (entry.assured ? 4 : 0) |
  (entry.confirmed ? 8 : 0);
