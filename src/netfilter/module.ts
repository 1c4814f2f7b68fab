// What an extension is: one match (`-m tcp`) or one target (`-j DNAT`) in its own file, as libxtables and the kernel's xt_*.c have it.
// A module parses its own options, prints them as iptables-save does, decides, and says in words why it did not fit.
import type { Family, HookName, TableName } from '../trace/types.ts';
import type { Facts } from './facts.ts';
import type { NfState } from './state.ts';
import type { MatchInstance, NfActions, NfView, RuleHeader } from './types.ts';

/** Arguments that an option takes; `!` first: it may be inverted. */
export type Arity = '0' | '1' | '2' | '!0' | '!1' | '!2';

/** One option as it stood in the rule: `! --dport 80`. */
export interface Given {
  readonly name: string;
  readonly invert: boolean;
  readonly values: readonly string[];
}

export interface ParseContext {
  readonly family: Family;
  readonly header: RuleHeader;
  /** Notes what is wrong; the first one becomes the rule's diagnostic. The parser goes on with any value. */
  fail(reason: string, fix?: string): void;
  /** Notes what is understood but not modelled; the rule is kept. */
  warn(reason: string): void;
}

/** Where a compiled rule stands. */
export interface Place {
  readonly table: TableName;
  readonly chain: string;
  readonly rule: number;
  readonly target: string;
}
export interface CompileEnv {
  readonly family: Family;
  readonly place: Place;
  readonly state: NfState;
}

export type Test = (facts: Facts, view: NfView) => boolean;
export type TargetVerdict = 'continue' | 'accept' | 'drop';
export type Act = (facts: Facts, view: NfView, act: NfActions) => TargetVerdict;

/** Where an extension may stand (struct xt_match / xt_target: table, hooks, proto, family). */
export interface Limits {
  readonly families?: readonly Family[];
  readonly tables?: readonly TableName[];
  readonly hooks?: readonly HookName[];
  /** The rule must say `-p` one of these, not inverted. */
  readonly protocols?: readonly number[];
}

export interface MatchModule<S> {
  readonly name: string;
  readonly limits?: Limits;
  readonly options: Readonly<Record<string, Arity>>;
  /** Looking changes nothing and needs no memory, so it can be looked at again, in any order. */
  readonly pure: boolean;
  parse(given: readonly Given[], ctx: ParseContext): S;
  /** What follows `-m name`, each option with a space before it. */
  print(spec: S): string;
  compile(spec: S, env: CompileEnv): Test;
  /** What the kernel does when the rule is loaded, before any packet comes. */
  load?(spec: S, state: NfState): void;
  /** The field that does not fit, in words; null where it fits. Without memory (`pure: false`): what it then means. */
  explain(spec: S, facts: Facts, view: NfView): string | null;
  needsConntrack?(spec: S): boolean;
  /** Hooks that the kernel refuses for this spec. */
  refusedHooks?(spec: S): readonly HookName[];
}

export interface TargetModule<S> {
  readonly name: string;
  readonly limits?: Limits;
  readonly options: Readonly<Record<string, Arity>>;
  parse(given: readonly Given[], ctx: ParseContext): S;
  print(spec: S): string;
  /** It changes layers: what was read of the packet must be read again. */
  readonly mangles?: true;
  compile(spec: S, env: CompileEnv): Act;
  needsConntrack?(spec: S): boolean;
  refusedHooks?(spec: S): readonly HookName[];
  /** What the rule's matches lack for this target, or null. */
  lacks?(spec: S, matches: readonly MatchInstance[]): string | null;
}

/** A match without memory: one function gives both the verdict and the words. */
export function byMismatch<S>(mismatch: (spec: S, facts: Facts, view: NfView) => string | null): {
  readonly pure: true;
  compile(spec: S): Test;
  explain(spec: S, facts: Facts, view: NfView): string | null;
} {
  return {
    pure: true,
    compile: (spec) => (facts, view) => mismatch(spec, facts, view) === null,
    explain: mismatch,
  };
}

export function find(given: readonly Given[], ...names: readonly string[]): Given | undefined {
  for (const option of given) for (const name of names) if (option.name === name) return option;
  return undefined;
}

/** iptables: `option "--x" must be specified`. */
export function need(
  given: readonly Given[],
  ctx: ParseContext,
  ...names: readonly string[]
): Given {
  const option = find(given, ...names);
  if (option === undefined) ctx.fail(`option "--${names[0]}" must be specified`);
  return option ?? { name: names[0] ?? '', invert: false, values: ['', ''] };
}
export const bang = (invert: boolean): string => (invert ? ' !' : '');
