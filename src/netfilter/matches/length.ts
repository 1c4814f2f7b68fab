// -m length: bytes from the IP header on (net/netfilter/xt_length.c).
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import { parseRange, printPortRange, type Range } from '../save/values.ts';

export interface LengthSpec extends Range {
  readonly invert: boolean;
}
export const length: MatchModule<LengthSpec> = {
  name: 'length',
  options: { length: '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'length');
    return { ...parseRange(option.values[0] ?? '', ctx, 'length', 65535), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --length ${printPortRange(spec)}`,
  ...byMismatch<LengthSpec>((spec, _, view) =>
    (view.length >= spec.min && view.length <= spec.max) === spec.invert
      ? `length ${view.length} is ${spec.invert ? '' : 'not '}${printPortRange(spec)}`
      : null,
  ),
};
