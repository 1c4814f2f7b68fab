// -j TRACE: from here on every rule that the packet matches is logged (net/netfilter/xt_TRACE.c: skb->nf_trace = 1).
import type { TargetModule } from '../module.ts';

export const TRACE: TargetModule<null> = {
  name: 'TRACE',
  limits: { tables: ['raw'] },
  options: {},
  parse: () => null,
  print: () => '',
  compile: () => (_facts, _view, act) => {
    act.trace();
    return 'continue';
  },
};
