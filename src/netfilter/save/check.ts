// What the kernel checks when a table is committed (ip_tables.c mark_source_chains, find_check_entry): no loops of chains
// that a hook can reach, and every extension stands where it is allowed. Rules that break this are taken out.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { Limits } from '../module.ts';
import type { HookName } from '../../trace/types.ts';
import { HOOKS_OF } from './tables.ts';
import type { ChainDraft, Reached, TableDraft } from './draft.ts';
import type { Rule, RuleHeader } from '../types.ts';

type Complain = (rule: Rule, chain: string, reason: string, fix: string | null) => void;

/** Follows the jumps from the hooks on. A jump back into a chain on the way is a loop; its rule is taken out. */
function reach(table: TableDraft, complain: Complain): readonly Reached[] {
  const done: Reached[] = [];
  const way: string[] = [];
  for (const chain of table.chains.values()) chain.reached = null;
  const visit = (chain: ChainDraft): Reached => {
    const here: Reached = { chain, next: [], hooks: 0, open: true };
    chain.reached = here;
    way.push(chain.name);
    let bad: Set<Rule> | null = null;
    for (const rule of chain.rules) {
      const { target } = rule;
      if (target === null || (target.kind !== 'jump' && target.kind !== 'goto')) continue;
      const callee = table.chains.get(target.name);
      if (callee === undefined) continue;
      if (callee.reached?.open === true) {
        const circle = [...way.slice(way.indexOf(target.name)), target.name].join(' -> ');
        (bad ??= new Set()).add(rule);
        complain(
          rule,
          chain.name,
          `loop of chains: ${circle}`,
          'a chain must not come back to itself',
        );
      } else here.next.push(callee.reached ?? visit(callee));
    }
    if (bad !== null) chain.rules = chain.rules.filter((rule) => bad.has(rule) === false);
    here.open = false;
    way.pop();
    done.push(here);
    return here;
  };
  HOOKS_OF[table.name].forEach((hook, place) => {
    const base = table.chains.get(hook);
    if (base !== undefined) visit(base).hooks = 1 << place;
  });
  // Callers before callees, so that one pass hands the hooks down.
  for (const { next, hooks } of done.reverse()) for (const callee of next) callee.hooks |= hooks;
  return done;
}

interface Limited {
  readonly limits?: Limits;
  refusedHooks?(spec: unknown): readonly HookName[];
}
/** The first of `hooks` where the extension must not stand. */
function refusedHook(
  module: Limited | undefined,
  spec: unknown,
  hooks: readonly HookName[],
): HookName | null {
  const allowed = module?.limits?.hooks;
  if (allowed === undefined && module?.refusedHooks === undefined) return null;
  const not = module?.refusedHooks?.(spec) ?? [];
  return hooks.find((hook) => allowed?.includes(hook) === false || not.includes(hook)) ?? null;
}
function refused({ matches, target }: Rule, hooks: readonly HookName[]): string | null {
  for (const { name, spec } of matches) {
    const hook = refusedHook(findMatch(name), spec, hooks);
    if (hook !== null) return `match ${name} is not valid in ${hook}`;
  }
  if (target?.kind !== 'extension') return null;
  const hook = refusedHook(findTarget(target.name), target.spec, hooks);
  return hook === null ? null : `target ${target.name} is not valid in ${hook}`;
}

export function checkTable(table: TableDraft, complain: Complain): void {
  const hooksOf = new Map<number, readonly HookName[]>();
  for (const { chain, hooks: bits } of reach(table, complain)) {
    let hooks = hooksOf.get(bits);
    if (hooks === undefined) {
      hooks = HOOKS_OF[table.name].filter((_, place) => bits & (1 << place));
      hooksOf.set(bits, hooks);
    }
    let bad: Set<Rule> | null = null;
    for (const rule of chain.rules) {
      const reason = refused(rule, hooks);
      if (reason === null) continue;
      (bad ??= new Set()).add(rule);
      complain(rule, chain.name, reason, null);
    }
    if (bad !== null) chain.rules = chain.rules.filter((rule) => bad.has(rule) === false);
  }
}

/** `-o` in base chains before routing, `-i` in those of local packets. */
export function deviceProblem(hook: string, header: RuleHeader): string | null {
  if (header.out !== null && (hook === 'PREROUTING' || hook === 'INPUT'))
    return `Can't use -o with ${hook}`;
  if (header.in !== null && (hook === 'POSTROUTING' || hook === 'OUTPUT'))
    return `Can't use -i with ${hook}`;
  return null;
}
