// The lists behind `-m recent` (net/netfilter/xt_recent.c): addresses with the last times they were seen.
// Simplified: times are virtual nanoseconds instead of jiffies.
import type { Nanos } from '../../base/queue.ts';
import type { IpAddr } from '../../wire/addr/types.ts';

export interface RecentEntry {
  readonly addr: IpAddr;
  ttl: number;
  /** A ring: `index` is the next place to write. */
  readonly stamps: Nanos[];
  index: number;
}
export interface RecentTable {
  readonly name: string;
  readonly mask: IpAddr;
  /** Places of the ring, a power of two. */
  places: number;
  /** Least recently updated first. */
  readonly entries: Map<IpAddr, RecentEntry>;
}
/** ip_list_tot: more addresses push the oldest out. */
const MAX_ENTRIES = 100;

export const ringPlaces = (hitcount: number): number =>
  hitcount === 0 ? 32 : 2 ** Math.ceil(Math.log2(hitcount));

export const createRecentTable = (name: string, mask: IpAddr): RecentTable => ({
  name,
  mask,
  places: 0,
  entries: new Map(),
});
/** A rule that counts more hits than the ring has places starts the list anew. */
export function widen(table: RecentTable, places: number): void {
  if (places <= table.places) return;
  table.places = places;
  table.entries.clear();
}

export function addEntry(table: RecentTable, addr: IpAddr, ttl: number, now: Nanos): void {
  if (table.entries.size >= MAX_ENTRIES) {
    const oldest = table.entries.keys().next();
    if (!oldest.done) table.entries.delete(oldest.value);
  }
  table.entries.set(addr, { addr, ttl, stamps: [now], index: 1 });
}
export function touchEntry(table: RecentTable, entry: RecentEntry, ttl: number, now: Nanos): void {
  entry.index %= table.places;
  entry.stamps[entry.index++] = now;
  entry.ttl = ttl;
  table.entries.delete(entry.addr);
  table.entries.set(entry.addr, entry);
}
/** --reap: forget the oldest entry of the list if it was last seen before `since`. */
export function reapOldest(table: RecentTable, since: number, keep: RecentEntry | null): void {
  const oldest = table.entries.values().next();
  if (oldest.done || oldest.value === keep) return;
  if (since > (oldest.value.stamps[oldest.value.index - 1] ?? 0))
    table.entries.delete(oldest.value.addr);
}
