// What the kernel checks when a table is committed (ip_tables.c mark_source_chains, find_check_entry): no loops of chains
// that a hook can reach, and every extension stands where it is allowed. Rules that break this are taken out.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { Limits } from '../module.ts';
import type { HookName } from '../../trace/types.ts';
import { HOOKS_OF } from './tables.ts';
import type { ChainDraft, TableDraft } from './draft.ts';
import type { Rule } from '../types.ts';

type Complain = (rule: Rule, chain: string, reason: string, fix: string | null) => void;

/** Chain -> hooks that reach it, as bits by their place in the table. A jump back into a chain on the way is a loop. */
function reach(table: TableDraft, complain: Complain): Map<string, number> {
  const reached = new Map<string, number>();
  const path = new Set<string>();
  const visit = (chain: ChainDraft, bit: number): void => {
    reached.set(chain.name, (reached.get(chain.name) ?? 0) | bit);
    path.add(chain.name);
    const bad = new Set<Rule>();
    for (const rule of chain.rules) {
      const { target } = rule;
      if (target === null || (target.kind !== 'jump' && target.kind !== 'goto')) continue;
      const next = table.chains.get(target.name);
      if (next === undefined) continue;
      if (path.has(target.name)) {
        const names = [...path];
        const circle = [...names.slice(names.indexOf(target.name)), target.name].join(' -> ');
        bad.add(rule);
        complain(
          rule,
          chain.name,
          `loop of chains: ${circle}`,
          'a chain must not come back to itself',
        );
      } else if (((reached.get(target.name) ?? 0) & bit) === 0) visit(next, bit);
    }
    if (bad.size > 0) chain.rules = chain.rules.filter((rule) => !bad.has(rule));
    path.delete(chain.name);
  };
  HOOKS_OF[table.name].forEach((hook, place) => {
    const base = table.chains.get(hook);
    if (base !== undefined) visit(base, 1 << place);
  });
  return reached;
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
  const reached = reach(table, complain);
  for (const chain of table.chains.values()) {
    const bits = reached.get(chain.name) ?? 0;
    const hooks = HOOKS_OF[table.name].filter((_, place) => bits & (1 << place));
    const bad = new Set<Rule>();
    for (const rule of hooks.length === 0 ? [] : chain.rules) {
      const reason = refused(rule, hooks);
      if (reason === null) continue;
      bad.add(rule);
      complain(rule, chain.name, reason, null);
    }
    if (bad.size > 0) chain.rules = chain.rules.filter((rule) => !bad.has(rule));
  }
}

/** `-o` in base chains before routing, `-i` in those of local packets. */
export function deviceProblem(hook: string, { header }: Rule): string | null {
  if (header.out !== null && (hook === 'PREROUTING' || hook === 'INPUT'))
    return `Can't use -o with ${hook}`;
  if (header.in !== null && (hook === 'POSTROUTING' || hook === 'OUTPUT'))
    return `Can't use -i with ${hook}`;
  return null;
}
