// Text of iptables-save, or input of iptables-restore, to a ruleset (iptables/iptables-restore.c). Line by line: what is
// not understood is named with its line and left out, and the rest is built. (The real one refuses the whole table.)
import { at, type Diagnostic } from '../../base/diagnostic.ts';
import type { Origin } from '../../network/types.ts';
import type { Family } from '../../trace/types.ts';
import type { ParsedSave, Ruleset } from '../types.ts';
import { checkTable } from './check.ts';
import { runCommand, type Stamp } from './command.ts';
import { addChain, draftOf, finish, freshTable, type Draft, type TableDraft } from './draft.ts';
import { splitWords } from './quote.ts';
import { createReading } from './reading.ts';
import { isTableName } from './tables.ts';

export interface ParseOptions {
  /** Names the text in diagnostics: `node-a iptables`. */
  readonly source: string;
  /** Who put a rule here, by line number (from 1). */
  readonly origins?: Readonly<Record<string, Origin>>;
  /** `--noflush`: onto this ruleset, and only what the text names changes. */
  readonly onto?: Ruleset;
}

const COUNTERS = /^\[(\d+):(\d+)\]$/;

export function parseSave(text: string, family: Family, options: ParseOptions): ParsedSave {
  const draft: Draft = options.onto === undefined ? new Map() : draftOf(options.onto);
  const diagnostics: Diagnostic[] = [];
  const complain = (
    severity: Diagnostic['severity'],
    line: number | null,
    reason: string,
    fix: string | null,
  ): void => void diagnostics.push({ severity, place: at(options.source, line), reason, fix });
  const reading = createReading(family);
  let table: TableDraft | null = null;
  let line = 0;

  const commit = (): void => {
    if (table === null) return;
    checkTable(table, (rule, chain, reason, fix) => {
      complain('error', rule.line, `${reason}; the rule of ${chain} is left out`, fix);
    });
    table = null;
  };
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const raw = text.slice(start, text.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end);
    start = end + 1;
    line++;
    const first = raw.charCodeAt(0);
    if (raw === '' || first === 35 /* # */) continue;
    if (raw === 'COMMIT') {
      if (table === null) complain('error', line, 'COMMIT without a table', null);
      commit();
    } else if (first === 42 /* * */) {
      if (table !== null)
        complain('error', line, `table ${table.name} has no COMMIT`, 'add a line COMMIT before');
      commit();
      const name = raw.slice(1).trim();
      if (!isTableName(name))
        complain('error', line, `no table "${name}"`, 'raw, mangle, nat, filter or security');
      else {
        table =
          options.onto === undefined ? freshTable(name) : (draft.get(name) ?? freshTable(name));
        draft.set(name, table);
      }
    } else if (table === null)
      complain('error', line, `line outside of a table: ${raw}`, 'begin with *filter or *nat');
    else if (first === 58 /* : */)
      declareChain(table, raw, (reason, fix) => complain('error', line, reason, fix));
    else {
      const words = splitWords(raw);
      if (words === null) {
        complain('error', line, `a quote is left open; left out: ${raw}`, 'close it with "');
        continue;
      }
      const counters = first === 91 /* [ */ ? COUNTERS.exec(words[0] ?? '') : null;
      const stamp: Stamp = {
        line,
        origin: options.origins?.[line] ?? null,
        counters: counters ? [Number(counters[1]), Number(counters[2])] : null,
      };
      const problem = runCommand(table, reading, counters ? words.slice(1) : words, stamp);
      if (problem !== null)
        complain('error', line, `${problem.reason}; left out: ${raw}`, problem.fix);
      for (const { reason, fix } of reading.warnings) complain('warning', line, reason, fix);
      reading.warnings = [];
    }
  }
  if (table !== null) {
    complain(
      'error',
      line,
      `table ${(table as TableDraft).name} has no COMMIT`,
      'end the table with a line COMMIT',
    );
    commit();
  }
  return { ruleset: finish(draft, family), diagnostics };
}

/** `:KUBE-SERVICES - [0:0]` or `:INPUT DROP [12:3456]`. A chain that is there already is emptied. */
function declareChain(
  table: TableDraft,
  raw: string,
  fail: (reason: string, fix: string | null) => void,
): void {
  const [name = '', policy = '', count = ''] = raw.slice(1).split(/[ \t]+/);
  const counters = COUNTERS.exec(count);
  if (name.length === 0 || name.length > 28)
    return fail(`chain name "${name}" must have 1 to 28 characters`, null);
  if (count !== '' && counters === null)
    return fail(`chain ${name}: counters ${count} are not [packets:bytes]`, null);
  const known = table.chains.get(name);
  if (known?.policy == null) {
    if (policy !== '-')
      fail(`chain ${name} is not built in and cannot have policy ${policy}`, `:${name} - [0:0]`);
    if (known) known.rules = [];
    else addChain(table, name);
    return;
  }
  if (policy === 'ACCEPT' || policy === 'DROP') known.policy = policy;
  else if (policy !== '-') fail(`${policy} is no policy`, 'ACCEPT or DROP');
  if (policy !== '-') {
    known.packets = Number(counters?.[1] ?? 0);
    known.bytes = Number(counters?.[2] ?? 0);
  }
}
