// A node's tables in the exact words of iptables-save, so that a reader can lay the page beside the terminal of a real node. Components
// spell their rules in their own way; the kernel keeps only what they mean.
import { invariant } from '../../base/assert.ts';
import { parseSave } from '../../netfilter/save/parse.ts';
import { printSave } from '../../netfilter/save/print.ts';
import { printTables, tableLines } from './state.ts';
import type { IptState, SavedText, TableLines } from './state.ts';
import type { IptFamily, IptRule } from './types.ts';

/** What iptables-save makes of a rule. Nodes of a cluster have most rules in common, and then they are the same values. */
export type Spellings = Map<IptRule, string>;
export const createSpellings = (): Spellings => new Map();

export function savedText(
  state: IptState,
  family: IptFamily,
  spellings: Spellings = createSpellings(),
): SavedText {
  const tables = tableLines(state);
  learn(tables, family, spellings);
  return printTables(tables, (rule) => spellings.get(rule) ?? '');
}

/** Rules that nobody has spelt yet are loaded together, and read back. */
function learn(tables: readonly TableLines[], family: IptFamily, spellings: Spellings): void {
  const unknown: IptRule[] = [];
  let text = '';
  for (const { table, chains, rules } of tables) {
    text += `*${table}\n${chains.join('\n')}\n`;
    for (const rule of rules) {
      if (spellings.has(rule)) continue;
      unknown.push(rule);
      text += `-A ${rule.chain} ${rule.args}\n`;
    }
    text += 'COMMIT\n';
  }
  if (unknown.length === 0) return;
  const saved = printSave(parseSave(text, family, { source: 'iptables' }).ruleset);
  const lines = saved.split('\n').filter((line) => line.startsWith('-A '));
  invariant(
    lines.length === unknown.length,
    'a rule of our own generators is not understood by our own parser',
  );
  unknown.forEach((rule, i) => spellings.set(rule, lines[i] ?? ''));
}
