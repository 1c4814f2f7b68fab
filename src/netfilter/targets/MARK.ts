// -j MARK: changes the packet's mark (net/netfilter/xt_mark.c mark_tg).
import type { TargetModule } from '../module.ts';
import { hex, type Masked } from '../save/values.ts';
import { applyMarking, MARKING_OPTIONS, parseMarking } from './marking.ts';

export const MARK: TargetModule<Masked> = {
  name: 'MARK',
  options: MARKING_OPTIONS,
  parse(given, ctx) {
    const option = given[0];
    if (option === undefined || given.length > 1)
      ctx.fail(
        'MARK: exactly one of --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark is required',
      );
    return option === undefined ? { value: 0, mask: 0 } : parseMarking(option, ctx);
  },
  print: ({ value, mask }) => ` --set-xmark ${hex(value)}/${hex(mask)}`,
  compile: (spec) => (_, view, act) => {
    act.setMark(applyMarking(view.mark, spec));
    return 'continue';
  },
};
