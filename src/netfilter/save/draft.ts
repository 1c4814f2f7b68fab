// A ruleset while a text is read into it: mutable tables and chains, and the commands of iptables on them.
import { sortChains } from './print.ts';
import { HOOKS_OF } from './tables.ts';
import type { Chain, Rule, Ruleset, Table, TargetInstance } from '../types.ts';
import type { Family, TableName } from '../../trace/types.ts';

export interface ChainDraft {
  readonly name: string;
  /** null: it was deleted. */
  of: TableDraft | null;
  policy: 'ACCEPT' | 'DROP' | null;
  packets: number;
  bytes: number;
  rules: readonly Rule[];
  /** The target `-j` to it, which all rules share. */
  readonly jump: TargetInstance;
  /** The chains that its rules go on with; one may stand here more than once. null: not known, nor is `refuses`; the check finds out. */
  calls: readonly ChainDraft[] | null;
  /** Hooks, as bits, that some rule must not be reached from. */
  refuses: number;
  /** Hooks that reach it, and how far the check has come with it. */
  hooks: number;
  visit: 'none' | 'open' | 'done';
}
export interface TableDraft {
  readonly name: TableName;
  readonly chains: Map<string, ChainDraft>;
}
export type Draft = Map<TableName, TableDraft>;

const NO_CALLS: readonly ChainDraft[] = [];
const NO_RULES: readonly Rule[] = [];

function emptyChain(of: TableDraft, name: string, policy: ChainDraft['policy']): ChainDraft {
  const jump: TargetInstance = { name, kind: 'jump', spec: null };
  return {
    name, of, policy, packets: 0, bytes: 0, rules: NO_RULES, jump, calls: NO_CALLS, refuses: 0, hooks: 0, visit: 'none',
  }; // prettier-ignore
}

export function freshTable(name: TableName): TableDraft {
  const table: TableDraft = { name, chains: new Map() };
  for (const hook of HOOKS_OF[name]) table.chains.set(hook, emptyChain(table, hook, 'ACCEPT'));
  return table;
}
export function addChain(table: TableDraft, name: string): ChainDraft {
  const chain = emptyChain(table, name, null);
  table.chains.set(name, chain);
  return chain;
}
export function removeChain(table: TableDraft, chain: ChainDraft): void {
  chain.of = null;
  table.chains.delete(chain.name);
}

/** Most lists here have up to four items: an array that grows by itself would keep room for seventeen. */
function longer<T>(list: readonly T[], item: T): readonly T[] {
  switch (list.length) {
    case 0:
      return [item];
    case 1:
      return [list[0]!, item];
    case 2:
      return [list[0]!, list[1]!, item];
    case 3:
      return [list[0]!, list[1]!, list[2]!, item];
    default:
      // Made here, and nobody else's yet.
      (list as T[]).push(item);
      return list;
  }
}
export function addRule(chain: ChainDraft, rule: Rule): void {
  chain.rules = longer(chain.rules, rule);
}
export function addCall(chain: ChainDraft, callee: ChainDraft): void {
  const { calls } = chain;
  if (calls !== null && calls[calls.length - 1] !== callee) chain.calls = longer(calls, callee);
}
export function flush(chain: ChainDraft): void {
  chain.rules = NO_RULES;
  chain.calls = NO_CALLS;
  chain.refuses = 0;
}

export const draftOf = (ruleset: Ruleset): Draft =>
  new Map(
    ruleset.tables.map(({ name, chains }) => {
      const table: TableDraft = { name, chains: new Map() };
      for (const chain of chains) {
        const draft = emptyChain(table, chain.name, chain.policy);
        const { packets, bytes } = chain;
        table.chains.set(
          chain.name,
          Object.assign(draft, { packets, bytes, rules: [...chain.rules], calls: null }),
        );
      }
      return [name, table];
    }),
  );

export const finish = (draft: Draft, family: Family): Ruleset => ({
  family,
  tables: [...draft.values()].map((table): Table => {
    const chains: Chain[] = [];
    for (const { name, policy, packets, bytes, rules } of table.chains.values())
      chains.push({ name, policy, packets, bytes, rules });
    return { name: table.name, chains: sortChains(table.name, chains) };
  }),
});

/** Who jumps to the chain: it cannot be deleted then. */
export const isReferenced = (table: TableDraft, name: string): boolean =>
  [...table.chains.values()].some((chain) =>
    chain.rules.some((rule) => rule.target?.name === name && rule.target.kind !== 'extension'),
  );
