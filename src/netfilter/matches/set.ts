// -m set: is the packet in an IP set? (net/netfilter/xt_set.c)
import { printAddr } from '../../wire/addr/ip.ts';
import { bang, need, type Given, type MatchModule, type ParseContext } from '../module.ts';
import { inSet, type SetSide } from '../ipset-test.ts';

export interface SetSpec {
  readonly set: string;
  readonly sides: readonly SetSide[];
  readonly invert: boolean;
  readonly returnNomatch: boolean;
}

export function parseSides(text: string, ctx: ParseContext): readonly SetSide[] {
  const words = text.split(',');
  if (words.length > 6) ctx.fail('a set has at most six dimensions');
  return words.map((word) => {
    if (word !== 'src' && word !== 'dst')
      ctx.fail(`"${word}" is not a side of a set`, 'a list of src and dst');
    return word === 'dst' ? 'dst' : 'src';
  });
}

const UNMODELLED = [
  'update-counters', 'update-subcounters', 'packets-eq', 'packets-lt', 'packets-gt', 'bytes-eq', 'bytes-lt', 'bytes-gt',
]; // prettier-ignore

export const set: MatchModule<SetSpec> = {
  name: 'set',
  options: {
    'match-set': '!2', 'return-nomatch': '0', 'update-counters': '!0', 'update-subcounters': '!0',
    'packets-eq': '!1', 'packets-lt': '1', 'packets-gt': '1', 'bytes-eq': '!1', 'bytes-lt': '1', 'bytes-gt': '1',
  }, // prettier-ignore
  pure: false,
  parse(given: readonly Given[], ctx) {
    const option = need(given, ctx, 'match-set');
    for (const { name } of given)
      if (UNMODELLED.includes(name))
        ctx.fail(`set: --${name} is not modelled (sets have no counters here)`);
    return {
      set: option.values[0] ?? '',
      sides: parseSides(option.values[1] ?? '', ctx),
      invert: option.invert,
      returnNomatch: given.some(({ name }) => name === 'return-nomatch'),
    };
  },
  print: (spec) =>
    `${bang(spec.invert)} --match-set ${spec.set} ${spec.sides.join(',')}` +
    (spec.returnNomatch ? ' --return-nomatch' : ''),
  compile(spec, { state }) {
    return (facts, view) => {
      const target = state.sets.get(spec.set);
      if (target === undefined) return false;
      return inSet(state.sets, target, spec.sides, facts, view) !== spec.invert;
    };
  },
  explain(spec, facts) {
    const words = spec.sides.map(
      (side) => `${side} ${printAddr(side === 'src' ? facts.src : facts.dst)}`,
    );
    return `${[...new Set(words)].join(', ')} is ${spec.invert ? '' : 'not '}in set ${spec.set}`;
  },
};
