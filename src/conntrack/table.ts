// The table of a namespace: entries by the tuple of either direction, confirmed when their first packet leaves
// (__nf_conntrack_confirm), and the row that `conntrack -L` shows.
import type { Nanos } from '../base/queue.ts';
import type { CtDirection, Row } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { IPPROTO } from '../wire/types.ts';
import { invertTuple, isIcmp, tupleKey } from './tuple.ts';
import type { CtEntry, Tuple } from './types.ts';

export interface CtTable {
  readonly byTuple: Map<string, { readonly entry: CtEntry; readonly direction: CtDirection }>;
  /** Confirmed entries in the order of their confirmation. */
  readonly entries: Set<CtEntry>;
  next: number;
}
export const createCtTable = (): CtTable => ({ byTuple: new Map(), entries: new Set(), next: 1 });

export function createEntry(table: CtTable, original: Tuple, zone: number): CtEntry | null {
  const reply = invertTuple(original);
  if (reply === null) return null;
  return {
    id: `ct${table.next++}`,
    zone,
    original,
    reply,
    confirmed: false,
    dying: false,
    seenReply: false,
    assured: false,
    srcNat: false,
    dstNat: false,
    srcNatDone: false,
    dstNatDone: false,
    tcp: null,
    mark: 0,
    expires: 0 as Nanos,
    timeout: 0,
    streamAfter: 0 as Nanos,
    master: null,
    masqIndex: 0,
  };
}

/** The confirmed entry that a tuple belongs to, and as which direction. Expired entries are gone. */
export function findEntry(
  table: CtTable,
  tuple: Tuple,
  zone: number,
  now: Nanos,
): { readonly entry: CtEntry; readonly direction: CtDirection } | null {
  const hit = table.byTuple.get(tupleKey(tuple, zone));
  if (hit === undefined || hit.entry.expires <= now) return null;
  return hit;
}

/** nf_conntrack_tuple_taken: is another connection's reply already like this? */
export function tupleTaken(table: CtTable, tuple: Tuple, ignored: CtEntry, now: Nanos): boolean {
  const hit = findEntry(table, tuple, ignored.zone, now);
  return hit !== null && hit.entry !== ignored;
}

export function insertEntry(table: CtTable, entry: CtEntry): void {
  entry.confirmed = true;
  table.entries.add(entry);
  table.byTuple.set(tupleKey(entry.original, entry.zone), { entry, direction: 'original' });
  table.byTuple.set(tupleKey(entry.reply, entry.zone), { entry, direction: 'reply' });
}

export function removeEntry(table: CtTable, entry: CtEntry): void {
  entry.dying = true;
  table.entries.delete(entry);
  for (const tuple of [entry.original, entry.reply]) {
    const key = tupleKey(tuple, entry.zone);
    if (table.byTuple.get(key)?.entry === entry) table.byTuple.delete(key);
  }
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  [IPPROTO.icmp]: 'icmp',
  [IPPROTO.tcp]: 'tcp',
  [IPPROTO.udp]: 'udp',
  [IPPROTO.icmpv6]: 'icmpv6',
  [IPPROTO.sctp]: 'sctp',
};
export const protocolName = (protocol: number): string => PROTOCOLS[protocol] ?? 'unknown';

function tupleRow(prefix: string, tuple: Tuple): Row {
  const ends = { [`${prefix}src`]: printAddr(tuple.src), [`${prefix}dst`]: printAddr(tuple.dst) };
  if (isIcmp(tuple.protocol))
    return {
      ...ends,
      [`${prefix}type`]: tuple.dport >> 8,
      [`${prefix}code`]: tuple.dport & 0xff,
      [`${prefix}id`]: tuple.sport,
    };
  return { ...ends, [`${prefix}sport`]: tuple.sport, [`${prefix}dport`]: tuple.dport };
}

/** What does not change while the tuples stay. */
const heads = new WeakMap<
  CtEntry,
  { readonly original: Tuple; readonly reply: Tuple; readonly row: Row }
>();

function headOf(entry: CtEntry): Row {
  const known = heads.get(entry);
  if (known?.original === entry.original && known.reply === entry.reply) return known.row;
  const row: Row = {
    entry: entry.id,
    family: typeof entry.original.src === 'number' ? 'ipv4' : 'ipv6',
    proto: protocolName(entry.original.protocol),
    protonum: entry.original.protocol,
    ...tupleRow('', entry.original),
    ...tupleRow('reply_', entry.reply),
    zone: entry.zone,
  };
  heads.set(entry, { original: entry.original, reply: entry.reply, row });
  return row;
}

/** Columns of `conntrack -L`; the reply direction's are prefixed `reply_`. */
export const ctRow = (entry: CtEntry): Row => ({
  ...headOf(entry),
  state: entry.tcp?.state ?? null,
  unreplied: !entry.seenReply,
  assured: entry.assured,
  mark: entry.mark,
  timeout: entry.timeout,
});
