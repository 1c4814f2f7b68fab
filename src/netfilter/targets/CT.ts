// -j CT: decides before conntrack looks, whether and in which zone it tracks (net/netfilter/xt_CT.c).
// Simplified: helpers, time-out policies and event masks are not modelled.
import { find, type TargetModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';

export type CtSpec =
  { readonly notrack: true } | { readonly notrack: false; readonly zone: number };

export const CT: TargetModule<CtSpec> = {
  name: 'CT',
  limits: { tables: ['raw'] },
  options: {
    notrack: '0', zone: '1', 'zone-orig': '1', 'zone-reply': '1', helper: '1', timeout: '1', ctevents: '1', expevents: '1',
  }, // prettier-ignore
  // With --notrack it registers nothing (xt_ct_tg_check).
  needsConntrack: (spec) => !spec.notrack,
  parse(given, ctx) {
    for (const { name } of given)
      if (name !== 'notrack' && name !== 'zone') ctx.fail(`CT: --${name} is not modelled`);
    if (find(given, 'notrack')) return { notrack: true };
    const zone = find(given, 'zone');
    if (zone?.values[0] === 'mark') ctx.fail('CT: --zone mark is not modelled');
    return {
      notrack: false,
      zone: zone ? parseNumber(zone.values[0] ?? '', ctx, 'zone', 65535) : 0,
    };
  },
  print: (spec) => (spec.notrack ? ' --notrack' : spec.zone === 0 ? '' : ` --zone ${spec.zone}`),
  compile: (spec) => (_, view, act) => {
    // A packet that belongs to a connection already (over loopback) is left alone.
    if (view.ct !== null) return 'continue';
    if (spec.notrack) act.untrack();
    else act.ctZone(spec.zone);
    return 'continue';
  },
};
