// -m conntrack: state, tuples, status and direction of the packet's connection (net/netfilter/xt_conntrack.c conntrack_mt).
import { bang, type Given, type MatchModule, type ParseContext } from '../module.ts';
import { parseStates, printStates, stateBits } from './ct-states.ts';
import { parseTupleOption, printTuple, TUPLE_OPTIONS, tupleMismatch } from './ct-tuple.ts';
import type { TupleCondition } from './ct-tuple.ts';
import { parseStatus, printStatus, statusBits } from './ct-status.ts';
import { parseRange, printPortRange, type Range } from '../save/values.ts';
import { SECOND } from '../../base/queue.ts';
import type { CtDirection } from '../../trace/types.ts';
import type { NfView } from '../types.ts';

interface Bits {
  readonly bits: number;
  readonly invert: boolean;
}
export interface ConntrackSpec {
  readonly state: Bits | null;
  readonly tuple: readonly TupleCondition[];
  readonly status: Bits | null;
  readonly expire: (Range & { readonly invert: boolean }) | null;
  readonly direction: CtDirection | null;
}

const stateFits = (state: Bits, view: NfView): boolean =>
  ((stateBits(view) & state.bits) !== 0) !== state.invert;

function mismatch(spec: ConntrackSpec, view: NfView): string | null {
  const { state, status, expire, direction } = spec;
  if (state !== null && !stateFits(state, view))
    return `ctstate ${printStates(stateBits(view))} is ${state.invert ? '' : 'not '}${printStates(state.bits)}`;
  // Without a connection only the state can be asked.
  if (view.ct === null) return state === null ? 'the packet belongs to no connection' : null;
  const { entry } = view.ct;
  if (direction !== null && view.ct.direction !== direction)
    return `the packet goes in ${view.ct.direction} direction`;
  const tuple = tupleMismatch(spec.tuple, entry);
  if (tuple !== null) return tuple;
  if (status !== null && ((statusBits(entry) & status.bits) !== 0) === status.invert)
    return `ctstatus ${printStatus(statusBits(entry))} is ${status.invert ? '' : 'not '}${printStatus(status.bits)}`;
  if (expire !== null) {
    const left = Math.max(0, Math.floor((entry.expires - view.now) / SECOND));
    if ((left >= expire.min && left <= expire.max) === expire.invert)
      return `the connection expires in ${left} s, ${expire.invert ? 'in' : 'not in'} ${printPortRange(expire)}`;
  }
  return null;
}

function parse(given: readonly Given[], ctx: ParseContext): ConntrackSpec {
  let spec: ConntrackSpec = { state: null, tuple: [], status: null, expire: null, direction: null };
  if (given.length === 0) ctx.fail('at least one option is required');
  for (const option of given) {
    const text = option.values[0] ?? '';
    const { invert } = option;
    switch (option.name) {
      case 'ctstate':
        spec = { ...spec, state: { bits: parseStates(text, ctx, true), invert } };
        break;
      case 'ctstatus':
        spec = { ...spec, status: { bits: parseStatus(text, ctx), invert } };
        break;
      case 'ctexpire':
        spec = { ...spec, expire: { ...parseRange(text, ctx, 'ctexpire', 0xffffffff), invert } };
        break;
      case 'ctdir': {
        const word = text.toUpperCase();
        if (word !== 'ORIGINAL' && word !== 'REPLY')
          ctx.fail(`unknown direction "${text}"`, 'ORIGINAL or REPLY');
        spec = { ...spec, direction: word === 'REPLY' ? 'reply' : 'original' };
        break;
      }
      default:
        spec = { ...spec, tuple: [...spec.tuple, parseTupleOption(option, ctx)] };
    }
  }
  return spec;
}

export const conntrack: MatchModule<ConntrackSpec> = {
  name: 'conntrack',
  options: {
    ctstate: '!1',
    ...TUPLE_OPTIONS,
    ctstatus: '!1',
    ctexpire: '!1',
    ctdir: '1',
  },
  pure: true,
  needsConntrack: () => true,
  parse,
  print(spec) {
    const { state, status, expire, direction } = spec;
    return (
      (state ? `${bang(state.invert)} --ctstate ${printStates(state.bits)}` : '') +
      printTuple(spec.tuple) +
      (status ? `${bang(status.invert)} --ctstatus ${printStatus(status.bits)}` : '') +
      (expire ? `${bang(expire.invert)} --ctexpire ${printPortRange(expire)}` : '') +
      (direction ? ` --ctdir ${direction.toUpperCase()}` : '')
    );
  },
  compile(spec) {
    const { state } = spec;
    const alone =
      spec.tuple.length === 0 && spec.status === null && spec.expire === null && !spec.direction;
    if (state !== null && alone) return (_, view) => stateFits(state, view);
    return (_, view) => mismatch(spec, view) === null;
  },
  explain: (spec, _, view) => mismatch(spec, view),
};
