// One routing decision: policy rules in order of priority, each pointing to a table, in it the longest prefix
// (fib_rules_lookup, fib_table_lookup). A table without a match sends the search on to the next rule.
import { contains } from '../../wire/addr/prefix.ts';
import { remember } from '../../base/remember.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { memo } from '../../wire/addr/memo.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { printRule } from './print.ts';
import type { Fib, FibHit, FibKey, PolicyRule, Route } from './types.ts';

const noRoute = remember((rule: PolicyRule) =>
  memo((dst: IpAddr): string => `${printRule(rule)}: no route to ${printAddr(dst)}`),
);

const fits = (rule: PolicyRule, key: FibKey): string | null => {
  if (rule.iif !== null && rule.iif !== key.iif) return `iif is ${key.iif}`;
  if (rule.oif !== null && rule.oif !== key.oif) return `oif is ${key.oif ?? 'not set'}`;
  if (rule.fwmark !== null && ((key.mark ^ rule.fwmark.value) & rule.fwmark.mask) !== 0)
    return `mark is 0x${key.mark.toString(16)}`;
  // A lookup without a source matches `from all` only (fib4_rule_match compares with 0.0.0.0).
  if (rule.from !== null && rule.from.length > 0)
    if (key.src === null || !contains(rule.from, key.src))
      return key.src === null ? 'no source yet' : `source is ${printAddr(key.src)}`;
  if (rule.to !== null && !contains(rule.to, key.dst))
    return `destination is ${printAddr(key.dst)}`;
  return null;
};

const routeFits = (route: Route, key: FibKey): boolean =>
  contains(route.dst, key.dst) &&
  (key.oif === null || route.dev === null || route.dev.name === key.oif) &&
  (route.dev === null || route.dev.up || route.type === 'local');

/** What a lookup passed over, for the reader. */
export interface PassedOver {
  list: readonly string[];
}
export const nothingPassed = (): PassedOver => ({ list: NOTHING });
const NOTHING: readonly string[] = [];

/** The rule and route that decide, or null where nothing matched. */
export function fibLookup(fib: Fib, key: FibKey, passed: PassedOver | null = null): FibHit | null {
  for (const rule of fib.rules) {
    const why = fits(rule, key);
    if ((why === null) === rule.not) {
      if (passed !== null)
        pass(passed, `${printRule(rule)}: ${why ?? 'the selector fits, but the rule says not'}`);
      continue;
    }
    const table = fib.tables.get(rule.table);
    if (table === undefined) continue;
    const route = firstFit(table, key);
    if (route !== null) return { rule, route };
    if (passed !== null && table.length > 0) pass(passed, noRoute(rule)(key.dst));
  }
  return null;
}

/** A list as long as it must be: a trace keeps it. */
function pass(passed: PassedOver, text: string): void {
  passed.list = [...passed.list, text];
}

function firstFit(table: readonly Route[], key: FibKey): Route | null {
  for (const route of table) if (routeFits(route, key)) return route;
  return null;
}

/** Lookup in one table only (`ip route get ... table`, gateway checks). */
export function tableLookup(fib: Fib, table: string, key: FibKey): Route | null {
  const routes = fib.tables.get(table);
  return routes === undefined ? null : firstFit(routes, key);
}
