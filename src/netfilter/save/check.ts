// What the kernel checks when a table is committed (ip_tables.c mark_source_chains, find_check_entry): no loops of chains
// that a hook can reach, and every extension stands where it is allowed. Rules that break this are taken out.
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import type { HookName, TableName } from '../../trace/types.ts';
import { HOOKS_OF } from './tables.ts';
import type { ChainDraft, TableDraft } from './draft.ts';
import type { Rule } from '../types.ts';

type Complain = (rule: Rule, chain: string, reason: string, fix: string | null) => void;

/** Chain -> hooks that reach it, following jumps. A jump back into a chain on the way is a loop. */
function reach(table: TableDraft, complain: Complain): Map<string, Set<HookName>> {
  const hooksOf = new Map<string, Set<HookName>>();
  for (const hook of HOOKS_OF[table.name]) {
    const path: string[] = [];
    const visit = (chain: ChainDraft): void => {
      const seen = hooksOf.get(chain.name) ?? new Set();
      hooksOf.set(chain.name, seen.add(hook));
      path.push(chain.name);
      const bad = new Set<Rule>();
      for (const rule of chain.rules) {
        if (rule.target?.kind !== 'jump' && rule.target?.kind !== 'goto') continue;
        const { name } = rule.target;
        const next = table.chains.get(name);
        if (next === undefined) continue;
        if (path.includes(name)) {
          bad.add(rule);
          const circle = [...path.slice(path.indexOf(name)), name].join(' -> ');
          complain(
            rule,
            chain.name,
            `loop of chains: ${circle}`,
            'a chain must not come back to itself',
          );
        } else if (hooksOf.get(name)?.has(hook) !== true) visit(next);
      }
      if (bad.size > 0) chain.rules = chain.rules.filter((rule) => !bad.has(rule));
      path.pop();
    };
    const base = table.chains.get(hook);
    if (base !== undefined) visit(base);
  }
  return hooksOf;
}

/** Hooks of `hooks` where an extension must not stand. */
function refused(rule: Rule, hooks: ReadonlySet<HookName>): string | null {
  const parts = [
    ...rule.matches.map(({ name, spec }) => ({
      what: `match ${name}`,
      module: findMatch(name),
      spec,
    })),
    ...(rule.target?.kind === 'extension'
      ? [
          {
            what: `target ${rule.target.name}`,
            module: findTarget(rule.target.name),
            spec: rule.target.spec,
          },
        ]
      : []),
  ];
  for (const { what, module, spec } of parts) {
    const allowed = module?.limits?.hooks;
    const not = module?.refusedHooks?.(spec) ?? [];
    const bad = [...hooks].find((hook) => allowed?.includes(hook) === false || not.includes(hook));
    if (bad !== undefined) return `${what} is not valid in ${bad}`;
  }
  return null;
}

export function checkTable(table: TableDraft, complain: Complain): void {
  const hooksOf = reach(table, complain);
  for (const chain of table.chains.values()) {
    const hooks = hooksOf.get(chain.name);
    if (hooks === undefined) continue;
    const bad = new Set<Rule>();
    for (const rule of chain.rules) {
      const reason = refused(rule, hooks);
      if (reason === null) continue;
      bad.add(rule);
      complain(rule, chain.name, reason, null);
    }
    if (bad.size > 0) chain.rules = chain.rules.filter((rule) => !bad.has(rule));
  }
}

/** `-o` in chains before routing, `-i` in chains of local packets. */
export function deviceProblem(table: TableName, chain: string, rule: Rule): string | null {
  if (!(HOOKS_OF[table] as readonly string[]).includes(chain)) return null;
  if (rule.header.out !== null && (chain === 'PREROUTING' || chain === 'INPUT'))
    return `Can't use -o with ${chain}`;
  if (rule.header.in !== null && (chain === 'POSTROUTING' || chain === 'OUTPUT'))
    return `Can't use -i with ${chain}`;
  return null;
}
