// Matches that remember: a row of packets and which of them fit.
import { describe, expect, it } from 'vitest';
import { nanos, SECOND } from '../../base/queue.ts';
import { compileRuleset } from '../compile.ts';
import { actionsOn, rulesetOf, viewOf, type PacketParts } from '../fixtures.ts';
import { createSets } from '../ipset.ts';
import type { NfView } from '../types.ts';
import { walk } from '../walk.ts';

interface Step extends PacketParts {
  /** Seconds. */
  readonly at?: number;
}
/** Runs packets through the rules; the answer has for each packet the numbers of the rules that matched. */
function play(
  rules: readonly string[],
  steps: readonly Step[],
  more: Partial<NfView> = {},
): string[] {
  const { sets } = createSets([
    { name: 'ips', type: 'hash:ip', entries: ['10.0.0.1', '10.0.0.8-10.0.0.9'] },
    {
      name: 'nets',
      type: 'hash:net',
      entries: ['10.0.0.0/8', '10.1.0.0/16 nomatch', '10.1.1.0/24'],
    },
    {
      name: 'ports',
      type: 'hash:ip,port',
      entries: ['10.96.0.20,tcp:80-90', '10.96.0.20,icmp:8/0'],
    },
    { name: 'all', type: 'list:set', entries: ['ips', 'nets'] },
  ]);
  const text = `*filter\n${rules.map((rule) => `-A FORWARD ${rule}`).join('\n')}\nCOMMIT\n`;
  const compiled = compileRuleset(rulesetOf(text), { sets });
  return steps.map(({ at = 0, ...parts }) => {
    const view = viewOf(parts, { now: nanos(at * SECOND), ...more });
    const result = walk(compiled, 'filter', 'FORWARD', view, actionsOn(view).act, { left: 99 });
    return result.steps
      .filter(({ kind }) => kind === 'rule')
      .map(({ rule }) => rule)
      .join(',');
  });
}

describe('recent', () => {
  it('remembers who was here, for some seconds', () => {
    const rules = [
      '-p tcp -m recent --set --name A',
      '-p udp -m recent --rcheck --seconds 10 --name A',
    ];
    const udp = { proto: 'udp' } as const;
    expect(
      play(rules, [
        udp,
        {},
        udp,
        { ...udp, at: 10 },
        { ...udp, at: 11 },
        { ...udp, src: '10.0.0.1' },
      ]),
    ).toEqual(['', '1', '2', '2', '', '']);
  });
  it('counts hits, and renews with --update', () => {
    const rules = [
      '-p tcp -m recent --set --name A',
      '-p udp -m recent --update --hitcount 2 --seconds 60 --name A',
    ];
    const udp = { proto: 'udp' } as const;
    expect(play(rules, [{}, udp, { at: 1 }, { ...udp, at: 2 }, { ...udp, at: 60.5 }])).toEqual([
      '1',
      '',
      '1',
      '2',
      '2',
    ]);
  });
  it('forgets with --remove, and inverts', () => {
    const rules = [
      '-p tcp -m recent --set',
      '-p udp -m recent --remove',
      '-p icmp -m recent ! --rcheck',
    ];
    expect(
      play(rules, [
        { proto: 'icmp' },
        {},
        { proto: 'icmp' },
        { proto: 'udp' },
        { proto: 'udp' },
        { proto: 'icmp' },
      ]),
    ).toEqual(['3', '1', '', '2', '', '3']);
  });
  it('keeps destinations apart from sources, and masks', () => {
    const rules = [
      '-p tcp -m recent --set --rdest --mask 255.255.255.0',
      '-p udp -m recent --rcheck --rsource',
    ];
    expect(
      play(rules, [
        { dst: '10.5.5.5' },
        { proto: 'udp', src: '10.5.5.9' },
        { proto: 'udp', src: '10.5.6.9' },
      ]),
    ).toEqual(['1', '2', '']);
  });
  it('puts the oldest of more than 100 addresses out', () => {
    const many = Array.from({ length: 101 }, (_, i) => ({ src: `10.9.0.${i}` }));
    const asked = [
      { proto: 'udp', src: '10.9.0.0' },
      { proto: 'udp', src: '10.9.0.1' },
    ] as const;
    expect(
      play(['-p tcp -m recent --set', '-p udp -m recent --rcheck'], [...many, ...asked]).slice(-2),
    ).toEqual(['', '2']);
  });
});

