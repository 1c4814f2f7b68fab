// -j SET: puts the packet's addresses into a set, or takes them out (net/netfilter/xt_set.c set_target).
// Simplified: entries have no time-out, and an address is not taken out of an entry that is a range.
import { find, type Given, type ParseContext, type TargetModule } from '../module.ts';
import { parseSetEntry, type SetEntry } from '../ipset-entry.ts';
import { packetElement, type SetSide } from '../ipset-test.ts';
import type { IpSet } from '../ipset.ts';
import type { Facts } from '../facts.ts';
import type { NfView } from '../types.ts';
import { parseSides } from '../matches/set.ts';

interface Change {
  readonly set: string;
  readonly sides: readonly SetSide[];
}
export interface SetTargetSpec {
  readonly add: Change | null;
  readonly del: Change | null;
  readonly exist: boolean;
}
function parseChange(option: Given | undefined, ctx: ParseContext): Change | null {
  if (option === undefined) return null;
  return { set: option.values[0] ?? '', sides: parseSides(option.values[1] ?? '', ctx) };
}
function packetEntry(
  set: IpSet,
  sides: readonly SetSide[],
  facts: Facts,
  view: NfView,
): SetEntry | null {
  const text = packetElement(set.parts, sides, facts, view);
  const entry = parseSetEntry(text, set.parts, set.family);
  return entry.ok ? entry.value : null;
}
const printChange = (name: string, change: Change | null): string =>
  change ? ` --${name} ${change.set} ${change.sides.join(',')}` : '';

export const SET: TargetModule<SetTargetSpec> = {
  name: 'SET',
  options: { 'add-set': '2', 'del-set': '2', 'map-set': '2', exist: '0', timeout: '1' },
  parse(given, ctx) {
    const add = parseChange(find(given, 'add-set'), ctx);
    const del = parseChange(find(given, 'del-set'), ctx);
    if (find(given, 'map-set')) ctx.fail('SET: --map-set is not modelled');
    if (find(given, 'timeout'))
      ctx.fail('SET: --timeout is not modelled (entries do not expire here)');
    if (!add && !del) ctx.fail('SET: you must specify --add-set or --del-set');
    return { add, del, exist: find(given, 'exist') !== undefined };
  },
  print: (spec) =>
    printChange('add-set', spec.add) +
    (spec.exist ? ' --exist' : '') +
    printChange('del-set', spec.del),
  compile:
    ({ add, del }, { state }) =>
    (facts, view) => {
      const target = add && state.sets.get(add.set);
      if (add && target) {
        const entry = packetEntry(target, add.sides, facts, view);
        if (entry !== null && !target.entries.has(entry.key)) target.entries.set(entry.key, entry);
      }
      const from = del && state.sets.get(del.set);
      if (del && from) {
        const entry = packetEntry(from, del.sides, facts, view);
        if (entry !== null) from.entries.delete(entry.key);
      }
      return 'continue';
    },
};
