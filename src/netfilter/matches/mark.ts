// -m mark: the packet's mark under a mask (net/netfilter/xt_mark.c).
import { bang, need, type MatchModule } from '../module.ts';
import { hex, parseMasked, printMasked, type Masked } from '../save/values.ts';

export interface MarkSpec extends Masked {
  readonly invert: boolean;
}
export const markFits = (spec: MarkSpec, mark: number): boolean =>
  ((mark & spec.mask) >>> 0 === spec.value) !== spec.invert;
export const markWords = (what: string, spec: MarkSpec, mark: number): string =>
  `${what} ${hex(mark)} is ${spec.invert ? '' : 'not '}${printMasked(spec)}`;

export const mark: MatchModule<MarkSpec> = {
  name: 'mark',
  options: { mark: '!1' },
  pure: true,
  parse(given, ctx) {
    const option = need(given, ctx, 'mark');
    return { ...parseMasked(option.values[0] ?? '', ctx, 'mark'), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --mark ${printMasked(spec)}`,
  compile: (spec) => (_, view) => markFits(spec, view.mark),
  explain: (spec, _, view) =>
    markFits(spec, view.mark) ? null : markWords('mark', spec, view.mark),
};
