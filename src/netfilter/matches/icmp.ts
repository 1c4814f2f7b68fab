// -m icmp: type and code (net/netfilter/ip_tables.c icmp_match; type 255 is `any`).
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import { parseIcmpType, printIcmpType, type IcmpType } from './icmp-types.ts';
import type { Facts } from '../facts.ts';

export interface IcmpSpec extends IcmpType {
  readonly invert: boolean;
}
const ANY: IcmpSpec = { type: 255, codeMin: 0, codeMax: 255, invert: false };

export function icmpMismatch(
  spec: IcmpSpec,
  facts: Facts,
  kind: 'icmpv4' | 'icmpv6',
  any: number | null,
): string | null {
  if (facts.transport?.kind !== kind) {
    if (facts.fragOffset === 0) facts.hotdrop = true;
    return 'the packet has no ICMP header';
  }
  const { type, code } = facts.transport.header;
  const fits =
    spec.type === any || (type === spec.type && code >= spec.codeMin && code <= spec.codeMax);
  return fits === spec.invert
    ? `ICMP type ${type}/${code} is ${spec.invert ? '' : 'not '}${printIcmpType(spec)}`
    : null;
}

export const icmp: MatchModule<IcmpSpec> = {
  name: 'icmp',
  limits: { families: ['ipv4'], protocols: [1] },
  options: { 'icmp-type': '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'icmp-type');
    const type = parseIcmpType(option.values[0] ?? '', 'ipv4');
    if (type === null) ctx.fail(`invalid ICMP type "${option.values[0]}"`);
    return { ...(type ?? ANY), invert: option.invert };
  },
  print: (spec) =>
    spec.type === 255
      ? `${bang(spec.invert)} --icmp-type any`
      : `${bang(spec.invert)} --icmp-type ${printIcmpType(spec)}`,
  ...byMismatch<IcmpSpec>((spec, facts) => icmpMismatch(spec, facts, 'icmpv4', 255)),
};
