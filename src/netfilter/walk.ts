// One base chain walked to its verdict, as net/ipv4/netfilter/ip_tables.c ipt_do_table does: rules in order, a stack of
// jumps, counters before targets. The steps are those that the TRACE target logs (trace_packet, get_chainname_rulenum).
import { assertNever } from '../base/assert.ts';
import type { HookName, TableName, WalkStep } from '../trace/types.ts';
import { nextPlace } from './chain-index.ts';
import {
  readyChain,
  type CompiledChain,
  type CompiledRule,
  type CompiledRuleset,
} from './compile.ts';
import { factsOf, type Facts } from './facts.ts';
import { headFits } from './head.ts';
import type { CounterMove, NfActions, NfView, WalkResult } from './types.ts';

/** Rules that a whole run may still look at. */
export interface RuleBudget {
  left: number;
}
interface Frame {
  readonly chain: CompiledChain;
  /** Where to go on after the jump returns. */
  readonly place: number;
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
  const steps: WalkStep[] = [];
  const counted: CounterMove[] = [];
  const table = compiled.tables.get(tableName);
  const base = table?.chains.get(hook);
  const ended = (verdict: WalkResult['verdict'], by: string | null): WalkResult => ({
    verdict,
    by,
    steps,
    counted,
  });
  if (table === undefined || base === undefined) return ended('accept', null);
  const input = view.in ?? '';
  const output = view.out ?? '';
  let facts = factsOf(view.layers);
  let { length } = view;
  const stack: Frame[] = [];
  let chain = base;
  let place = 0;
  let from = 1;

  const count = (slot: number, name: string, rule: number | 'policy'): void => {
    const packets = compiled.packets[slot]!;
    const bytes = compiled.bytes[slot]!;
    counted.push({ chain: name, rule, packets, bytes });
    compiled.packets[slot] = packets + 1;
    compiled.bytes[slot] = bytes + length;
  };
  const step = (rule: number, kind: WalkStep['kind'], target: string): void => {
    steps.push({ chain: chain.name, from, rule, kind, target, mark: view.mark });
  };
  const where = (number: number): string => `rule ${number} of ${chain.name}`;
  /** Out of a user chain to where it was called from; false where that is the base chain's policy. */
  const back = (): boolean => {
    const frame = stack.pop();
    if (frame === undefined) return false;
    ({ chain, place } = frame);
    from = place + 1;
    return true;
  };
  const policy = (): WalkResult => {
    chain = base;
    const end = base.chain.rules.length + 1;
    const name = base.chain.policy ?? 'ACCEPT';
    count(base.slot, base.name, 'policy');
    step(end, 'policy', name);
    return name === 'ACCEPT' ? ended('accept', null) : ended('drop', `policy of ${base.name}`);
  };

  for (;;) {
    const { rules, index } = chain.ready ?? readyChain(compiled, table, chain);
    let rule: CompiledRule | undefined;
    for (; place < rules.length; place++) {
      if (index !== null) {
        place = nextPlace(index, place, rules.length, facts, input, output);
        if (place === rules.length) break;
      }
      if (--budget.left < 0) return ended('drop', 'the budget of rule evaluations is used up');
      const candidate = rules[place]!;
      if (fits(candidate, facts, view, input, output)) {
        rule = candidate;
        break;
      }
      if (facts.hotdrop)
        return ended('drop', `${where(candidate.number)}: the header it asks for is cut off`);
    }
    if (rule === undefined) {
      if (chain === base && stack.length === 0) return policy();
      step(rules.length + 1, 'return', 'RETURN');
      if (!back()) {
        from = base.chain.rules.length + 1;
        return policy();
      }
      continue;
    }
    count(chain.slot + rule.number, chain.name, rule.number);
    const kind = !rule.looksLikeEnd ? 'rule' : chain === base ? 'policy' : 'return';
    step(rule.number, kind, rule.target);
    const { op } = rule;
    switch (op) {
      case 'next':
        break;
      case 'accept':
        return ended('accept', null);
      case 'drop':
        return ended('drop', where(rule.number));
      case 'return':
        if (back()) continue;
        from = base.chain.rules.length + 1;
        return policy();
      case 'jump':
      case 'goto':
        if (op === 'jump') {
          // The kernel's stack has a place for each user chain: only a loop, which it does not load, fills it.
          if (stack.length > table.chains.size) return ended('drop', 'the stack of jumps is full');
          stack.push({ chain, place: place + 1 });
        }
        chain = rule.next!;
        place = 0;
        from = 1;
        continue;
      case 'act': {
        const verdict = rule.act!(facts, view, act);
        if (verdict === 'accept') return ended('accept', null);
        if (verdict === 'drop') return ended('drop', `${where(rule.number)}: ${rule.target}`);
        if (rule.mangles) {
          facts = factsOf(view.layers);
          ({ length } = view);
        }
        break;
      }
      default:
        assertNever(op);
    }
    place++;
    from = place + 1;
  }
}
