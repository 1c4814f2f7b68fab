// The timer wheel (kernel/time/timer.c): timers fire on a tick, never early, and the further away the coarser. HZ is 250 as
// distributions build it.
import type { Kernel } from '../types.ts';

export const JIFFY = 4_000_000;
export const JIFFIES_PER_SECOND = 250;
/** Where on the wheel a run begins. On a real machine it is anywhere; here no two timers of round times share a tick by it. */
const PHASE = 49;
const LEVEL_BITS = 3;
/** 64 buckets a level: from this many jiffies on the next, eight times coarser level is used. */
const LEVEL_START = 63;

/** Time in ns at which a timer that is set now for so many jiffies fires (calc_wheel_index). */
export function fireTime(now: number, jiffies: number, phase = 0): number {
  let shift = 0;
  while (jiffies >= LEVEL_START * 2 ** shift && shift < 24) shift += LEVEL_BITS;
  const gran = 2 ** shift;
  const expires = phase + Math.floor(now / JIFFY) + jiffies;
  return ((Math.floor(expires / gran) + 1) * gran - phase) * JIFFY;
}

/** usecs_to_jiffies of a time in ns: rounded up. */
export const toJiffies = (ns: number): number => Math.max(1, Math.ceil(ns / JIFFY));

type Due = () => void;
interface Tick {
  readonly pinned: Due[];
  readonly others: Due[];
}
/** Timers by the time of their tick. */
export type Wheel = Map<number, Tick>;

/**
 * All timers of a tick run before anything that they send is received (one softirq): those that belong to the CPU first
 * (TIMER_PINNED), then the others; of each kind those that were set last before those set first.
 */
export function afterJiffies(k: Kernel, jiffies: number, run: Due, pinned = false): void {
  const at = fireTime(k.rec.now, jiffies, PHASE);
  let tick = k.wheel.get(at);
  if (tick === undefined) {
    const fresh: Tick = { pinned: [], others: [] };
    k.wheel.set(at, (tick = fresh));
    k.after(at - k.rec.now, () => {
      k.wheel.delete(at);
      // Nothing is added to a tick that is due.
      for (let i = fresh.pinned.length - 1; i >= 0; i--) fresh.pinned[i]!();
      for (let i = fresh.others.length - 1; i >= 0; i--) fresh.others[i]!();
    });
  }
  (pinned ? tick.pinned : tick.others).push(run);
}
