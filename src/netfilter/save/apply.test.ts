import { describe, expect, it } from 'vitest';
import { compileRuleset, countedRuleset } from '../compile.ts';
import { actionsOn, rulesetOf, viewOf } from '../fixtures.ts';
import { walk } from '../walk.ts';
import { applyCommand } from './apply.ts';
import { printSave } from './print.ts';

const rules = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.includes('-A '));

describe('one iptables command', () => {
  it('changes the table it names, and makes one that was not there', () => {
    const before = rulesetOf('*filter\n-A FORWARD -p tcp\nCOMMIT\n');
    const words = '-t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE'.split(' ');
    const { ruleset, diagnostics } = applyCommand(before, words, { source: 'exec' });
    expect(diagnostics).toEqual([]);
    expect(rules(printSave(ruleset))).toEqual([
      '-A FORWARD -p tcp',
      '-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE',
    ]);
  });
  it('keeps counters of what stays', () => {
    const compiled = compileRuleset(rulesetOf('*filter\n-A FORWARD -p tcp\nCOMMIT\n'));
    const view = viewOf();
    walk(compiled, 'filter', 'FORWARD', view, actionsOn(view).act, { left: 9 });
    const { ruleset } = applyCommand(countedRuleset(compiled), ['-I', 'FORWARD', '-j', 'DROP'], {
      source: 'exec',
    });
    expect(rules(printSave(ruleset, { counters: true }))).toEqual([
      '[0:0] -A FORWARD -j DROP',
      '[1:60] -A FORWARD -p tcp',
    ]);
  });
  it('changes nothing where it is refused', () => {
    const before = rulesetOf('*filter\n-A FORWARD -p tcp\nCOMMIT\n');
    const { ruleset, diagnostics } = applyCommand(before, ['-A', 'FORWARD', '-j', 'NOPE'], {
      source: 'exec',
    });
    expect(ruleset).toBe(before);
    expect(diagnostics.map(({ reason }) => reason)).toEqual([
      'no chain and no target "NOPE": iptables -A FORWARD -j NOPE',
    ]);
  });
});
