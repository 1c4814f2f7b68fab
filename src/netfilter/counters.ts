// Packets and bytes of rules and policies (struct xt_counters). A count is a value: each packet makes a new one, so that the one
// before can stand in a trace as it was.
import type { Family, TableName } from '../trace/types.ts';

export type Count = {
  readonly packets: number;
  readonly bytes: number;
};

const NOTHING: Count = { packets: 0, bytes: 0 };

export const countOf = ({ packets, bytes }: Count): Count =>
  packets === 0 && bytes === 0 ? NOTHING : { packets, bytes };

export const countMore = ({ packets, bytes }: Count, length: number): Count => ({
  packets: packets + 1,
  bytes: bytes + length,
});

/** The key of a rule's row in a trace, and of its counter's. */
export const ruleKey = (
  family: Family,
  table: TableName,
  chain: string,
  rule: number | 'policy' | 'chain',
): string => `${family} ${table} ${chain} ${rule}`;
