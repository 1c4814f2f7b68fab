// What the kernel checks when a table is committed (ip_tables.c mark_source_chains, find_check_entry): no loops of chains
// that a hook can reach, and every extension stands where it is allowed. Rules that break this are taken out.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { Limits } from '../module.ts';
import type { HookName } from '../../trace/types.ts';
import { HOOKS_OF } from './tables.ts';
import type { ChainDraft, TableDraft } from './draft.ts';
import type { Rule, RuleHeader } from '../types.ts';

type Complain = (rule: Rule, chain: string, reason: string, fix: string | null) => void;

const jumpsTo = (table: TableDraft, { target }: Rule): ChainDraft | undefined =>
  target === null || (target.kind !== 'jump' && target.kind !== 'goto')
    ? undefined
    : table.chains.get(target.name);

/** The chains that the hooks reach, callers before callees. A jump back into a chain on the way is a loop. */
function inCallOrder(table: TableDraft, complain: Complain): readonly ChainDraft[] {
  const done: ChainDraft[] = [];
  /** true: on the way, false: done. */
  const open = new Map<ChainDraft, boolean>();
  const visit = (chain: ChainDraft): void => {
    open.set(chain, true);
    let bad: Set<Rule> | null = null;
    for (const rule of chain.rules) {
      const next = jumpsTo(table, rule);
      const state = next === undefined ? false : open.get(next);
      if (state === undefined) visit(next!);
      if (state !== true) continue;
      const way = [...open].filter(([, on]) => on).map(([{ name }]) => name);
      const circle = [...way.slice(way.indexOf(next!.name)), next!.name].join(' -> ');
      (bad ??= new Set()).add(rule);
      complain(
        rule,
        chain.name,
        `loop of chains: ${circle}`,
        'a chain must not come back to itself',
      );
    }
    if (bad !== null) chain.rules = chain.rules.filter((rule) => bad.has(rule) === false);
    open.set(chain, false);
    done.push(chain);
  };
  for (const hook of HOOKS_OF[table.name]) {
    const base = table.chains.get(hook);
    if (base !== undefined && !open.has(base)) visit(base);
  }
  return done.reverse();
}

/** Chain -> hooks that reach it, as bits by their place in the table. */
function reach(table: TableDraft, complain: Complain): Map<ChainDraft, number> {
  const order = inCallOrder(table, complain);
  const reached = new Map<ChainDraft, number>();
  HOOKS_OF[table.name].forEach((hook, place) => {
    const base = table.chains.get(hook);
    if (base !== undefined) reached.set(base, 1 << place);
  });
  for (const chain of order) {
    const bits = reached.get(chain) ?? 0;
    for (const rule of chain.rules) {
      const next = jumpsTo(table, rule);
      if (next !== undefined) reached.set(next, (reached.get(next) ?? 0) | bits);
    }
  }
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
  for (const [chain, bits] of reach(table, complain)) {
    const hooks = HOOKS_OF[table.name].filter((_, place) => bits & (1 << place));
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
