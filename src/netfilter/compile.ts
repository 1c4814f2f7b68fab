// A ruleset made ready to be walked: heads as numbers under masks, matches and targets as functions, counters in one array
// (what the kernel's translate_table and checkentry do when a table is loaded). A chain is made ready when a packet first
// comes to it: of 10,000 services few are used. Mutable, private to a run.
import { invariant } from '../base/assert.ts';
import { at, type Diagnostic } from '../base/diagnostic.ts';
import type { Family, TableName, TableWrite, WalkStep } from '../trace/types.ts';
import { buildIndex, type ChainIndex } from './chain-index.ts';
import { countOf, type Count } from './counters.ts';
import { compileHead, type Head } from './head.ts';
import type { Sets } from './ipset.ts';
import { findMatch, type MatchSpec } from './matches/index.ts';
import type { Act, Test } from './module.ts';
import { isAnyHeader } from './save/header.ts';
import { createState, type NfState } from './state.ts';
import { findTarget } from './targets/index.ts';
import type { Chain, MatchInstance, Rule, Ruleset } from './types.ts';

export type Op = 'next' | 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'act';

/** A place that a walk can reach and count: a rule, or the end of a chain. */
export interface Spot {
  /** Place in `counts`. */
  readonly slot: number;
  /** The key of its counter's row, made when it first counts. */
  key: string | null;
  /** What a walk said of it last: most packets come the same way, and a step is a value that can be said again. */
  step: WalkStep | null;
  /** All steps of the last walk that ended here, for the same reason. */
  told: readonly WalkStep[] | null;
}
export interface CompiledRule extends Spot {
  readonly rule: Rule;
  readonly number: number;
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
/** As a spot it is the end of the chain, and its policy; rule n is at slot + n. */
export interface CompiledChain extends Spot {
  readonly chain: Chain;
  readonly name: string;
  ready: ReadyChain | null;
}
export interface ReadyChain {
  readonly rules: readonly CompiledRule[];
  readonly index: ChainIndex | null;
}
/** A jump on the stack. */
interface Frame {
  readonly chain: CompiledChain;
  /** Where to go on after it returns. */
  readonly place: number;
}
export interface CompiledTable {
  readonly name: TableName;
  readonly chains: ReadonlyMap<string, CompiledChain>;
}
export interface CompiledRuleset {
  readonly ruleset: Ruleset;
  readonly family: Family;
  readonly tables: ReadonlyMap<TableName, CompiledTable>;
  readonly counts: Count[];
  readonly state: NfState;
  /** Of the walk under way: where its jumps came from, and what it has to tell so far. None starts in the middle of another. */
  readonly stack: Frame[];
  readonly steps: WalkStep[];
  readonly counted: TableWrite[];
  readonly linear: boolean;
  /** Rules that ask for what is not there: sets that do not exist. */
  readonly diagnostics: readonly Diagnostic[];
}
export interface CompileOptions {
  readonly sets?: Sets;
  /** Of the ruleset that this one replaces: lists of `recent` and sets live on. */
  readonly state?: NfState;
  /** Without an index over long chains: every rule is looked at. The trace is the same. */
  readonly linear?: boolean;
  readonly source?: string;
}

/** Shorter chains are as fast without an index. */
const INDEX_FROM = 8;

export function compileRuleset(ruleset: Ruleset, options: CompileOptions = {}): CompiledRuleset {
  const state = options.state ?? createState(options.sets ?? new Map());
  const diagnostics: Diagnostic[] = [];
  const counts: Count[] = [];
  const tables = new Map<TableName, CompiledTable>();
  for (const { name, chains } of ruleset.tables) {
    const compiled = new Map<string, CompiledChain>();
    for (const chain of chains) {
      const end = { slot: counts.length, key: null, step: null, told: null };
      compiled.set(chain.name, { chain, name: chain.name, ...end, ready: null });
      counts.push(countOf(chain));
      for (const rule of chain.rules) {
        counts.push(countOf(rule));
        for (const match of rule.matches)
          load(match, state, rule, options.source ?? 'iptables', diagnostics);
      }
    }
    tables.set(name, { name, chains: compiled });
  }
  const { family } = ruleset;
  return {
    ruleset,
    family,
    tables,
    counts,
    state,
    stack: [],
    steps: [],
    counted: [],
    linear: options.linear === true,
    diagnostics,
  };
}

/** What must be known when the rules are loaded, before any packet comes: lists of `recent`, sets that are missing. */
function load(
  match: MatchInstance,
  state: NfState,
  rule: Rule,
  source: string,
  found: Diagnostic[],
): void {
  if (match.name !== 'set' && match.name !== 'recent') return;
  if (match.name === 'recent') return moduleOf(match).load?.(match.spec, state);
  const { set } = match.spec as MatchSpec<'set'>;
  if (state.sets.has(set)) return;
  found.push({
    severity: 'error',
    place: at(source, rule.line),
    reason: `set ${set} does not exist; the rule never matches`,
    fix: `ipset create ${set} hash:ip`,
  });
}

/** The ruleset with the counters as they stand: what `iptables-save -c` would show, and what a change starts from. */
export function countedRuleset({ ruleset, tables, counts }: CompiledRuleset): Ruleset {
  return {
    family: ruleset.family,
    tables: [...tables.values()].map(({ name, chains }) => ({
      name,
      chains: [...chains.values()].map(({ chain, slot }) => ({
        ...chain,
        ...counts[slot],
        rules: chain.rules.map((rule, i) => ({ ...rule, ...counts[slot + i + 1] })),
      })),
    })),
  };
}

/** The rules of a chain as functions, made on the first use. */
export function readyChain(
  compiled: CompiledRuleset,
  table: CompiledTable,
  chain: CompiledChain,
): ReadyChain {
  if (chain.ready !== null) return chain.ready;
  const rules = chain.chain.rules.map((rule, i) =>
    compileRule(compiled, table, chain, rule, i + 1),
  );
  const index = compiled.linear || rules.length < INDEX_FROM ? null : buildIndex(rules);
  return (chain.ready = { rules, index });
}

function compileRule(
  { family, state }: CompiledRuleset,
  table: CompiledTable,
  { name: chain, slot }: CompiledChain,
  rule: Rule,
  number: number,
): CompiledRule {
  const { target } = rule;
  const name = target?.name ?? '';
  const env = { family, state, place: { table: table.name, chain, rule: number, target: name } };
  const jumps = target?.kind === 'jump' || target?.kind === 'goto';
  const next = jumps ? (table.chains.get(name) ?? null) : null;
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
  return {
    slot: slot + number,
    key: null,
    step: null,
    told: null,
    rule,
    number,
    head: compileHead(rule),
    tests,
    op: opOf(rule),
    next,
    act: module?.compile(target?.spec, env) ?? null,
    mangles: module?.mangles === true,
    target: name,
    looksLikeEnd:
      target?.kind === 'verdict' && rule.matches.length === 0 && isAnyHeader(rule.header),
  };
}

const VERDICTS: Readonly<Record<string, Op>> = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return' };
function opOf({ target }: Rule): Op {
  if (target === null) return 'next';
  if (target.kind === 'extension') return 'act';
  if (target.kind !== 'verdict') return target.kind;
  const op = VERDICTS[target.name];
  invariant(op, `no verdict ${target.name}`);
  return op;
}

export function moduleOf(match: MatchInstance) {
  const module = findMatch(match.name);
  invariant(module, `no match ${match.name}`);
  return module;
}
