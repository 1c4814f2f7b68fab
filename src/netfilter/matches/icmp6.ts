// -m icmp6: type and code (net/netfilter/ip6_tables.c icmp6_match).
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import { parseIcmpType, printIcmpType } from './icmp-types.ts';
import { icmpMismatch, type IcmpSpec } from './icmp.ts';

export const icmp6: MatchModule<IcmpSpec> = {
  name: 'icmp6',
  limits: { families: ['ipv6'], protocols: [58] },
  options: { 'icmpv6-type': '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'icmpv6-type');
    const type = parseIcmpType(option.values[0] ?? '', 'ipv6');
    if (type === null) ctx.fail(`invalid ICMPv6 type "${option.values[0]}"`);
    return { ...(type ?? { type: 0, codeMin: 0, codeMax: 255 }), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --icmpv6-type ${printIcmpType(spec)}`,
  ...byMismatch<IcmpSpec>((spec, facts) => icmpMismatch(spec, facts, 'icmpv6', null)),
};
