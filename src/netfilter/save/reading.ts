// A rule while its words are read: where the reader stands, what the head says so far, which extensions are loaded. One value
// serves a whole text and is reset for each rule.
import type { Given, MatchModule, ParseContext, TargetModule } from '../module.ts';
import type { RuleHeader, TargetInstance } from '../types.ts';
import type { Family, TableName } from '../../trace/types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import { ANY_HEADER, anyHeader, type HeaderDraft } from './header.ts';
import { isUnmodelledMatch } from './unmodelled.ts';

interface JumpTarget {
  readonly policy: string | null;
  readonly jump: TargetInstance;
}
/** The table that the rules are for. */
export interface RuleScope {
  readonly name: TableName;
  readonly chains: ReadonlyMap<string, JumpTarget>;
}
export interface Problem {
  readonly reason: string;
  readonly fix: string | null;
}
export interface Loaded {
  readonly name: string;
  readonly module: MatchModule<unknown> | TargetModule<unknown>;
  readonly given: Given[];
}
/** What `-s` or `-d` named; null: any. */
export type Hosts = readonly (Prefix | null)[];

export interface Reading {
  readonly family: Family;
  readonly ctx: ParseContext;
  words: readonly string[];
  at: number;
  invert: boolean;
  /** A value in the same word as its option: `--dport=80`. */
  attached: string | null;
  header: RuleHeader;
  /** Several hosts of `-s` or `-d`, else null. */
  sources: Hosts | null;
  destinations: Hosts | null;
  packets: number;
  bytes: number;
  /** Matches and target in the order of loading: the last that knows an option gets it. */
  loaded: Loaded[];
  target: Loaded | null;
  jump: string | null;
  /** `-6` in a text for IPv4: the rule is not for this ruleset. */
  otherFamily: boolean;
  goto: boolean;
  errors: Problem[];
  warnings: Problem[];
}

export function createReading(family: Family): Reading {
  const reading: Reading = {
    family,
    ctx: {
      family,
      get header() {
        return reading.header;
      },
      fail: (reason, fix) => void reading.errors.push({ reason, fix: fix ?? null }),
      warn: (reason) => void reading.warnings.push({ reason, fix: null }),
    },
    words: [],
    at: 0,
    invert: false,
    attached: null,
    header: ANY_HEADER,
    sources: null,
    destinations: null,
    packets: 0,
    bytes: 0,
    loaded: [],
    target: null,
    jump: null,
    otherFamily: false,
    goto: false,
    errors: [],
    warnings: [],
  };
  return reading;
}

export function reset(r: Reading, words: readonly string[], from: number): void {
  r.words = words;
  r.at = from;
  r.invert = false;
  r.header = ANY_HEADER;
  r.sources = null;
  r.destinations = null;
  r.packets = 0;
  r.bytes = 0;
  r.loaded = [];
  r.target = null;
  r.jump = null;
  r.otherFamily = false;
  r.goto = false;
  if (r.errors.length > 0) r.errors = [];
  if (r.warnings.length > 0) r.warnings = [];
}

/** Nothing was complained about; what was, the long way will say again. */
export function isClean(r: Reading): boolean {
  if (r.errors.length === 0 && r.warnings.length === 0) return true;
  r.errors = [];
  r.warnings = [];
  return false;
}

/** The head, to write into: a rule without conditions keeps the one that all such rules share. */
export function ownHeader(r: Reading): HeaderDraft {
  if (r.header === ANY_HEADER) r.header = anyHeader();
  return r.header;
}

/** Is the extension there for this family? */
export const speaks = (module: Loaded['module'], family: Family): boolean =>
  module.limits?.families === undefined || module.limits.families.includes(family);

export function loadMatch(r: Reading, name: string): void {
  const module = findMatch(name);
  if (module === undefined || !speaks(module, r.family))
    r.ctx.fail(
      isUnmodelledMatch(name) ? `match "${name}" is not modelled` : `unknown match "${name}"`,
    );
  else r.loaded.push({ name: module.name, module, given: [] });
}

export function loadTarget(r: Reading, name: string, goto: boolean): void {
  if (r.jump !== null) r.ctx.fail('multiple -j or -g flags not allowed');
  r.jump = name;
  r.goto = goto;
  const module = goto ? undefined : findTarget(name);
  if (module === undefined || !speaks(module, r.family)) return;
  r.target = { name, module, given: [] };
  r.loaded.push(r.target);
}

/** Whose option it is, where its name is the beginning of exactly one. */
export interface Owner {
  readonly of: Loaded;
  readonly name: string;
}
export function ownerOf(r: Reading, option: string): Owner | null {
  const begins: Owner[] = [];
  for (const of of r.loaded)
    for (const name of Object.keys(of.module.options))
      if (name.startsWith(option)) begins.push({ of, name });
  return begins.length === 1 ? begins[0]! : null;
}
/** The last loaded extension that has exactly this option. */
export function exactOwner(r: Reading, option: string): Loaded | null {
  for (let i = r.loaded.length - 1; i >= 0; i--)
    if (r.loaded[i]!.module.options[option] !== undefined) return r.loaded[i]!;
  return null;
}
