// A rule while its words are read: where the reader stands, what the head says so far, which extensions are loaded.
import type { Given, MatchModule, ParseContext, TargetModule } from '../module.ts';
import type { RuleHeader } from '../types.ts';
import type { Family, TableName } from '../../trace/types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { findMatch } from '../matches/index.ts';
import { findTarget } from '../targets/index.ts';
import { ANY_HEADER } from './header.ts';
import { isUnmodelledMatch } from './unmodelled.ts';

/** The table that the rule is for. */
export interface RuleScope {
  readonly family: Family;
  readonly table: TableName;
  isChain(name: string): boolean;
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
export interface Reading {
  readonly words: readonly string[];
  readonly scope: RuleScope;
  readonly ctx: ParseContext;
  readonly errors: Problem[];
  readonly warnings: Problem[];
  at: number;
  invert: boolean;
  header: RuleHeader;
  sources: readonly (Prefix | null)[];
  destinations: readonly (Prefix | null)[];
  packets: number;
  bytes: number;
  /** Matches and target in the order of loading: the last that knows an option gets it. */
  readonly loaded: Loaded[];
  readonly matches: Loaded[];
  target: Loaded | null;
  jump: { readonly name: string; readonly goto: boolean } | null;
}

export function startReading(words: readonly string[], scope: RuleScope): Reading {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const reading: Reading = {
    words,
    scope,
    errors,
    warnings,
    ctx: {
      family: scope.family,
      get header() {
        return reading.header;
      },
      fail: (reason, fix) => void errors.push({ reason, fix: fix ?? null }),
      warn: (reason) => void warnings.push({ reason, fix: null }),
    },
    at: 0,
    invert: false,
    header: ANY_HEADER,
    sources: [null],
    destinations: [null],
    packets: 0,
    bytes: 0,
    loaded: [],
    matches: [],
    target: null,
    jump: null,
  };
  return reading;
}

const speaks = (module: Loaded['module'], family: Family): boolean =>
  module.limits?.families?.includes(family) !== false;

export function loadMatch(r: Reading, name: string): void {
  if (r.invert) r.ctx.fail('unexpected ! flag before --match');
  const module = findMatch(name);
  if (module === undefined || !speaks(module, r.scope.family)) {
    r.ctx.fail(
      isUnmodelledMatch(name) ? `match "${name}" is not modelled` : `unknown match "${name}"`,
    );
    return;
  }
  const match: Loaded = { name: module.name, module, given: [] };
  r.loaded.push(match);
  r.matches.push(match);
}

export function loadTarget(r: Reading, name: string, goto: boolean): void {
  if (r.invert) r.ctx.fail('unexpected ! flag before --jump');
  if (r.jump !== null) r.ctx.fail('multiple -j or -g flags not allowed');
  r.jump = { name, goto };
  const module = goto ? undefined : findTarget(name);
  if (module === undefined || !speaks(module, r.scope.family)) return;
  r.target = { name, module, given: [] };
  r.loaded.push(r.target);
}

/** Whose option it is: the whole name, or the beginning of exactly one. */
export function ownerOf(
  r: Reading,
  option: string,
): { readonly of: Loaded; readonly name: string } | null {
  for (let i = r.loaded.length - 1; i >= 0; i--)
    if (Object.hasOwn(r.loaded[i]!.module.options, option))
      return { of: r.loaded[i]!, name: option };
  const begins = r.loaded.flatMap((of) =>
    Object.keys(of.module.options)
      .filter((name) => name.startsWith(option))
      .map((name) => ({ of, name })),
  );
  return begins.length === 1 ? begins[0]! : null;
}
