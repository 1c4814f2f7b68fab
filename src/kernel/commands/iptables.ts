// iptables(8), ip6tables(8) and their -restore: the table is fetched, changed and put back; counters of what stays are kept.
// Conntrack starts and stops with the rules that need it.
import type { Ruleset } from '../../netfilter/types.ts';
import {
  applyCommand,
  compileRuleset,
  countedRuleset,
  parseSave,
  rulesetNeedsConntrack,
} from '../../netfilter/index.ts';
import type { Family } from '../../trace/types.ts';
import { writeRules } from '../rows.ts';
import type { Kernel, Netns } from '../types.ts';
import type { Command } from './types.ts';

const current = (ns: Netns, family: Family): Ruleset => {
  const compiled = ns.nf[family];
  return compiled === null
    ? parseSave('', family, { source: ns.name }).ruleset
    : countedRuleset(compiled);
};

function load(k: Kernel, ns: Netns, family: Family, ruleset: Ruleset): void {
  const old = ns.nf[family];
  ns.nf[family] = compileRuleset(ruleset, {
    sets: ns.sets,
    ...(old === null ? {} : { state: old.state }),
    source: `${ns.name} iptables`,
  });
  ns.ctOn[family] = rulesetNeedsConntrack(ruleset);
  writeRules(k, ns, old, ns.nf[family]);
}

/** Options that say how to run, not what. */
const RUN = new Set(['-w', '--wait', '-v', '--verbose', '-n', '--numeric']);

export const rules =
  (family: Family): Command =>
  (k, ns, words) => {
    const plain = words.filter(
      (w, i) => !RUN.has(w) && !(words[i - 1] === '-w' && /^\d+$/.test(w)),
    );
    if (['-L', '-S', '-C', '--list'].some((w) => plain.includes(w))) return null;
    const { ruleset, diagnostics } = applyCommand(current(ns, family), plain, {
      source: `${ns.name} iptables`,
      origin: { component: 'command', object: null, command: `iptables ${words.join(' ')}` },
    });
    const problem = diagnostics.find((d) => d.severity === 'error');
    if (problem !== undefined) return problem.reason;
    load(k, ns, family, ruleset);
    return diagnostics[0]?.reason ?? null;
  };

export const restore =
  (family: Family): Command =>
  (k, ns, words, shell) => {
    if (shell.input === null) return 'no rules were given to it';
    const before = current(ns, family);
    const onto = words.includes('-n') || words.includes('--noflush');
    const source = `${ns.name} iptables-restore`;
    const parsed = parseSave(shell.input, family, onto ? { source, onto: before } : { source });
    const problem = parsed.diagnostics.find((d) => d.severity === 'error');
    if (problem !== undefined) return problem.reason;
    const named = new Set(parsed.ruleset.tables.map((t) => t.name));
    const kept = before.tables.filter((t) => !named.has(t.name));
    load(k, ns, family, { ...parsed.ruleset, tables: [...kept, ...parsed.ruleset.tables] });
    return null;
  };
