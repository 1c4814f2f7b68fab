import { describe, expect, it } from 'vitest';
import { printDiagnostic } from '../../base/diagnostic.ts';
import type { Family } from '../../trace/types.ts';
import { parseSave } from './parse.ts';
import { printSave } from './print.ts';

const parse = (text: string, family: Family = 'ipv4') =>
  parseSave(text, family, { source: 'node-a' });
/** What is wrong, said alike by the short and the long way of reading. */
function complaints(text: string): readonly string[] {
  const parsed = parse(text);
  expect(parseSave(text, 'ipv4', { source: 'node-a', thorough: true })).toEqual(parsed);
  return parsed.diagnostics.map(printDiagnostic);
}
const chainsOf = (text: string): readonly string[] =>
  printSave(parse(text).ruleset)
    .split('\n')
    .filter((line) => /^(-A|:[A-Z]+ (DROP|-))/.test(line));

describe('what is not understood is named with its line, and the rest is built', () => {
  it.each([
    ['-A FORWARD -m nope', 'error node-a:2: unknown match "nope"; left out: -A FORWARD -m nope'],
    [
      '-A FORWARD -m u32 --u32 0=0',
      'error node-a:2: match "u32" is not modelled; left out: -A FORWARD -m u32 --u32 0=0',
    ],
    [
      '-A FORWARD -j NFQUEUE',
      'error node-a:2: target "NFQUEUE" is not modelled; left out: -A FORWARD -j NFQUEUE',
    ],
    [
      '-A FORWARD -j NOPE',
      'error node-a:2: no chain and no target "NOPE"; left out: -A FORWARD -j NOPE (declare the chain before: :NOPE - [0:0])',
    ],
    [
      '-A NOPE -j DROP',
      'error node-a:2: no chain "NOPE" in table filter; left out: -A NOPE -j DROP (declare it before: :NOPE - [0:0])',
    ],
    [
      '-A FORWARD --dport 80 -p tcp',
      'error node-a:2: unknown option "--dport"; left out: -A FORWARD --dport 80 -p tcp (give the protocol or the match before it: -p tcp --dport 80)',
    ],
    [
      '-A FORWARD -s ! 10.0.0.1',
      'error node-a:2: "!" stands behind -s; left out: -A FORWARD -s ! 10.0.0.1 (write it before: ! -s 10.0.0.1)',
    ],
    [
      '-A FORWARD -j MASQUERADE',
      'error node-a:2: target MASQUERADE is only valid in table nat, not in filter; left out: -A FORWARD -j MASQUERADE',
    ],
    ['-A OUTPUT -i eth0', "error node-a:2: Can't use -i with OUTPUT; left out: -A OUTPUT -i eth0"],
    [
      '-A FORWARD -m comment --comment "x',
      'error node-a:2: a quote is left open; left out: -A FORWARD -m comment --comment "x (close it with ")',
    ],
    ['hello', 'error node-a:2: no command; left out: hello (a rule begins with -A CHAIN)'],
    [
      ':A DROP [0:0]',
      'error node-a:2: chain A is not built in and cannot have policy DROP (:A - [0:0])',
    ],
  ])('%s', (line, want) => {
    const text = `*filter\n${line}\n-A FORWARD -j DROP\nCOMMIT\n`;
    expect(complaints(text)).toEqual([want]);
    expect(chainsOf(text)).toContain('-A FORWARD -j DROP');
  });
  it('loops of chains, where a packet can come to them', () => {
    const loop = ':A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\n';
    expect(complaints(`*filter\n${loop}COMMIT\n`)).toEqual([]);
    const text = `*filter\n${loop}-A INPUT -j A\nCOMMIT\n`;
    expect(complaints(text)).toEqual([
      'error node-a:5: loop of chains: A -> B -> A; the rule of B is left out (a chain must not come back to itself)',
    ]);
    expect(chainsOf(text)).not.toContain('-A B -j A');
  });
  it('an extension where a hook that reaches its chain forbids it', () => {
    const text = '*nat\n:A - [0:0]\n-A PREROUTING -j A\n-A A -j MASQUERADE\nCOMMIT\n';
    expect(complaints(text)).toEqual([
      'error node-a:4: target MASQUERADE is not valid in PREROUTING; the rule of A is left out',
    ]);
    expect(complaints('*nat\n:A - [0:0]\n-A A -j MASQUERADE\nCOMMIT\n')).toEqual([]);
  });
  it('frames of tables', () => {
    expect(complaints('-A X\n')).toEqual([
      'error node-a:1: line outside of a table: -A X (begin with *filter or *nat)',
    ]);
    expect(complaints('*broute\nCOMMIT\n')[0]).toContain('no table "broute"');
    expect(complaints('*filter\n*nat\nCOMMIT\n')).toEqual([
      'error node-a:2: table filter has no COMMIT (add a line COMMIT before)',
    ]);
    expect(complaints('*filter\n')).toEqual([
      'error node-a:1: table filter has no COMMIT (end the table with a line COMMIT)',
    ]);
  });
});

