// What the kernel checks when a table is committed (ip_tables.c mark_source_chains, find_check_entry): no loops of chains
// that a hook can reach, and every extension stands where it is allowed. Rules that break this are taken out.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { Limits } from '../module.ts';
import type { HookName } from '../../trace/types.ts';
import { addCall, type ChainDraft, type TableDraft } from './draft.ts';
import { hookBits, HOOKS_OF } from './tables.ts';
import type { Rule, RuleHeader } from '../types.ts';

type Complain = (rule: Rule, chain: string, reason: string, fix: string | null) => void;

interface Limited {
  readonly limits?: Limits;
  refusedHooks?(spec: unknown): readonly HookName[];
}
/** The hooks where the extension must not stand, as bits. */
export function refusedBits(module: Limited | undefined, spec: unknown): number {
  if (module === undefined) return 0;
  const { limits } = module;
  const bits = limits?.hooks === undefined ? 0 : ~hookBits(limits.hooks);
  return module.refusedHooks === undefined ? bits : bits | hookBits(module.refusedHooks(spec));
}

function survey(table: TableDraft, chain: ChainDraft): readonly ChainDraft[] {
  chain.calls = [];
  chain.refuses = 0;
  for (const { matches, target } of chain.rules) {
    for (const { name, spec } of matches) chain.refuses |= refusedBits(findMatch(name), spec);
    if (target?.kind === 'extension')
      chain.refuses |= refusedBits(findTarget(target.name), target.spec);
    else if (target?.kind === 'jump' || target?.kind === 'goto') {
      const callee = table.chains.get(target.name);
      if (callee !== undefined) addCall(chain, callee);
    }
  }
  return chain.calls;
}

function takeOut(chain: ChainDraft, bad: ReadonlySet<Rule>): void {
  chain.rules = chain.rules.filter((rule) => !bad.has(rule));
}

/**
 * Follows the jumps from the hooks on, and gives the chains that some hook reaches, callees before callers. A jump back into a chain
 * on the way is a loop; its rules are taken out.
 */
function reach(table: TableDraft, complain: Complain): ChainDraft[] {
  const done: ChainDraft[] = [];
  const way: ChainDraft[] = [];
  for (const chain of table.chains.values()) {
    chain.hooks = 0;
    chain.visit = 'none';
  }
  const visit = (chain: ChainDraft): void => {
    chain.visit = 'open';
    way.push(chain);
    for (const callee of chain.calls ?? survey(table, chain)) {
      if (callee.visit === 'none') visit(callee);
      else if (callee.visit === 'open') breakLoop(way, callee, complain);
    }
    chain.visit = 'done';
    way.pop();
    done.push(chain);
  };
  for (const hook of HOOKS_OF[table.name]) {
    const base = table.chains.get(hook);
    if (base === undefined) continue;
    visit(base);
    base.hooks = hookBits([hook]);
  }
  return done;
}

/** The last chain of the way goes back to another of it. */
function breakLoop(way: readonly ChainDraft[], to: ChainDraft, complain: Complain): void {
  const chain = way[way.length - 1]!;
  const circle = [...way.slice(way.indexOf(to)), to].map(({ name }) => name).join(' -> ');
  const fix = 'a chain must not come back to itself';
  const bad = chain.rules.filter(
    ({ target }) => target?.name === to.name && (target.kind === 'jump' || target.kind === 'goto'),
  );
  for (const rule of bad) complain(rule, chain.name, `loop of chains: ${circle}`, fix);
  chain.calls = (chain.calls ?? []).filter((callee) => callee !== to);
  takeOut(chain, new Set(bad));
}

/** Why the rule must not be reached from one of the hooks. */
function refused({ matches, target }: Rule, hooks: readonly HookName[]): string | null {
  const hookOf = (module: Limited | undefined, spec: unknown): HookName | undefined => {
    const bits = refusedBits(module, spec);
    return bits === 0 ? undefined : hooks.find((hook) => hookBits([hook]) & bits);
  };
  for (const { name, spec } of matches) {
    const hook = hookOf(findMatch(name), spec);
    if (hook !== undefined) return `match ${name} is not valid in ${hook}`;
  }
  if (target?.kind !== 'extension') return null;
  const hook = hookOf(findTarget(target.name), target.spec);
  return hook === undefined ? null : `target ${target.name} is not valid in ${hook}`;
}

export function checkTable(table: TableDraft, complain: Complain): void {
  // Callers before callees, so that one pass hands the hooks down.
  for (const chain of reach(table, complain).reverse()) {
    for (const callee of chain.calls ?? []) callee.hooks |= chain.hooks;
    if ((chain.hooks & chain.refuses) === 0) continue;
    const hooks = HOOKS_OF[table.name].filter((hook) => hookBits([hook]) & chain.hooks);
    const bad = new Set<Rule>();
    for (const rule of chain.rules) {
      const reason = refused(rule, hooks);
      if (reason === null) continue;
      bad.add(rule);
      complain(rule, chain.name, reason, null);
    }
    takeOut(chain, bad);
    chain.calls = null;
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
