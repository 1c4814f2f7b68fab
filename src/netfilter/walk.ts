// One base chain walked to its verdict, as net/ipv4/netfilter/ip_tables.c ipt_do_table does: rules in order, a stack of
// jumps, counters before targets. The steps are those that the TRACE target logs (trace_packet, get_chainname_rulenum).
import { assertNever } from '../base/assert.ts';
import type { HookName, TableName, WalkStep } from '../trace/types.ts';
import { nextPlace } from './chain-index.ts';
import { readyChain } from './compile.ts';
import type {
  CompiledChain,
  CompiledRule,
  CompiledRuleset,
  CompiledTable,
  Spot,
} from './compile.ts';
import { countMore, ruleKey } from './counters.ts';
import type { Facts } from './facts.ts';
import { headFits } from './head.ts';
import type { NfActions, NfView, WalkResult } from './types.ts';

/** Rules that a whole run may still look at. */
export interface RuleBudget {
  left: number;
}

function fits(
  rule: CompiledRule,
  facts: Facts,
  view: NfView,
  input: string,
  output: string,
): boolean {
  if (!headFits(rule.head, facts, input, output)) return false;
  const { tests } = rule;
  for (let i = 0; i < tests.length; i++) if (!tests[i]!(facts, view)) return false;
  return true;
}

export function walk(
  compiled: CompiledRuleset,
  tableName: TableName,
  hook: HookName,
  view: NfView,
  act: NfActions,
  budget: RuleBudget,
): WalkResult {
  const table = compiled.tables.get(tableName);
  const base = table?.chains.get(hook);
  if (table === undefined || base === undefined)
    return { verdict: 'accept', by: null, steps: [], counted: [] };
  return new Walk(compiled, table, base, view, act, budget).run();
}

/** A class for its prototype: closures for each walk would cost more than most walks (and so do fields named with #). */
class Walk {
  private readonly compiled: CompiledRuleset;
  private readonly table: CompiledTable;
  private readonly base: CompiledChain;
  private readonly view: NfView;
  private readonly act: NfActions;
  private readonly budget: RuleBudget;
  private stepped = 0;
  private counted = 0;
  /** Frames on the stack of jumps. */
  private depth = 0;
  /** Read when the first rule asks: most chains of most hooks have none. */
  private facts: Facts | null = null;
  private length: number;
  /** Where it stands, and the first rule of this stretch. */
  private chain: CompiledChain;
  private place = 0;
  private from = 1;
  /** Where the last step was made. */
  private last: Spot;
  private failure: string | null = null;

  constructor(
    compiled: CompiledRuleset,
    table: CompiledTable,
    base: CompiledChain,
    view: NfView,
    act: NfActions,
    budget: RuleBudget,
  ) {
    this.compiled = compiled;
    this.table = table;
    this.base = base;
    this.view = view;
    this.act = act;
    this.budget = budget;
    this.chain = base;
    this.last = base;
    this.length = view.length;
  }

  run(): WalkResult {
    for (;;) {
      const rule = this.nextRule();
      if (this.failure !== null) return this.ended('drop', this.failure);
      const result = rule === null ? this.chainEnd() : this.matched(rule);
      if (result !== null) return result;
    }
  }

  /** The next rule that fits, or null at the end of the chain. */
  private nextRule(): CompiledRule | null {
    const chain = this.chain;
    const { rules, index } = chain.ready ?? readyChain(this.compiled, this.table, chain);
    if (this.place === rules.length) return null;
    const view = this.view;
    const facts = (this.facts ??= view.facts);
    const input = view.in ?? '';
    const output = view.out ?? '';
    for (; this.place < rules.length; this.place++) {
      if (index !== null) {
        this.place = nextPlace(index, this.place, rules.length, facts, input, output);
        if (this.place === rules.length) break;
      }
      const rule = rules[this.place]!;
      if (--this.budget.left < 0) this.failure = 'the budget of rule evaluations is used up';
      else if (fits(rule, facts, view, input, output)) return rule;
      else if (facts.hotdrop)
        this.failure = `${this.where(rule)}: the header it asks for is cut off`;
      if (this.failure !== null) return null;
    }
    return null;
  }

