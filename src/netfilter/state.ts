// What rules remember between packets: the lists of `-m recent`, token buckets, counters of `statistic nth`, ipsets.
// One value a network namespace and family; mutable, private to a run.
import type { Nanos } from '../base/queue.ts';
import type { Sets } from './ipset.ts';
import type { RecentTable } from './matches/recent-table.ts';

export interface NfState {
  readonly sets: Sets;
  readonly recent: Map<string, RecentTable>;
  /** Buckets of `-m hashlimit`, by name and key. */
  readonly buckets: Map<string, Bucket>;
}

/** A token bucket in time units: a packet costs `cost` ns, time refills, `cap` is the burst. */
export interface Bucket {
  credit: number;
  at: Nanos;
}

export const createState = (sets: Sets): NfState => ({
  sets,
  recent: new Map(),
  buckets: new Map(),
});
