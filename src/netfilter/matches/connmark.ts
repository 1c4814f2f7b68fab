// -m connmark: the connection's mark under a mask (net/netfilter/xt_connmark.c). Without a connection it never matches.
import { bang, need, type MatchModule } from '../module.ts';
import { parseMasked, printMasked } from '../save/values.ts';
import { markFits, markWords, type MarkSpec } from './mark.ts';

export const connmark: MatchModule<MarkSpec> = {
  name: 'connmark',
  options: { mark: '!1' },
  pure: true,
  needsConntrack: () => true,
  parse(given, ctx) {
    const option = need(given, ctx, 'mark');
    return { ...parseMasked(option.values[0] ?? '', ctx, 'connmark'), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --mark ${printMasked(spec)}`,
  compile: (spec) => (_, view) => view.ct !== null && markFits(spec, view.ct.entry.mark),
  explain(spec, _, view) {
    if (view.ct === null) return 'the packet belongs to no connection';
    const value = view.ct.entry.mark;
    return markFits(spec, value) ? null : markWords('connection mark', spec, value);
  },
};