  private matched(rule: CompiledRule): WalkResult | null {
    this.count(rule, rule.number);
    const end = this.chain === this.base ? 'policy' : 'return';
    this.step(rule, rule.number, rule.looksLikeEnd ? end : 'rule', rule.target);
    const { op } = rule;
    switch (op) {
      case 'next':
        break;
      case 'accept':
        return this.ended('accept', null);
      case 'drop':
        return this.ended('drop', this.where(rule));
      case 'return':
        return this.back();
      case 'jump':
      case 'goto':
        if (op === 'jump') {
          // The kernel's stack has a place for each user chain: only a loop, which it does not load, fills it.
          if (this.depth > this.table.chains.size)
            return this.ended('drop', 'the stack of jumps is full');
          this.compiled.stack[this.depth++] = { chain: this.chain, place: this.place + 1 };
        }
        return this.goOn(rule.next!, 0);
      case 'act': {
        const verdict = rule.act!(this.facts!, this.view, this.act);
        if (verdict === 'accept') return this.ended('accept', null);
        if (verdict === 'drop') return this.ended('drop', `${this.where(rule)}: ${rule.target}`);
        if (rule.mangles) {
          this.facts = null;
          this.length = this.view.length;
        }
        break;
      }
      default:
        assertNever(op);
    }
    return this.goOn(this.chain, this.place + 1);
  }

  private chainEnd(): WalkResult | null {
    if (this.chain === this.base) return this.policy();
    this.step(this.chain, this.chain.chain.rules.length + 1, 'return', 'RETURN');
    return this.back();
  }

  private goOn(chain: CompiledChain, place: number): null {
    this.chain = chain;
    this.place = place;
    this.from = place + 1;
    return null;
  }

  /** Out of a chain to where it was called from, or to the policy of the base chain. */
  private back(): WalkResult | null {
    if (this.depth > 0) {
      const frame = this.compiled.stack[--this.depth]!;
      return this.goOn(frame.chain, frame.place);
    }
    this.goOn(this.base, this.base.chain.rules.length);
    return this.policy();
  }

  private policy(): WalkResult {
    const { chain, name } = this.base;
    const policy = chain.policy ?? 'ACCEPT';
    this.count(this.base, 'policy');
    this.step(this.base, chain.rules.length + 1, 'policy', policy);
    if (policy === 'ACCEPT') return this.ended('accept', null);
    return this.ended('drop', `policy of ${name}`);
  }

  private count(spot: Spot, rule: number | 'policy'): void {
    const { counts, counted, family } = this.compiled;
    const before = counts[spot.slot]!;
    const after = countMore(before, this.length);
    counts[spot.slot] = after;
    spot.key ??= ruleKey(family, this.table.name, this.chain.name, rule);
    counted[this.counted++] = {
      netns: this.view.netns,
      table: 'counter',
      key: spot.key,
      before: before.packets === 0 ? null : before,
      after,
    };
  }

  private step(spot: Spot, rule: number, kind: WalkStep['kind'], target: string): void {
    const from = this.from;
    const { mark } = this.view;
    if (spot.step?.from !== from || spot.step.mark !== mark)
      spot.step = { chain: this.chain.name, from, rule, kind, target, mark };
    this.compiled.steps[this.stepped++] = spot.step;
    this.last = spot;
  }

  private where(rule: CompiledRule): string {
    return `rule ${rule.number} of ${this.chain.name}`;
  }

  private ended(verdict: WalkResult['verdict'], by: string | null): WalkResult {
    const counted = this.compiled.counted.slice(0, this.counted);
    return { verdict, by, steps: this.told(), counted };
  }

  /** The list that was told last time, where it is the same. */
  private told(): readonly WalkStep[] {
    const { last, stepped } = this;
    const { steps } = this.compiled;
    const { told } = last;
    if (told?.length === stepped && told.every((step, i) => step === steps[i])) return told;
    return (last.told = steps.slice(0, stepped));
  }
}
