// -m state: the older spelling of `-m conntrack --ctstate` (an alias of it in libxt_conntrack.c).
import { bang, byMismatch, need, type MatchModule } from '../module.ts';
import { parseStates, printStates, stateBits } from './ct-states.ts';

export interface StateSpec {
  readonly states: number;
  readonly invert: boolean;
}

export const state: MatchModule<StateSpec> = {
  name: 'state',
  options: { state: '!1' },
  needsConntrack: () => true,
  parse(given, ctx) {
    const option = need(given, ctx, 'state');
    return { states: parseStates(option.values[0] ?? '', ctx, false), invert: option.invert };
  },
  print: (spec) => `${bang(spec.invert)} --state ${printStates(spec.states)}`,
  ...byMismatch<StateSpec>((spec, _, view) =>
    ((stateBits(view) & spec.states) !== 0) === spec.invert
      ? `state ${view.ctState} is ${spec.invert ? '' : 'not '}${printStates(spec.states)}`
      : null,
  ),
};
