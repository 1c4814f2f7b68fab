// -m limit: a token bucket (net/netfilter/xt_limit.c limit_mt).
import { find, type MatchModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';
import { checkBurst, fullBucket, parseRate, printRate, takeToken } from './rate.ts';

export interface LimitSpec {
  /** Ten-thousandths of a second per packet. */
  readonly period: number;
  readonly burst: number;
}
const BURST = 5;

export const limit: MatchModule<LimitSpec> = {
  name: 'limit',
  options: { limit: '1', 'limit-burst': '1' },
  pure: false,
  parse(given, ctx) {
    const option = find(given, 'limit-burst');
    const period = parseRate(find(given, 'limit')?.values[0] ?? '3/hour', ctx);
    const burst = option ? parseNumber(option.values[0] ?? '', ctx, 'limit-burst', 10_000) : BURST;
    checkBurst(period, burst, ctx);
    return { period, burst };
  },
  print: ({ period, burst }) =>
    ` --limit ${printRate(period)}${burst === BURST ? '' : ` --limit-burst ${burst}`}`,
  compile({ period, burst }) {
    const bucket = fullBucket(period, burst);
    return (_, view) => takeToken(bucket, period, burst, view.now);
  },
  explain: ({ period, burst }) => `more than ${printRate(period)} with a burst of ${burst}`,
};
