// A ruleset while a text is read into it: mutable tables and chains, and the commands of iptables on them.
import { sortChains } from './print.ts';
import { HOOKS_OF } from './tables.ts';
import type { Chain, Rule, Ruleset, Table, TargetInstance } from '../types.ts';
import type { Family, TableName } from '../../trace/types.ts';

/** A chain that some hook reaches: which hooks, as bits by their place in the table, and where its rules jump to. */
export interface Reached {
  readonly chain: ChainDraft;
  readonly next: Reached[];
  hooks: number;
  /** On the way from the hook to the chain that is looked at now. */
  open: boolean;
}

export interface ChainDraft {
  readonly name: string;
  policy: 'ACCEPT' | 'DROP' | null;
  packets: number;
  bytes: number;
  rules: Rule[];
  /** The targets `-j` and `-g` to it, which all rules share. */
  readonly jump: TargetInstance;
  goto: TargetInstance | null;
  /** Of the check when the table is committed. */
  reached: Reached | null;
}
export interface TableDraft {
  readonly name: TableName;
  readonly chains: Map<string, ChainDraft>;
}
export type Draft = Map<TableName, TableDraft>;

const emptyChain = (name: string, policy: ChainDraft['policy']): ChainDraft => ({
  name,
  policy,
  packets: 0,
  bytes: 0,
  rules: [],
  jump: { name, kind: 'jump', spec: null },
  goto: null,
  reached: null,
});

export function freshTable(name: TableName): TableDraft {
  const chains = HOOKS_OF[name].map((hook): [string, ChainDraft] => [
    hook,
    emptyChain(hook, 'ACCEPT'),
  ]);
  return { name, chains: new Map(chains) };
}
export function addChain(table: TableDraft, name: string): ChainDraft {
  const chain = emptyChain(name, null);
  table.chains.set(name, chain);
  return chain;
}

/** Most chains have two rules: an array that grows by itself would keep room for seventeen. */
export function addRule(chain: ChainDraft, rule: Rule): void {
  const { rules } = chain;
  if (rules.length === 0) chain.rules = [rule];
  else if (rules.length === 1) chain.rules = [rules[0]!, rule];
  else rules.push(rule);
}

export const draftOf = (ruleset: Ruleset): Draft =>
  new Map(
    ruleset.tables.map((table) => [
      table.name,
      {
        name: table.name,
        chains: new Map(
          table.chains.map((chain) => [
            chain.name,
            { ...emptyChain(chain.name, chain.policy), ...chain, rules: [...chain.rules] },
          ]),
        ),
      },
    ]),
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
