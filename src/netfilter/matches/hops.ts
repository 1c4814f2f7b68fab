// What `-m ttl` (IPv4) and `-m hl` (IPv6) share: one comparison with a number (net/netfilter/xt_hl.c).
import { byMismatch, type Given, type MatchModule, type ParseContext } from '../module.ts';
import { parseNumber } from '../save/values.ts';
import type { Family } from '../../trace/types.ts';

export interface HopsSpec {
  readonly compare: 'eq' | 'ne' | 'lt' | 'gt';
  readonly value: number;
}
const WORDS = { eq: '', ne: 'other than ', lt: 'less than ', gt: 'more than ' } as const;

export function hopsMatch(
  name: 'ttl' | 'hl',
  family: Family,
  label: string,
): MatchModule<HopsSpec> {
  return {
    name,
    limits: { families: [family] },
    options: { [name]: '!1', [`${name}-eq`]: '!1', [`${name}-lt`]: '1', [`${name}-gt`]: '1' },
    parse(given: readonly Given[], ctx: ParseContext): HopsSpec {
      const option = given[0];
      if (option === undefined || given.length > 1)
        ctx.fail(`${name}: exactly one option is required`);
      const compare = option?.name.endsWith('-lt')
        ? 'lt'
        : option?.name.endsWith('-gt')
          ? 'gt'
          : option?.invert
            ? 'ne'
            : 'eq';
      return { compare, value: parseNumber(option?.values[0] ?? '', ctx, name, 255) };
    },
    print: ({ compare, value }) =>
      compare === 'ne' ? ` ! --${name}-eq ${value}` : ` --${name}-${compare} ${value}`,
    ...byMismatch<HopsSpec>(({ compare, value }, facts) => {
      const fits = {
        eq: facts.ttl === value,
        ne: facts.ttl !== value,
        lt: facts.ttl < value,
        gt: facts.ttl > value,
      }[compare];
      return fits ? null : `${label} ${facts.ttl} is not ${WORDS[compare]}${value}`;
    }),
  };
}
