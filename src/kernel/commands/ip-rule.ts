// ip-rule(8): add, delete, flush.
import { addRule, tableName } from '../../net/fib/table.ts';
import type { Fib, PolicyRule } from '../../net/fib/types.ts';
import type { PolicyRuleSpec } from '../../network/types.ts';
import { parseRule } from '../boot-routes.ts';
import type { IpObject } from './ip-object.ts';
import { verbOf } from './ip-object.ts';
import { keywords } from './shell.ts';

const TABLE = ['lookup', 'table'];
const PRIORITY = ['priority', 'pref', 'preference', 'order', 'prio'];

/** One below the smallest after 0, as the kernel chooses (fib_default_rule_pref). */
const freePriority = (fib: Fib): number => Math.max((fib.rules[1]?.priority ?? 1) - 1, 0);

function specOf(fib: Fib, words: readonly string[]): PolicyRuleSpec {
  const options = keywords(words, ['not']);
  const first = (names: readonly string[]): string | undefined =>
    names.map((name) => options.get(name)).find((value) => value !== undefined);
  const text = (name: string): Record<string, string> =>
    options.has(name) ? { [name]: options.get(name)! } : {};
  return {
    priority: Number(first(PRIORITY) ?? freePriority(fib)),
    lookup: first(TABLE) ?? 'main',
    ...text('from'),
    ...text('to'),
    ...text('fwmark'),
    ...text('iif'),
    ...text('oif'),
    ...(options.has('not') ? { not: true } : {}),
  };
}

export const ipRule: IpObject = (_k, ns, words, family) => {
  const [word = '', ...rest] = words;
  const verb = verbOf(word);
  if (verb === 'show' || verb === 'list') return null;
  const v6 = family === 'ipv6' || rest.some((w) => w.includes(':'));
  const fib = v6 ? ns.fib6 : ns.fib4;
  if (verb === 'flush') {
    const kept = fib.rules.filter((r) => r.priority === 0);
    fib.rules.splice(0, fib.rules.length, ...kept);
    return null;
  }
  let problem: string | null = null;
  const spec = specOf(fib, rest);
  const rule = parseRule(spec, (reason) => {
    problem = reason;
  });
  if (rule === null) return problem;
  if (verb === 'add') {
    addRule(fib, rule);
    return null;
  }
  if (verb !== 'delete') return `ip rule ${verb} is not modelled`;
  const said = (names: readonly string[]): boolean => names.some((name) => rest.includes(name));
  const key = (r: PolicyRule): string =>
    JSON.stringify([r.from, r.to, r.fwmark, r.iif, r.oif, r.not], (_, v: unknown) =>
      typeof v === 'bigint' ? String(v) : v,
    );
  const selects = ['from', 'to', 'fwmark', 'iif', 'oif', 'not'].some((name) => rest.includes(name));
  const at = fib.rules.findIndex(
    (r) =>
      (!said(PRIORITY) || r.priority === rule.priority) &&
      (!said(TABLE) || r.table === tableName(spec.lookup)) &&
      (!selects || key(r) === key(rule)),
  );
  if (at < 0) return 'RTNETLINK answers: No such file or directory';
  fib.rules.splice(at, 1);
  return null;
};
