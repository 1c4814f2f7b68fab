// -m hashlimit: a token bucket for each address or port (net/netfilter/xt_hashlimit.c).
// Simplified: packets only (no byte rates), no expiry of buckets; a bucket that was left alone is full anyway.
import { printAddr } from '../../wire/addr/ip.ts';
import { network } from '../../wire/addr/prefix.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Facts } from '../facts.ts';
import { find, need, type MatchModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';
import { fullBucket, parseRate, printRate, takeToken } from './rate.ts';

const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;
type Mode = (typeof MODES)[number];
export interface HashlimitSpec {
  readonly above: boolean;
  readonly period: number;
  readonly burst: number;
  readonly mode: readonly Mode[];
  readonly name: string;
  readonly srcmask: number | null;
  readonly dstmask: number | null;
  readonly size: number;
  readonly max: number;
  readonly gc: number;
  readonly expire: number;
}
const BURST = 5;
const EXPIRE = 10_000;
const GC = 1_000;

const PORTED: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

function key(spec: HashlimitSpec, facts: Facts): string {
  const net = (addr: IpAddr, length: number | null): string =>
    printAddr(length === null ? addr : network({ addr, length }).addr);
  // Without ports it is port 0, but of a later IPv4 fragment the kernel reads payload bytes as ports.
  const port = (number: number): string =>
    number >= 0
      ? `${number}`
      : facts.fragOffset === 0 || typeof facts.src === 'bigint' || !PORTED.has(facts.protocol)
        ? '0'
        : 'payload';
  const parts = {
    srcip: () => net(facts.src, spec.srcmask),
    srcport: () => port(facts.sport),
    dstip: () => net(facts.dst, spec.dstmask),
    dstport: () => port(facts.dport),
  };
  return [spec.name, ...spec.mode.map((mode) => parts[mode]())].join(' ');
}

export const hashlimit: MatchModule<HashlimitSpec> = {
  name: 'hashlimit',
  options: {
    'hashlimit-upto': '!1', hashlimit: '!1', 'hashlimit-above': '!1', 'hashlimit-burst': '1', 'hashlimit-mode': '1',
    'hashlimit-name': '1', 'hashlimit-srcmask': '1', 'hashlimit-dstmask': '1', 'hashlimit-htable-size': '1',
    'hashlimit-htable-max': '1', 'hashlimit-htable-gcinterval': '1', 'hashlimit-htable-expire': '1',
    'hashlimit-rate-match': '0', 'hashlimit-rate-interval': '1',
  }, // prettier-ignore
  pure: false,
  parse(given, ctx) {
    const rate = find(given, 'hashlimit-upto', 'hashlimit', 'hashlimit-above');
    if (rate === undefined)
      ctx.fail('hashlimit: you have to specify --hashlimit-upto or --hashlimit-above');
    if (rate?.values[0]?.endsWith('b/s')) ctx.fail('hashlimit: byte rates are not modelled');
    for (const name of ['hashlimit-rate-match', 'hashlimit-rate-interval'])
      if (find(given, name)) ctx.fail(`hashlimit: --${name} is not modelled`);
    const number = (name: string, otherwise: number): number => {
      const option = find(given, name);
      return option ? parseNumber(option.values[0] ?? '', ctx, name) : otherwise;
    };
    const modes = find(given, 'hashlimit-mode')?.values[0]?.split(',') ?? [];
    for (const mode of modes)
      if (!MODES.some((known) => known === mode))
        ctx.fail(`hashlimit: bad mode "${mode}"`, MODES.join(', '));
    const bits = ctx.family === 'ipv4' ? 32 : 128;
    const mask = (name: string): number | null => {
      const length = number(name, bits);
      return length === bits ? null : length;
    };
    return {
      above: (rate?.name === 'hashlimit-above') !== (rate?.invert ?? false),
      period: parseRate(rate?.values[0] ?? '', ctx),
      burst: number('hashlimit-burst', BURST),
      mode: MODES.filter((mode) => modes.includes(mode)),
      name: need(given, ctx, 'hashlimit-name').values[0] ?? '',
      srcmask: mask('hashlimit-srcmask'),
      dstmask: mask('hashlimit-dstmask'),
      size: number('hashlimit-htable-size', 0),
      max: number('hashlimit-htable-max', 0),
      gc: number('hashlimit-htable-gcinterval', GC),
      expire: number('hashlimit-htable-expire', EXPIRE),
    };
  },
  print(spec) {
    const unless = (name: string, value: number | null, standard: number | null): string =>
      value === standard ? '' : ` --hashlimit-${name} ${value}`;
    return (
      ` --hashlimit-${spec.above ? 'above' : 'upto'} ${printRate(spec.period)} --hashlimit-burst ${spec.burst}` +
      (spec.mode.length ? ` --hashlimit-mode ${spec.mode.join(',')}` : '') +
      ` --hashlimit-name ${spec.name}` +
      unless('htable-size', spec.size, 0) +
      unless('htable-max', spec.max, 0) +
      unless('htable-gcinterval', spec.gc, GC) +
      unless('htable-expire', spec.expire, EXPIRE) +
      unless('srcmask', spec.srcmask, null) +
      unless('dstmask', spec.dstmask, null)
    );
  },
  compile(spec, { state }) {
    return (facts, view) => {
      const name = key(spec, facts);
      let bucket = state.buckets.get(name);
      if (bucket === undefined) {
        bucket = { ...fullBucket(spec.period, spec.burst), at: view.now };
        state.buckets.set(name, bucket);
      }
      return takeToken(bucket, spec.period, spec.burst, view.now) !== spec.above;
    };
  },
  explain: (spec, facts) =>
    `${spec.above ? 'not ' : ''}more than ${printRate(spec.period)} of ${key(spec, facts)}`,
};
