// A node's tables while its components install their rules, and the text in which `iptables-save` shows the result: built-in chains
// in hook order, then user chains by name; rules grouped by chain in that order. Rule texts stay as their component wrote them.
import { assertNever } from '../../base/assert.ts';
import type { Origin } from '../../network/types.ts';
import { BUILTIN } from './types.ts';
import type { IptCommand, IptRule, IptTable } from './types.ts';

interface ChainState {
  policy: 'ACCEPT' | 'DROP' | null;
  rules: IptRule[];
}
type TableState = Map<string, ChainState>;

/** One family of one namespace. Private to a compilation. */
export interface IptState {
  readonly tables: Map<IptTable, TableState>;
}
export const createState = (): IptState => ({ tables: new Map() });

export interface SavedText {
  readonly text: string;
  /** Origin of every rule by its line, from 1. */
  readonly origins: Readonly<Record<string, Origin>>;
}

function tableOf(state: IptState, name: IptTable): TableState {
  let table = state.tables.get(name);
  if (table === undefined) {
    table = new Map(BUILTIN[name].map((chain) => [chain, { policy: 'ACCEPT', rules: [] }]));
    state.tables.set(name, table);
  }
  return table;
}

function chainOf(state: IptState, tableName: IptTable, name: string): ChainState {
  const table = tableOf(state, tableName);
  let chain = table.get(name);
  if (chain === undefined) {
    chain = { policy: null, rules: [] };
    table.set(name, chain);
  }
  return chain;
}

export function applyCommand(state: IptState, command: IptCommand): void {
  switch (command.do) {
    case 'chain':
      chainOf(state, command.table, command.chain);
      return;
    case 'policy':
      chainOf(state, command.table, command.chain).policy = command.policy;
      return;
    case 'append':
    case 'insert': {
      const { rules } = chainOf(state, command.table, command.rule.chain);
      if (rules.some((rule) => rule.args === command.rule.args)) return;
      if (command.do === 'append') rules.push(command.rule);
      else rules.unshift(command.rule);
      return;
    }
    case 'restore':
      for (const part of command.tables) {
        for (const chain of part.chains) chainOf(state, part.table, chain).rules = [];
        for (const rule of part.rules) chainOf(state, part.table, rule.chain).rules.push(rule);
        for (const chain of part.deletions) tableOf(state, part.table).delete(chain);
      }
      return;
    default:
      assertNever(command);
  }
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One table in the order of iptables-save. */
export interface TableLines {
  readonly table: IptTable;
  /** `:KUBE-SERVICES - [0:0]` */
  readonly chains: readonly string[];
  readonly rules: readonly IptRule[];
}

export function tableLines(state: IptState): readonly TableLines[] {
  return (['mangle', 'raw', 'filter', 'nat'] as const).flatMap((name): TableLines[] => {
    const table = state.tables.get(name);
    if (table === undefined) return [];
    const order = [
      ...BUILTIN[name],
      ...[...table.keys()].filter((chain) => !BUILTIN[name].includes(chain)).sort(byName),
    ];
    const rules: IptRule[] = [];
    for (const chain of order) rules.push(...(table.get(chain)?.rules ?? []));
    const chains = order.map((chain) => `:${chain} ${table.get(chain)?.policy ?? '-'} [0:0]`);
    return [{ table: name, chains, rules }];
  });
}

const asWritten = (rule: IptRule): string => `-A ${rule.chain} ${rule.args}`;

/** Rules as their components wrote them. */
export const printState = (state: IptState): SavedText => printTables(tableLines(state));

/** `spelling`: how a rule is written; as its component wrote it, unless said otherwise. */
export function printTables(
  tables: readonly TableLines[],
  spelling: (rule: IptRule) => string = asWritten,
): SavedText {
  const origins: Record<string, Origin> = {};
  let text = '';
  let line = 0;
  for (const { table, chains, rules } of tables) {
    text += `*${table}\n${chains.join('\n')}\n`;
    line += 1 + chains.length;
    for (const rule of rules) {
      text += `${spelling(rule)}\n`;
      origins[++line] = rule.origin;
    }
    text += 'COMMIT\n';
    line++;
  }
  return { text, origins };
}

/** iptables-restore input as a component writes it. */
export function printRestore(command: Extract<IptCommand, { do: 'restore' }>): string {
  const lines = command.tables.flatMap((part) => [
    `*${part.table}`,
    ...part.chains.map((chain) => `:${chain} - [0:0]`),
    ...part.rules.map((rule) => `-A ${rule.chain} ${rule.args}`),
    ...part.deletions.map((chain) => `-X ${chain}`),
    'COMMIT',
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
