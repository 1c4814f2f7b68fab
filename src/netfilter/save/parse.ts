// Text of iptables-save, or input of iptables-restore, to a ruleset (iptables/iptables-restore.c). Line by line: what is
// not understood is named with its line and left out, and the rest is built. (The real one refuses the whole table.)
import { at, type Diagnostic } from '../../base/diagnostic.ts';
import type { Origin } from '../../network/types.ts';
import type { Family } from '../../trace/types.ts';
import type { ParsedSave, Ruleset } from '../types.ts';
import { appendRule, createShortcuts, type Shortcuts } from './append.ts';
import { checkTable } from './check.ts';
import { runCommand, type Stamp } from './command.ts';
import {
  addChain,
  draftOf,
  finish,
  flush,
  freshTable,
  type Draft,
  type TableDraft,
} from './draft.ts';
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
const DASH = 45;
const COLON = 58;
const BRACKET = 91;

interface Restore {
  readonly text: string;
  readonly options: ParseOptions;
  readonly draft: Draft;
  readonly reading: Reading;
  readonly shortcuts: Shortcuts | null;
  readonly diagnostics: Diagnostic[];
  table: TableDraft | null;
  line: number;
  /** Of the rule that is read: one value serves the whole text. */
  readonly stamp: { -readonly [K in keyof Stamp]: Stamp[K] };
}

export function parseSave(text: string, family: Family, options: ParseOptions): ParsedSave {
  const draft: Draft = options.onto === undefined ? new Map() : draftOf(options.onto);
  const s: Restore = {
    text,
    options,
    draft,
    reading: createReading(family),
    shortcuts: options.thorough === true ? null : createShortcuts(text),
    diagnostics: [],
    table: null,
    line: 0,
    stamp: { line: null, origin: null, counters: null },
  };
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    s.line++;
    if (stop > start) readLine(s, start, stop);
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

function readLine(s: Restore, start: number, stop: number): void {
  const { text, table } = s;
  const first = text.charCodeAt(start);
  if (first === HASH) return;
  if (table !== null && (first === DASH || first === BRACKET))
    return readCommand(s, table, start, stop);
  if (table !== null && first === COLON && declarePlain(table, text, start, stop)) return;
  const raw = text.slice(start, stop);
  if (raw === 'COMMIT') {
    if (table === null) complain(s, 'COMMIT without a table', null);
    commit(s);
  } else if (first === STAR) openTable(s, raw.slice(1).trim());
  else if (table === null)
    complain(s, `line outside of a table: ${raw}`, 'begin with *filter or *nat');
  else if (first === COLON) declareChain(s, table, raw);
  else readCommand(s, table, start, stop);
}

function openTable(s: Restore, name: string): void {
  if (s.table !== null)
    complain(s, `table ${s.table.name} has no COMMIT`, 'add a line COMMIT before');
  commit(s);
  if (!isTableName(name))
    return complain(s, `no table "${name}"`, 'raw, mangle, nat, filter or security');
  s.table =
    s.options.onto === undefined ? freshTable(name) : (s.draft.get(name) ?? freshTable(name));
  s.draft.set(name, s.table);
}

const COUNTED = /^\[(\d+):(\d+)\][ \t]+/;

function readCommand(s: Restore, table: TableDraft, start: number, stop: number): void {
  const { text, shortcuts, line, options } = s;
  const counted = text.charCodeAt(start) === BRACKET ? COUNTED.exec(text.slice(start, stop)) : null;
  const from = counted === null ? start : start + counted[0].length;
  const { stamp } = s;
  stamp.line = line;
  stamp.origin = options.origins?.[line] ?? null;
  stamp.counters = counted && [Number(counted[1]), Number(counted[2])];
  if (shortcuts !== null && appendRule(shortcuts, s.reading, table, from, stop, stamp)) return;
  const raw = text.slice(start, stop);
  const words = splitWords(text.slice(from, stop));
  if (words === null)
    return complain(s, `a quote is left open; left out: ${raw}`, 'close it with "');
  const problem = runCommand(table, s.reading, words, stamp);
  if (problem !== null) complain(s, `${problem.reason}; left out: ${raw}`, problem.fix);
  if (s.reading.warnings.length === 0) return;
  for (const { reason, fix } of s.reading.warnings) complain(s, reason, fix, 'warning');
  s.reading.warnings = [];
}

const PLAIN = ' - [0:0]';
/** `:KUBE-SERVICES - [0:0]`, as nearly all are; false: nothing was done. */
function declarePlain(table: TableDraft, text: string, start: number, stop: number): boolean {
  const to = stop - PLAIN.length;
  if (!text.startsWith(PLAIN, to) || to <= start + 1 || to - start > 29) return false;
  const name = text.slice(start + 1, to);
  const known = table.chains.get(name);
  if (known === undefined) {
    if (/[ \t]/.test(name)) return false;
    addChain(table, name);
  } else if (known.policy === null) flush(known);
  return true;
}

/** `:KUBE-SERVICES - [0:0]` or `:INPUT DROP [12:3456]`. A chain that is there already is emptied. */
function declareChain(s: Restore, table: TableDraft, raw: string): void {
  const [name = '', policy = '', count = ''] = raw.slice(1).split(/[ \t]+/);
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
    if (known) return flush(known);
    addChain(table, name);
    return;
  }
  if (policy === '-') return;
  if (policy === 'ACCEPT' || policy === 'DROP') known.policy = policy;
  else complain(s, `${policy} is no policy`, 'ACCEPT or DROP');
  known.packets = Number(counters?.[1] ?? 0);
  known.bytes = Number(counters?.[2] ?? 0);
}
