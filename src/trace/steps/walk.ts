// A chain walk as a reader means it. The kernel's TRACE calls an unconditional rule with a verdict (`-j DROP` at the end of a chain)
// by the name of the chain's end, `return` or `policy` (get_chainname_rulenum in ip_tables.c); here it is the rule that it is.
import type { Trace, TraceEvent, WalkStep } from '../types.ts';

const ruleKeys = new WeakMap<Trace, ReadonlySet<string>>();

function keysOf(trace: Trace): ReadonlySet<string> {
  let keys = ruleKeys.get(trace);
  if (keys === undefined) {
    const rows = trace.tables.filter((w) => w.table === 'iptables');
    ruleKeys.set(trace, (keys = new Set(rows.map((w) => `${w.netns} ${w.key}`))));
  }
  return keys;
}

export function walkSteps(trace: Trace, event: TraceEvent<'nf.walk'>): readonly WalkStep[] {
  const { family, table, steps } = event.detail;
  const isRule = (s: WalkStep): boolean =>
    (s.kind === 'return' && s.target !== 'RETURN' && s.target !== '') ||
    (s.kind === 'policy' &&
      keysOf(trace).has(`${event.site.netns} ${family} ${table} ${s.chain} ${s.rule}`));
  return steps.map((s) => (s.kind !== 'rule' && isRule(s) ? { ...s, kind: 'rule' } : s));
}
