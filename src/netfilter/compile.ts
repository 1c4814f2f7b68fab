// A ruleset made ready to be walked: heads as numbers under masks, matches and targets as functions, counters in arrays
// (what the kernel's translate_table and checkentry do when a table is loaded). Mutable, private to a run.
import { at, type Diagnostic } from '../base/diagnostic.ts';
import { invariant } from '../base/assert.ts';
import type { Family, TableName } from '../trace/types.ts';
import { buildIndex, type ChainIndex } from './chain-index.ts';
import { compileHead, type Head } from './head.ts';
import type { Sets } from './ipset.ts';
import { findMatch } from './matches/index.ts';
import type { Act, Test } from './module.ts';
import { isAnyHeader } from './save/header.ts';
import { createState, type NfState } from './state.ts';
import { findTarget } from './targets/index.ts';
import type { Chain, MatchInstance, Rule, Ruleset } from './types.ts';

export type Op = 'next' | 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'act';

export interface CompiledRule {
  readonly rule: Rule;
  readonly number: number;
  /** Place in the counter arrays. */
  readonly slot: number;
  readonly head: Head;
  readonly tests: readonly Test[];
  readonly op: Op;
  readonly next: CompiledChain | null;
  readonly act: Act | null;
  readonly mangles: boolean;
  /** What the trace shows: `KUBE-SERVICES`, `DNAT`, ''. */
  readonly target: string;
  /** ACCEPT, DROP or RETURN without any condition: the TRACE target takes it for the end of the chain. */
  readonly looksLikeEnd: boolean;
}
export interface CompiledChain {
  readonly chain: Chain;
  readonly name: string;
  readonly rules: CompiledRule[];
  /** Counter of the policy; -1 in a user chain. */
  readonly policySlot: number;
  index: ChainIndex | null;
}
export interface CompiledTable {
  readonly name: TableName;
  readonly chains: ReadonlyMap<string, CompiledChain>;
}
export interface CompiledRuleset {
  readonly ruleset: Ruleset;
  readonly family: Family;
  readonly tables: ReadonlyMap<TableName, CompiledTable>;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly state: NfState;
  /** Rules that ask for what is not there: sets that do not exist. */
  readonly diagnostics: readonly Diagnostic[];
}
export interface CompileOptions {
  readonly sets?: Sets;
  /** Without an index over long chains: every rule is looked at. The trace is the same. */
  readonly linear?: boolean;
  readonly source?: string;
}

const OPS: Readonly<Record<string, Op>> = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return' };
/** Shorter chains are as fast without an index. */
const INDEX_FROM = 8;

export function compileRuleset(ruleset: Ruleset, options: CompileOptions = {}): CompiledRuleset {
  const state = createState(options.sets ?? new Map());
  let slots = 0;
  const tables = new Map<TableName, CompiledTable>();
  for (const table of ruleset.tables) {
    const chains = new Map<string, CompiledChain>();
    for (const chain of table.chains) {
      const policySlot = chain.policy === null ? -1 : slots++;
      chains.set(chain.name, { chain, name: chain.name, rules: [], policySlot, index: null });
    }
    for (const compiled of chains.values()) {
      for (const [i, rule] of compiled.chain.rules.entries())
        compiled.rules.push(
          compileRule(
            rule,
            i + 1,
            slots++,
            compiled.name,
            table.name,
            chains,
            ruleset.family,
            state,
          ),
        );
      if (options.linear !== true && compiled.rules.length >= INDEX_FROM)
        compiled.index = buildIndex(compiled.rules);
    }
    tables.set(table.name, { name: table.name, chains });
  }
  const result: CompiledRuleset = {
    ruleset,
    family: ruleset.family,
    tables,
    packets: new Float64Array(slots),
    bytes: new Float64Array(slots),
    state,
    diagnostics: missingSets(ruleset, state.sets, options.source ?? 'iptables'),
  };
  for (const table of tables.values())
    for (const { chain, rules, policySlot } of table.chains.values()) {
      if (policySlot >= 0) setCounter(result, policySlot, chain);
      for (const { rule, slot } of rules) setCounter(result, slot, rule);
    }
  return result;
}
function setCounter(
  compiled: CompiledRuleset,
  slot: number,
  from: { readonly packets: number; readonly bytes: number },
): void {
  compiled.packets[slot] = from.packets;
  compiled.bytes[slot] = from.bytes;
}

function compileRule(
  rule: Rule,
  number: number,
  slot: number,
  chain: string,
  table: TableName,
  chains: ReadonlyMap<string, CompiledChain>,
  family: Family,
  state: NfState,
): CompiledRule {
  const { target } = rule;
  const name = target?.name ?? '';
  const env = { family, state, place: { table, chain, rule: number, target: name } };
  const jumps = target?.kind === 'jump' || target?.kind === 'goto';
  const next = jumps ? (chains.get(name) ?? null) : null;
  invariant(
    !jumps || next !== null,
    `rule ${number} of ${chain} jumps to ${name}, which does not exist`,
  );
  const module = target?.kind === 'extension' ? findTarget(name) : undefined;
  invariant(target?.kind !== 'extension' || module, `no target ${name}`);
  const tests = rule.matches
    // A comment always matches and remembers nothing.
    .filter((match) => match.name !== 'comment')
    .map((match) => moduleOf(match).compile(match.spec, env));
  const op: Op =
    target === null
      ? 'next'
      : target.kind === 'extension'
        ? 'act'
        : target.kind === 'verdict'
          ? (OPS[name] ?? 'next')
          : target.kind;
  return {
    rule,
    number,
    slot,
    head: compileHead(rule),
    tests,
    op,
    next,
    act: module?.compile(target?.spec, env) ?? null,
    mangles: module?.mangles === true,
    target: name,
    looksLikeEnd:
      target?.kind === 'verdict' && rule.matches.length === 0 && isAnyHeader(rule.header),
  };
}

export function moduleOf(match: MatchInstance) {
  const module = findMatch(match.name);
  invariant(module, `no match ${match.name}`);
  return module;
}

interface NamesSet {
  readonly set: string;
}
const named = (spec: unknown): string | null =>
  spec !== null &&
  typeof spec === 'object' &&
  'set' in spec &&
  typeof (spec as NamesSet).set === 'string'
    ? (spec as NamesSet).set
    : null;

function missingSets(ruleset: Ruleset, sets: Sets, source: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { chains } of ruleset.tables)
    for (const { rules } of chains)
      for (const rule of rules)
        for (const { name, spec } of rule.matches) {
          const set = name === 'set' ? named(spec) : null;
          if (set === null || sets.has(set)) continue;
          found.push({
            severity: 'error',
            place: at(source, rule.line),
            reason: `set ${set} does not exist; the rule never matches`,
            fix: `ipset create ${set} hash:ip`,
          });
        }
  return found;
}
