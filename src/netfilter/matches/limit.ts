// -m limit: a token bucket (net/netfilter/xt_limit.c limit_mt).
import { find, type MatchModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';
import { fullBucket, parseRate, printRate, takeToken } from './rate.ts';

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
    const burst = find(given, 'limit-burst');
    return {
      period: parseRate(find(given, 'limit')?.values[0] ?? '3/hour', ctx),
      burst: burst ? parseNumber(burst.values[0] ?? '', ctx, 'limit-burst', 10_000) : BURST,
    };
  },
  print: ({ period, burst }) =>
    ` --limit ${printRate(period)}${burst === BURST ? '' : ` --limit-burst ${burst}`}`,
  compile({ period, burst }) {
    const bucket = fullBucket(period, burst);
    return (_, view) => takeToken(bucket, period, burst, view.now);
  },
  explain: ({ period, burst }) => `more than ${printRate(period)} with a burst of ${burst}`,
};
