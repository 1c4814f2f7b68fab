import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../trace/types.ts';
import { parseSave } from './parse.ts';
import { printSave } from './print.ts';

/** Cases of testdata/rules.txt: one line of restore input, and what iptables-legacy 1.8.9 made of it. */
const cases = readFileSync(new URL('../testdata/rules.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .split('\n\n')
  .filter((text) => text.trim() !== '')
  .map((text) => {
    const [head = '', ...saved] = text.trim().split('\n');
    const [family = '', table = '', ...rule] = head.split(' ');
    return { family: family as Family, table, input: rule.join(' '), saved: saved.join('\n') };
  });

const save = (family: Family, table: string, lines: string): string => {
  const text = `*${table}\n:C - [0:0]\n-A C -j RETURN\n${lines}\n-F C\n-X C\nCOMMIT\n`;
  const parsed = parseSave(text, family, { source: 'test' });
  // The short way of append.ts reads as the long one.
  expect(parsed).toEqual(parseSave(text, family, { source: 'test', thorough: true }));
  const { ruleset, diagnostics } = parsed;
  if (diagnostics.some(({ severity }) => severity === 'error')) return 'refused';
  return printSave(ruleset)
    .split('\n')
    .filter((line) => line !== '' && !/^(\*|COMMIT|:[A-Z]+ ACCEPT)/.test(line))
    .join('\n');
};

describe('a rule is saved as iptables-save saves it', () => {
  it('has cases', () => expect(cases.length).toBeGreaterThan(300));
  it.each(cases)('$family $table $input', ({ family, table, input, saved }) => {
    const printed = save(family, table, input);
    expect(printed).toBe(saved);
    if (saved !== 'refused' && !saved.startsWith(':'))
      expect(save(family, table, printed)).toBe(printed);
  });
});