describe('text of restore', () => {
  it('keeps lines, origins and counters', () => {
    const origin = { component: 'kube-proxy', object: 'Service default/web', command: null };
    const text =
      '# a comment\n*filter\n:FORWARD DROP [7:700]\n\n[3:180] -A FORWARD -p tcp\nCOMMIT\n';
    const { ruleset } = parseSave(text, 'ipv4', { source: 'x', origins: { 5: origin } });
    const forward = ruleset.tables[0]?.chains.find(({ name }) => name === 'FORWARD');
    expect(forward).toMatchObject({ policy: 'DROP', packets: 7, bytes: 700 });
    expect(forward?.rules[0]).toMatchObject({ line: 5, origin, packets: 3, bytes: 180 });
    expect(printSave(ruleset, { counters: true })).toContain(':FORWARD DROP [7:700]\n');
    expect(printSave(ruleset, { counters: true })).toContain('[3:180] -A FORWARD -p tcp\n');
    expect(printSave(ruleset)).toContain(':FORWARD DROP [0:0]\n');
  });
  it('reads carriage returns, tabs and a missing last newline', () => {
    expect(chainsOf('*filter\r\n-A FORWARD\t-j  DROP\r\nCOMMIT')).toEqual(['-A FORWARD -j DROP']);
  });
  it('runs commands in order', () => {
    const text = [
      '*filter', '-N A', '-N B', '-P FORWARD DROP', '-A FORWARD -j A', '-I FORWARD -p tcp', '-I FORWARD 2 -p udp', '-A A -j DROP',
      '-D FORWARD 1', '-R FORWARD 1 -p icmp -j DROP', '-X B', '-F A', '-D FORWARD -j A', '-X A', 'COMMIT', '',
    ].join('\n'); // prettier-ignore
    expect(complaints(text)).toEqual([]);
    expect(chainsOf(text)).toEqual([':FORWARD DROP [0:0]', '-A FORWARD -p icmp -j DROP']);
  });
  it.each([
    ['-D FORWARD 1', 'chain FORWARD has 0 rules, number 1 is too big'],
    ['-D FORWARD -j DROP', 'no such rule in FORWARD'],
    ['-X FORWARD', 'chain FORWARD is built in and cannot be deleted'],
    ['-N FORWARD', 'chain FORWARD exists already'],
    ['-P FORWARD RETURN', 'RETURN is no policy'],
    ['-I FORWARD 5 -j DROP', 'chain FORWARD has 0 rules, number 5 is too big'],
  ])('refuses %s', (command, reason) => {
    expect(complaints(`*filter\n${command}\nCOMMIT\n`)[0]).toContain(reason);
  });
  it('restores onto a ruleset as --noflush does: only what is named changes', () => {
    const before = parse(
      '*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j ACCEPT\n-A B -j ACCEPT\n-A PREROUTING -j A\nCOMMIT\n',
    ).ruleset;
    const { ruleset, diagnostics } = parseSave(
      '*nat\n:A - [0:0]\n-A A -j RETURN\nCOMMIT\n',
      'ipv4',
      { source: 'x', onto: before },
    );
    expect(diagnostics).toEqual([]);
    expect(
      printSave(ruleset)
        .split('\n')
        .filter((line) => line.startsWith('-A')),
    ).toEqual(['-A PREROUTING -j A', '-A A -j RETURN', '-A B -j ACCEPT']);
    expect(before.tables[0]?.chains.find(({ name }) => name === 'A')?.rules[0]?.target?.name).toBe(
      'ACCEPT',
    );
  });
  it('a rule that a commit took out leads nowhere in the next one', () => {
    const { ruleset: onto } = parse('*nat\n:A - [0:0]\nCOMMIT\n');
    const text = [
      '*nat', '-A PREROUTING -m owner --uid-owner 0 -j A', 'COMMIT',
      '*nat', '-A POSTROUTING -j A', '-A A -j MASQUERADE', 'COMMIT', '',
    ].join('\n'); // prettier-ignore
    const { diagnostics } = parseSave(text, 'ipv4', { source: 'x', onto });
    expect(diagnostics.map(({ place, reason }) => [place, reason])).toEqual([
      [expect.objectContaining({ line: 2 }), expect.stringContaining('match owner is not valid')],
    ]);
  });
  it('skips a rule that is for the other family', () => {
    expect(chainsOf('*filter\n-6 -A FORWARD -j DROP\n-4 -A FORWARD -p tcp\nCOMMIT\n')).toEqual([
      '-A FORWARD -p tcp',
    ]);
  });
});
