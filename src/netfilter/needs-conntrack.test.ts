import { describe, expect, it } from 'vitest';
import { rulesetOf } from './fixtures.ts';
import { rulesetNeedsConntrack } from './needs-conntrack.ts';

describe('who makes conntrack run', () => {
  it.each([
    ['filter', '', false],
    ['nat', '', false],
    ['nat', '-A PREROUTING -p tcp -j ACCEPT', false],
    ['nat', '-A POSTROUTING -j MASQUERADE', true],
    ['nat', '-A POSTROUTING -j SNAT --to-source 10.0.0.1', true],
    ['nat', '-A PREROUTING -j DNAT --to-destination 10.0.0.1', true],
    ['nat', '-A PREROUTING -j REDIRECT', true],
    ['filter', '-A FORWARD -m conntrack --ctstate NEW', true],
    ['filter', '-A FORWARD -m state --state NEW', true],
    ['filter', '-A FORWARD -m connmark --mark 1', true],
    ['mangle', '-A FORWARD -j CONNMARK --save-mark', true],
    ['mangle', '-A FORWARD -j MARK --set-mark 1', false],
    ['raw', '-A PREROUTING -j NOTRACK', false],
    ['raw', '-A PREROUTING -j CT --notrack', false],
    ['raw', '-A PREROUTING -j CT --zone 5', true],
    ['filter', ':A - [0:0]\n-A A -m conntrack --ctstate NEW', true],
  ])('%s %s: %s', (table, rule, want) => {
    expect(rulesetNeedsConntrack(rulesetOf(`*${table}\n${rule}\nCOMMIT\n`))).toBe(want);
  });
});
