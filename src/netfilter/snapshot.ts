// The rules and counters of a compiled ruleset as rows, as `iptables -L -v --line-numbers` lists them.
import type { Origin } from '../network/types.ts';
import type { Family, TableName } from '../trace/types.ts';
import type { CompiledRuleset } from './compile.ts';
import { printRule } from './save/print.ts';

export interface RuleRow {
  readonly family: Family;
  readonly table: TableName;
  readonly chain: string;
  /** From 1, or the policy of a base chain. A user chain without rules has the row `chain`, so that it is seen. */
  readonly rule: number | 'policy' | 'chain';
  /** `-A KUBE-SVC-X ...`, `policy ACCEPT`, or '' for a user chain. */
  readonly text: string;
  readonly line: number | null;
  readonly origin: Origin | null;
  readonly packets: number;
  readonly bytes: number;
}

export function* snapshot(compiled: CompiledRuleset): Generator<RuleRow> {
  const { family, counts } = compiled;
  for (const { name: table, chains } of compiled.tables.values())
    for (const { name, chain, slot } of chains.values()) {
      const head = { family, table, chain: name, line: null, origin: null };
      if (chain.policy !== null)
        yield { ...head, rule: 'policy', text: `policy ${chain.policy}`, ...counts[slot]! };
      else if (chain.rules.length === 0)
        yield { ...head, rule: 'chain', text: '', packets: 0, bytes: 0 };
      for (const [i, rule] of chain.rules.entries())
        yield {
          ...head,
          rule: i + 1,
          text: printRule(name, rule),
          line: rule.line,
          origin: rule.origin,
          ...counts[slot + i + 1]!,
        };
    }
}
