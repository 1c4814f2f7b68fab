// -m mac: source of the Ethernet header that brought the packet (net/netfilter/xt_mac.c). Local packets have none.
import { parseMac, printMac } from '../../wire/addr/mac.ts';
import type { Mac } from '../../wire/addr/types.ts';
import { bang, byMismatch, need, type MatchModule } from '../module.ts';

export interface MacSpec {
  readonly source: Mac;
  readonly invert: boolean;
}
export const mac: MatchModule<MacSpec> = {
  name: 'mac',
  limits: { hooks: ['PREROUTING', 'INPUT', 'FORWARD'] },
  options: { 'mac-source': '!1' },
  parse(given, ctx) {
    const option = need(given, ctx, 'mac-source');
    const source = parseMac(option.values[0] ?? '');
    if (source === null) ctx.fail(`"${option.values[0]}" is not a MAC address`);
    return { source: source ?? (0 as Mac), invert: option.invert };
  },
  print: ({ source, invert }) => `${bang(invert)} --mac-source ${printMac(source)}`,
  ...byMismatch<MacSpec>(({ source, invert }, _, view) => {
    if (view.srcMac === null) return 'no Ethernet header brought the packet';
    return (view.srcMac === source) === invert
      ? `source MAC ${printMac(view.srcMac)} is ${invert ? '' : 'not '}${printMac(source)}`
      : null;
  }),
};
