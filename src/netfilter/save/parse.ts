// Text of iptables-save, or input of iptables-restore, to a ruleset (iptables/iptables-restore.c). Line by line: what is
// not understood is named with its line and left out, and the rest is built. (The real one refuses the whole table.)
import { at, type Diagnostic } from '../../base/diagnostic.ts';
import type { Origin } from '../../network/types.ts';
import type { Family } from '../../trace/types.ts';
import type { ParsedSave, Ruleset } from '../types.ts';
import { appendRule, createShortcuts, type Shortcuts } from './append.ts';
import { checkTable } from './check.ts';
import { runCommand, type Stamp } from './command.ts';
import { addChain, draftOf, finish, freshTable, type Draft, type TableDraft } from './draft.ts';
import { splitWords } from './quote.ts';
import { createReading, type Reading } from './reading.ts';
import { isTableName } from './tables.ts';

export interface ParseOptions {
  /** Names the text in diagnostics: `node-a iptables`. */
  readonly source: string;
  /** Who put a rule here, by line number (from 1). */
  readonly origins?: Readonly<Record<string, Origin>>;
  /** `--noflush`: onto this ruleset, and only what the text names changes. */
  readonly onto?: Ruleset;
  /** Reads every rule the long way. The outcome is the same; a test proves it. */
  readonly thorough?: boolean;
}

const COUNTERS = /^\[(\d+):(\d+)\]$/;
const HASH = 35;
const STAR = 42;
const COLON = 58;
const BRACKET = 91;

interface Restore {
  readonly options: ParseOptions;
  readonly draft: Draft;
  readonly reading: Reading;
  readonly shortcuts: Shortcuts | null;
  readonly diagnostics: Diagnostic[];
  table: TableDraft | null;
  line: number;
}

export function parseSave(text: string, family: Family, options: ParseOptions): ParsedSave {
  const draft: Draft = options.onto === undefined ? new Map() : draftOf(options.onto);
  const s: Restore = {
    options,
    draft,
    reading: createReading(family),
    shortcuts: options.thorough === true ? null : createShortcuts(),
    diagnostics: [],
    table: null,
    line: 0,
  };
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    s.line++;
    if (stop > start && text.charCodeAt(start) !== HASH) readLine(s, text.slice(start, stop));
    start = end + 1;
  }
  if (s.table !== null) {
    complain(s, `table ${s.table.name} has no COMMIT`, 'end the table with a line COMMIT');
    commit(s);
  }
  return { ruleset: finish(draft, family), diagnostics: s.diagnostics };
}

function complain(
  { diagnostics, options, line }: Restore,
  reason: string,
  fix: string | null,
  severity: Diagnostic['severity'] = 'error',
): void {
  diagnostics.push({ severity, place: at(options.source, line), reason, fix });
}

function commit(s: Restore): void {
  if (s.table === null) return;
  checkTable(s.table, (rule, chain, reason, fix) => {
    const why = `${reason}; the rule of ${chain} is left out`;
    s.diagnostics.push({
      severity: 'error',
      place: at(s.options.source, rule.line),
      reason: why,
      fix,
    });
  });
  s.table = null;
}

function readLine(s: Restore, raw: string): void {
  const first = raw.charCodeAt(0);
  if (raw === 'COMMIT') {
    if (s.table === null) complain(s, 'COMMIT without a table', null);
    commit(s);
  } else if (first === STAR) openTable(s, raw.slice(1).trim());
  else if (s.table === null)
    complain(s, `line outside of a table: ${raw}`, 'begin with *filter or *nat');
  else if (first === COLON) declareChain(s, s.table, raw);
  else readCommand(s, s.table, raw);
}

function openTable(s: Restore, name: string): void {
  if (s.table !== null)
    complain(s, `table ${s.table.name} has no COMMIT`, 'add a line COMMIT before');
  commit(s);
  if (s.shortcuts !== null) s.shortcuts.chain = null;
  if (!isTableName(name))
    return complain(s, `no table "${name}"`, 'raw, mangle, nat, filter or security');
  s.table =
    s.options.onto === undefined ? freshTable(name) : (s.draft.get(name) ?? freshTable(name));
  s.draft.set(name, s.table);
}

const COUNTED = /^\[(\d+):(\d+)\][ \t]+/;

function readCommand(s: Restore, table: TableDraft, raw: string): void {
  const counted = raw.charCodeAt(0) === BRACKET ? COUNTED.exec(raw) : null;
  const stamp: Stamp = {
    line: s.line,
    origin: s.options.origins?.[s.line] ?? null,
    counters: counted ? [Number(counted[1]), Number(counted[2])] : null,
  };
  const command = counted ? raw.slice(counted[0].length) : raw;
  if (s.shortcuts !== null && appendRule(s.shortcuts, s.reading, table, command, stamp)) return;
  if (s.shortcuts !== null) s.shortcuts.chain = null;
  const words = splitWords(command);
  if (words === null)
    return complain(s, `a quote is left open; left out: ${raw}`, 'close it with "');
  const problem = runCommand(table, s.reading, words, stamp);
  if (problem !== null) complain(s, `${problem.reason}; left out: ${raw}`, problem.fix);
  if (s.reading.warnings.length === 0) return;
  for (const { reason, fix } of s.reading.warnings) complain(s, reason, fix, 'warning');
  s.reading.warnings = [];
}

/** `:KUBE-SERVICES - [0:0]` or `:INPUT DROP [12:3456]`. A chain that is there already is emptied. */
function declareChain(s: Restore, table: TableDraft, raw: string): void {
  const plain = raw.endsWith(' - [0:0]') && raw.indexOf(' ') === raw.length - 8;
  const [name = '', policy = '', count = ''] = plain
    ? [raw.slice(1, -8), '-']
    : raw.slice(1).split(/[ \t]+/);
  const counters = COUNTERS.exec(count);
  if (name.length === 0 || name.length > 28)
    return complain(s, `chain name "${name}" must have 1 to 28 characters`, null);
  if (count !== '' && counters === null)
    return complain(s, `chain ${name}: counters ${count} are not [packets:bytes]`, null);
  const known = table.chains.get(name);
  if (known === undefined || known.policy === null) {
    if (policy !== '-')
      complain(
        s,
        `chain ${name} is not built in and cannot have policy ${policy}`,
        `:${name} - [0:0]`,
      );
    if (known) known.rules = [];
    else addChain(table, name);
    return;
  }
  if (policy === '-') return;
  if (policy === 'ACCEPT' || policy === 'DROP') known.policy = policy;
  else complain(s, `${policy} is no policy`, 'ACCEPT or DROP');
  known.packets = Number(counters?.[1] ?? 0);
  known.bytes = Number(counters?.[2] ?? 0);
}
