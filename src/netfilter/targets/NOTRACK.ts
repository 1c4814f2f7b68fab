// -j NOTRACK: conntrack lets the packet pass untracked (an alias in net/netfilter/xt_CT.c notrack_tg).
import type { TargetModule } from '../module.ts';

export const NOTRACK: TargetModule<null> = {
  name: 'NOTRACK',
  limits: { tables: ['raw'] },
  options: {},
  parse: () => null,
  print: () => '',
  compile: () => (_, view, act) => {
    if (view.ct === null) act.untrack();
    return 'continue';
  },
};
