// Rates of `-m limit` and `-m hashlimit` (net/netfilter/xt_limit.c): `5/sec` as the time one packet costs, and the bucket
// that time refills. Simplified: virtual nanoseconds instead of jiffies.
import { SECOND, type Nanos } from '../../base/queue.ts';
import type { ParseContext } from '../module.ts';
import type { Bucket } from '../state.ts';

/** XT_LIMIT_SCALE: a rate is stored as ten-thousandths of a second per packet. */
const SCALE = 10_000;
const UNITS = [
  ['day', 86400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
] as const;
const LONG = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86400,
  day: 86400,
};

/** `5/sec`, `3/minute`, `10`: ten-thousandths of a second per packet. */
export function parseRate(text: string, ctx: ParseContext): number {
  const [, count = '', unit = 's'] = /^(\d+)(?:\/([a-z]+))?$/i.exec(text) ?? [];
  const seconds = (LONG as Readonly<Record<string, number>>)[unit.toLowerCase()];
  if (count === '' || Number(count) === 0 || seconds === undefined) {
    ctx.fail(`bad rate "${text}"`, 'a count and /sec, /min, /hour or /day');
    return SCALE;
  }
  const period = Math.floor((SCALE * seconds) / Number(count));
  if (period === 0) ctx.fail(`rate too fast "${text}"`);
  return period;
}
/** From days down to the last unit that says it without losing much, as iptables-save does (print_rate). */
export function printRate(period: number): string {
  let i = 1;
  for (; i < UNITS.length; i++) {
    const scaled = SCALE * UNITS[i]![1];
    if (period > scaled || Math.floor(scaled / period) < scaled % period) break;
  }
  const [name, seconds] = UNITS[i - 1]!;
  return `${Math.floor((SCALE * seconds) / period)}/${name}`;
}

/** A bucket of more than this many seconds does not fit the kernel's 32-bit credits (limit_mt_check). */
const MAX_SECONDS = 134_217;
export function checkBurst(period: number, burst: number, ctx: ParseContext): void {
  if (burst === 0 || (period * burst) / SCALE > MAX_SECONDS)
    ctx.fail(`Overflow, try lower: ${printRate(period)} with a burst of ${burst}`);
}

export const costOf = (period: number): number => (period / SCALE) * SECOND;
export const fullBucket = (period: number, burst: number): Bucket => ({
  credit: costOf(period) * burst,
  at: 0 as Nanos,
});
/** Takes one packet's cost if there is enough. */
export function takeToken(bucket: Bucket, period: number, burst: number, now: Nanos): boolean {
  const cost = costOf(period);
  bucket.credit = Math.min(cost * burst, bucket.credit + (now - bucket.at));
  bucket.at = now;
  if (bucket.credit < cost) return false;
  bucket.credit -= cost;
  return true;
}
