// iptables rules in the making, in the form of iptables-save.

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

export interface Table {
  readonly name: TableName;
  /** Chain -> policy; null: a chain of a user. */
  readonly chains: Map<string, string | null>;
  readonly rules: string[];
}
export type Tables = Table[];

const CHAINS: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export function tableOf(tables: Tables, name: TableName): Table {
  const known = tables.find((table) => table.name === name);
  if (known !== undefined) return known;
  const made: Table = {
    name,
    chains: new Map(CHAINS[name].map((chain) => [chain, 'ACCEPT'])),
    rules: [],
  };
  tables.push(made);
  return made;
}

/** `KUBE-SVC-X -d 10.96.0.1/32 -j ...`: the chain is made if it is new. */
export function append(tables: Tables, name: TableName, ...rules: readonly string[]): void {
  const table = tableOf(tables, name);
  for (const rule of rules) {
    makeChain(table, rule);
    table.rules.push(`-A ${rule}`);
  }
}

/** In front of all that the chain has. */
export function prepend(tables: Tables, name: TableName, rule: string): void {
  const table = tableOf(tables, name);
  makeChain(table, rule);
  table.rules.unshift(`-A ${rule}`);
}

function makeChain(table: Table, rule: string): void {
  const chain = rule.split(' ')[0] ?? '';
  if (!table.chains.has(chain)) table.chains.set(chain, null);
}

export const addChain = (tables: Tables, name: TableName, chain: string): void =>
  makeChain(tableOf(tables, name), chain);

export const printTables = (tables: Tables): string =>
  tables
    .map(({ name, chains, rules }) => {
      const heads = [...chains].map(([chain, policy]) => `:${chain} ${policy ?? '-'} [0:0]`);
      return [`*${name}`, ...heads, ...rules, 'COMMIT'].join('\n');
    })
    .join('\n');