describe('statistic', () => {
  it.each([
    [0.5, 0x3fffffff, '1'],
    [0.5, 0x40000000, ''],
    [0.5, 0x80000000, '1'],
    [1, 0xffffffff, '1'],
    [0, 0, ''],
  ])('probability %s with draw %s', (p, draw, want) => {
    const rule = `-m statistic --mode random --probability ${p}`;
    expect(play([rule], [{}], { random: () => draw })).toEqual([want]);
  });
  it('draws from a stream named by table, chain and target', () => {
    const streams: string[] = [];
    const random = (name: string): number => (streams.push(name), 0);
    play(['-m statistic --mode random --probability 0.5 -j ACCEPT'], [{}], { random });
    expect(streams).toEqual(['statistic/filter/FORWARD/ACCEPT']);
  });
  it('nth takes turns', () => {
    const rules = [
      '-m statistic --mode nth --every 3 --packet 0',
      '-m statistic --mode nth --every 2 --packet 1',
    ];
    expect(play(rules, [{}, {}, {}, {}])).toEqual(['1', '2', '', '1,2']);
  });
});

describe('limit and hashlimit', () => {
  it('spends the burst and refills with time', () => {
    const rule = ['-m limit --limit 1/sec --limit-burst 2'];
    expect(play(rule, [{ at: 1 }, { at: 1 }, { at: 1 }, { at: 1.5 }, { at: 2 }])).toEqual([
      '1',
      '1',
      '',
      '',
      '1',
    ]);
  });
  it('keeps a bucket for each source', () => {
    const rule = [
      '-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name h',
    ];
    const other = { src: '10.0.0.1' };
    expect(play(rule, [{}, {}, other, other, { at: 1 }])).toEqual(['1', '', '1', '', '1']);
  });
  it('above is the opposite', () => {
    const rule = ['-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 1 --hashlimit-name h'];
    expect(play(rule, [{}, {}])).toEqual(['', '1']);
  });
});

describe('set', () => {
  it.each([
    ['ips src', { src: '10.0.0.1' }, '1'],
    ['ips src', { src: '10.0.0.9' }, '1'],
    ['ips dst', { src: '10.0.0.1' }, ''],
    ['nets src', { src: '10.2.0.1' }, '1'],
    ['nets src', { src: '10.1.0.1' }, ''],
    ['nets src', { src: '10.1.1.1' }, '1'],
    ['ports dst,dst', {}, '1'],
    ['ports dst,dst', { dport: 91 }, ''],
    ['ports dst,dst', { proto: 'udp' }, ''],
    ['all src', { src: '10.1.0.1' }, ''],
    ['all src', { src: '10.0.0.8' }, '1'],
  ] as const)('--match-set %s %j', (set, parts, want) => {
    expect(play([`-m set --match-set ${set}`], [parts])).toEqual([want]);
    expect(play([`-m set ! --match-set ${set}`], [parts])).toEqual([want === '' ? '1' : '']);
  });
  it('SET adds and deletes', () => {
    const rules = [
      '-p tcp -j SET --add-set ips src',
      '-p udp -j SET --del-set ips src',
      '-p icmp -m set --match-set ips src',
    ];
    const icmp = { proto: 'icmp' } as const;
    expect(play(rules, [icmp, {}, icmp, { proto: 'udp' }, icmp])).toEqual(['', '1', '3', '2', '']);
  });
  it('a set that does not exist is named, and never matches', () => {
    const compiled = compileRuleset(
      rulesetOf('*filter\n-A FORWARD -m set --match-set nope src -j DROP\nCOMMIT\n'),
      { source: 'node' },
    );
    expect(compiled.diagnostics).toEqual([
      {
        severity: 'error',
        place: { source: 'node', line: 2, column: null },
        reason: 'set nope does not exist; the rule never matches',
        fix: 'ipset create nope hash:ip',
      },
    ]);
    const view = viewOf();
    expect(
      walk(compiled, 'filter', 'FORWARD', view, actionsOn(view).act, { left: 9 }).verdict,
    ).toBe('accept');
  });
});
