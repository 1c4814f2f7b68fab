// -j NFLOG: a copy to a listener in user space; the packet goes on (net/netfilter/xt_NFLOG.c). Shown as a log line.
import { find, type TargetModule } from '../module.ts';
import { quote } from '../save/quote.ts';
import { parseNumber } from '../save/values.ts';

export interface NflogSpec {
  readonly group: number;
  readonly prefix: string;
  readonly size: number | null;
  readonly range: number | null;
  readonly threshold: number;
}
export const NFLOG: TargetModule<NflogSpec> = {
  name: 'NFLOG',
  options: {
    'nflog-group': '1', 'nflog-prefix': '1', 'nflog-range': '1', 'nflog-size': '1', 'nflog-threshold': '1',
  }, // prettier-ignore
  parse(given, ctx) {
    const number = (name: string): number | null => {
      const option = find(given, name);
      return option ? parseNumber(option.values[0] ?? '', ctx, name) : null;
    };
    const prefix = find(given, 'nflog-prefix')?.values[0] ?? '';
    if (prefix.length > 63) ctx.fail('--nflog-prefix has at most 63 characters');
    return {
      group: number('nflog-group') ?? 0,
      prefix,
      size: number('nflog-size'),
      range: number('nflog-range'),
      threshold: number('nflog-threshold') ?? 1,
    };
  },
  print: (spec) =>
    (spec.prefix === '' ? '' : ` --nflog-prefix ${quote(spec.prefix)}`) +
    (spec.group === 0 ? '' : ` --nflog-group ${spec.group}`) +
    (spec.size === null ? '' : ` --nflog-size ${spec.size}`) +
    (spec.range === null ? '' : ` --nflog-range ${spec.range}`) +
    (spec.threshold === 1 ? '' : ` --nflog-threshold ${spec.threshold}`),
  compile:
    ({ prefix }) =>
    (_facts, _view, act) => {
      act.log(prefix);
      return 'continue';
    },
};
