// One iptables command on a ruleset that is loaded: `iptables -t nat -I PREROUTING 1 ...` (iptables/iptables-standalone.c: it
// fetches the table, changes it and puts it back). Counters of what stays are kept.
import { at, type Diagnostic } from '../../base/diagnostic.ts';
import type { Origin } from '../../network/types.ts';
import type { ParsedSave, Ruleset } from '../types.ts';
import { checkTable } from './check.ts';
import { runCommand } from './command.ts';
import { draftOf, finish, freshTable } from './draft.ts';
import { createReading } from './reading.ts';
import { isTableName } from './tables.ts';

export interface ApplyOptions {
  readonly source: string;
  readonly origin?: Origin;
}

/** `words` are those behind `iptables`. With diagnostics of severity error nothing was changed. */
export function applyCommand(
  ruleset: Ruleset,
  words: readonly string[],
  options: ApplyOptions,
): ParsedSave {
  const diagnostics: Diagnostic[] = [];
  const complain = (severity: Diagnostic['severity'], reason: string, fix: string | null): void =>
    void diagnostics.push({ severity, place: at(options.source), reason, fix });
  const flag = words.findIndex((word) => word === '-t' || word === '--table');
  const name = flag < 0 ? 'filter' : (words[flag + 1] ?? '');
  const rest = flag < 0 ? words : [...words.slice(0, flag), ...words.slice(flag + 2)];
  if (!isTableName(name)) {
    complain('error', `no table "${name}"`, 'raw, mangle, nat, filter or security');
    return { ruleset, diagnostics };
  }
  const draft = draftOf(ruleset);
  const table = draft.get(name) ?? freshTable(name);
  draft.set(name, table);
  const reading = createReading(ruleset.family);
  const stamp = { line: null, origin: options.origin ?? null, counters: null };
  const problem = runCommand(table, reading, rest, stamp);
  if (problem !== null)
    complain('error', `${problem.reason}: iptables ${words.join(' ')}`, problem.fix);
  else
    checkTable(table, (_rule, chain, reason, fix) =>
      complain('error', `${reason}, in chain ${chain}`, fix),
    );
  for (const { reason, fix } of reading.warnings) complain('warning', reason, fix);
  const refused = diagnostics.some(({ severity }) => severity === 'error');
  return { ruleset: refused ? ruleset : finish(draft, ruleset.family), diagnostics };
}
