import { describe, expect, it } from 'vitest';
import { fireTime, JIFFY, toJiffies } from './tcp-wheel.ts';

describe('the timer wheel', () => {
  const ticks = (now: number, jiffies: number): number => fireTime(now * JIFFY, jiffies) / JIFFY;

  it.each([
    // A near timer fires one tick after it expires, never before.
    { now: 0, jiffies: 51, at: 52 },
    { now: 7.5, jiffies: 51, at: 59 },
    // From 63 jiffies on, buckets are eight jiffies wide; from 504 on, 64.
    { now: 0, jiffies: 250, at: 256 },
    { now: 256, jiffies: 250, at: 512 },
    { now: 0, jiffies: 102, at: 104 },
    { now: 5, jiffies: 510, at: 576 },
  ])('fires at tick $at when set at $now for $jiffies', ({ now, jiffies, at }) => {
    expect(ticks(now, jiffies)).toBe(at);
  });

  it('rounds times up to jiffies, one at least', () => {
    expect([0, 1, JIFFY, JIFFY + 1].map(toJiffies)).toEqual([1, 1, 1, 2]);
  });
});
