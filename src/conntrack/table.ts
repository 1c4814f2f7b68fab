// The table of a namespace: entries by the tuple of either direction, confirmed when their first packet leaves
// (__nf_conntrack_confirm), and the row that `conntrack -L` shows.
import type { Nanos } from '../base/queue.ts';
import type { CtDirection, Row } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { IPPROTO } from '../wire/types.ts';
import { invertTuple, isIcmp, sameTuple } from './tuple.ts';
import { Buckets, hashEnd } from './tuple-hash.ts';
import type { CtEntry, Tuple } from './types.ts';

/** An entry, by the tuple of one of its directions. */
export interface CtHit {
  readonly entry: CtEntry;
  readonly direction: CtDirection;
}
export interface CtTable {
  readonly byTuple: Buckets<CtHit>;
  /** By the source of the original direction. */
  readonly bySource: Buckets<CtEntry>;
  /** Confirmed entries in the order of their confirmation. */
  readonly entries: Set<CtEntry>;
  next: number;
}
export const createCtTable = (): CtTable => ({
  byTuple: new Buckets(),
  bySource: new Buckets(),
  entries: new Set(),
  next: 1,
});

const hashSource = (t: Tuple, zone: number): number =>
  hashEnd(zone * 256 + t.protocol, t.src, t.sport);
const hashTuple = (t: Tuple, zone: number): number => hashEnd(hashSource(t, zone), t.dst, t.dport);

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

const tupleAt = ({ entry, direction }: CtHit): Tuple =>
  direction === 'original' ? entry.original : entry.reply;

/** The entry in the table that a tuple belongs to, expired or not. */
export function entryOf(table: CtTable, tuple: Tuple, zone: number): CtHit | null {
  for (const hit of table.byTuple.get(hashTuple(tuple, zone)))
    if (hit.entry.zone === zone && sameTuple(tupleAt(hit), tuple)) return hit;
  return null;
}

/** The confirmed entry that a tuple belongs to, and as which direction. Expired entries are gone. */
export function findEntry(table: CtTable, tuple: Tuple, zone: number, now: Nanos): CtHit | null {
  const hit = entryOf(table, tuple, zone);
  return hit === null || hit.entry.expires <= now ? null : hit;
}

/** nf_conntrack_tuple_taken: is another connection's reply already like this? */
export function tupleTaken(table: CtTable, tuple: Tuple, ignored: CtEntry, now: Nanos): boolean {
  const hit = findEntry(table, tuple, ignored.zone, now);
  return hit !== null && hit.entry !== ignored;
}

/** Where another entry has a tuple of this one already, the new one is found from now on. */
function insertTuple(table: CtTable, entry: CtEntry, direction: CtDirection): void {
  const hit: CtHit = { entry, direction };
  const tuple = tupleAt(hit);
  const hash = hashTuple(tuple, entry.zone);
  const old = entryOf(table, tuple, entry.zone);
  if (old !== null) table.byTuple.delete(hash, (one) => one === old);
  table.byTuple.add(hash, hit);
}

export function insertEntry(table: CtTable, entry: CtEntry): void {
  insertTuple(table, entry, 'original');
  insertReply(table, entry);
}

/** An entry that is found by its answers only. */
export function insertReply(table: CtTable, entry: CtEntry): void {
  entry.confirmed = true;
  table.entries.add(entry);
  table.bySource.add(hashSource(entry.original, entry.zone), entry);
  insertTuple(table, entry, 'reply');
}

export function removeEntry(table: CtTable, entry: CtEntry): void {
  entry.dying = true;
  if (!table.entries.delete(entry)) return;
  table.bySource.delete(hashSource(entry.original, entry.zone), (one) => one === entry);
  for (const tuple of [entry.original, entry.reply])
    table.byTuple.delete(hashTuple(tuple, entry.zone), (one) => one.entry === entry);
}

/** Entries whose original direction may come from the same address and port, oldest first. */
export const entriesFrom = (table: CtTable, tuple: Tuple, zone: number): readonly CtEntry[] =>
  table.bySource.get(hashSource(tuple, zone));

const PROTOCOLS: Readonly<Record<number, string>> = {
  [IPPROTO.icmp]: 'icmp',
  [IPPROTO.tcp]: 'tcp',
  [IPPROTO.udp]: 'udp',
  [IPPROTO.icmpv6]: 'icmpv6',
  [IPPROTO.sctp]: 'sctp',
};
export const protocolName = (protocol: number): string => PROTOCOLS[protocol] ?? 'unknown';

/** What does not change while the tuples stay. */
const heads = new WeakMap<
  CtEntry,
  { readonly original: Tuple; readonly reply: Tuple; readonly row: Row }
>();

function headOf(entry: CtEntry): Row {
  const known = heads.get(entry);
  if (known?.original === entry.original && known.reply === entry.reply) return known.row;
  const row = isIcmp(entry.original.protocol) ? icmpHead(entry) : portHead(entry);
  heads.set(entry, { original: entry.original, reply: entry.reply, row });
  return row;
}

/** Columns that change. Both kinds of rows are written out, so that each has its shape from the start: every packet copies one. */
const TAIL = { state: null, unreplied: false, assured: false, mark: 0, timeout: 0 };

const portHead = ({ id, zone, original, reply }: CtEntry): Row => ({
  entry: id,
  family: typeof original.src === 'number' ? 'ipv4' : 'ipv6',
  proto: protocolName(original.protocol),
  protonum: original.protocol,
  src: printAddr(original.src),
  dst: printAddr(original.dst),
  sport: original.sport,
  dport: original.dport,
  reply_src: printAddr(reply.src),
  reply_dst: printAddr(reply.dst),
  reply_sport: reply.sport,
  reply_dport: reply.dport,
  zone,
  ...TAIL,
});
const icmpHead = ({ id, zone, original, reply }: CtEntry): Row => ({
  entry: id,
  family: typeof original.src === 'number' ? 'ipv4' : 'ipv6',
  proto: protocolName(original.protocol),
  protonum: original.protocol,
  src: printAddr(original.src),
  dst: printAddr(original.dst),
  type: original.dport >> 8,
  code: original.dport & 0xff,
  id: original.sport,
  reply_src: printAddr(reply.src),
  reply_dst: printAddr(reply.dst),
  reply_type: reply.dport >> 8,
  reply_code: reply.dport & 0xff,
  reply_id: reply.sport,
  zone,
  ...TAIL,
});

/** Columns of `conntrack -L`; the reply direction's are prefixed `reply_`. */
export const ctRow = (entry: CtEntry): Row => ({
  ...headOf(entry),
  state: entry.tcp?.state ?? null,
  unreplied: !entry.seenReply,
  assured: entry.assured,
  mark: entry.mark,
  timeout: entry.timeout,
});
