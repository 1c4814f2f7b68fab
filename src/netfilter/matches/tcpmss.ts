// -m tcpmss: the MSS option of a TCP header (net/netfilter/xt_tcpmss.c).
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import { parseRange, printPortRange, type Range } from '../save/values.ts';

export interface TcpmssSpec extends Range {
  readonly invert: boolean;
}
export const tcpmss: MatchModule<TcpmssSpec> = {
  name: 'tcpmss',
  limits: { protocols: [6] },
  options: { mss: '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'mss');
    return { ...parseRange(option.values[0] ?? '', ctx, 'mss', 65535), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --mss ${printPortRange(spec)}`,
  ...byMismatch<TcpmssSpec>((spec, facts) => {
    // The kernel reads the options without asking for a fragment.
    if (facts.transport?.kind !== 'tcp') {
      facts.hotdrop = true;
      return 'the packet has no TCP header';
    }
    const option = facts.transport.header.options.find((o) => o.kind === 'mss');
    if (option?.kind !== 'mss') return spec.invert ? null : 'the packet has no MSS option';
    return (option.value >= spec.min && option.value <= spec.max) === spec.invert
      ? `MSS ${option.value} is ${spec.invert ? '' : 'not '}${printPortRange(spec)}`
      : null;
  }),
};
