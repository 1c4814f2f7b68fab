// -m statistic: by chance, or every nth packet (net/netfilter/xt_statistic.c). The draw comes from a named stream,
// one for each rule by what it jumps to, so that a new rule does not shift the draws of the others.
import { bang, need, type MatchModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';

export type StatisticSpec = { readonly invert: boolean } & (
  | {
      readonly mode: 'random';
      /** Of 2^31: the kernel compares 31 random bits with it. */
      readonly probability: number;
    }
  | { readonly mode: 'nth'; readonly every: number; readonly packet: number }
);

const SCALE = 0x80000000;
/** Name of the random stream of a rule: `statistic/nat/KUBE-SVC-X/KUBE-SEP-Y`. */
export const statisticStream = (table: string, chain: string, target: string): string =>
  `statistic/${table}/${chain}/${target}`;

export const statistic: MatchModule<StatisticSpec> = {
  name: 'statistic',
  options: { mode: '1', probability: '!1', every: '!1', packet: '1' },
  pure: false,
  parse(given, ctx) {
    const mode = need(given, ctx, 'mode').values[0] ?? '';
    if (mode === 'nth') {
      const option = need(given, ctx, 'every');
      const every = parseNumber(option.values[0] ?? '', ctx, 'every');
      const packet = parseNumber(need(given, ctx, 'packet').values[0] ?? '', ctx, 'packet');
      if (every === 0) ctx.fail('--every cannot be 0');
      if (packet >= every) ctx.fail('the --packet p must be 0 <= p <= n-1');
      return { mode, every, packet, invert: option.invert };
    }
    if (mode !== 'random') ctx.fail(`unknown mode "${mode}"`, 'random or nth');
    const option = need(given, ctx, 'probability');
    const p = Number(option.values[0] === '' ? NaN : option.values[0]);
    if (!(p >= 0 && p <= 1)) ctx.fail('--probability must be between 0 and 1');
    return {
      mode: 'random',
      probability: p >= 0 && p <= 1 ? Math.floor(p * SCALE + 0.5) : 0,
      invert: option.invert,
    };
  },
  print: (spec) =>
    spec.mode === 'random'
      ? ` --mode random${bang(spec.invert)} --probability ${(spec.probability / SCALE).toFixed(11)}`
      : ` --mode nth${bang(spec.invert)} --every ${spec.every} --packet ${spec.packet}`,
  compile(spec, { place }) {
    const { invert } = spec;
    if (spec.mode === 'random') {
      const stream = statisticStream(place.table, place.chain, place.target);
      const { probability } = spec;
      return (_, view) => (view.random(stream) & 0x7fffffff) < probability !== invert;
    }
    const last = spec.every - 1;
    let count = last - spec.packet;
    return () => {
      count = count === last ? 0 : count + 1;
      return (count === 0) !== invert;
    };
  },
  explain: (spec) =>
    spec.mode === 'random'
      ? `the draw was ${spec.invert ? '' : 'not '}within probability ${(spec.probability / SCALE).toFixed(2)}`
      : `of each ${spec.every} packets it was ${spec.invert ? '' : 'not '}the one`,
};
