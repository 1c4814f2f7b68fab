import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSave } from './parse.ts';

/** Pieces of lines, well and badly made, of which every rule is a handful. */
const PIECES = [
  '-s 10.0.0.1/32', '! -s 10.0.0.0/8', '-d 10.0.0.1', '-s 1.2.3.4,5.6.7.8', '-d 0.0.0.0/0', '-i eth0', '-o veth+', '-p tcp', '! -p udp',
  '-p icmp', '-p all', '-m tcp', '-m tcp --dport 80', '-m tcp ! --dport 80', '-m udp --sport 53:99', '-m multiport --dports 80,443',
  '-m comment --comment "a b"', '-m comment --comment "a -j b"', '-m comment --comment "c"-j', '-m comment --comment "a\\"b"',
  '-m comment --comment x', '-m comment --comment "open', '-m comment --comment "a" --comment "b"', '-m nope', '-m mark --mark 0x1/0x1',
  '-m addrtype --dst-type LOCAL', '-m addrtype --dst-type LOCAL --limit-iface-in', '-m statistic --mode random --probability 0.5',
  '-m physdev --physdev-is-bridged', '-m owner --uid-owner 0', '-j A', '-j B', '-g B', '-j ACCEPT', '-j INPUT', '-j NOPE', '-j DNAT',
  '-j DNAT --to-destination 10.0.0.2:80', '-j DNAT --to-destination 10.0.0.2 --random', '-j MASQUERADE', '-j MARK --set-xmark 0x1/0x1',
  '-j LOG --log-prefix "a b"', '-j LOG --log-prefix "a b" --log-level 4', '-j REJECT', '-j TCPMSS --set-mss 1000', '', '!', '--', '\t-j A',
]; // prettier-ignore
const rule = fc
  .tuple(
    fc.constantFrom('A', 'B', 'C', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING'),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }),
  )
  .map(([chain, pieces]) => ['-A', chain, ...pieces].join(' '));
const line = fc.oneof(
  { weight: 12, arbitrary: rule },
  { weight: 1, arbitrary: rule.map((text) => `[3:180] ${text}`) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ':A - [0:0]', ':B - [0:0]', '-N C', '-F A', '-F', '-X B', '-X', '-D A 1', '-I A -j B', '-R A 1 -j C', 'COMMIT', '*nat', '*filter',
      '-P FORWARD DROP', '# a note',
    ), // prettier-ignore
  },
);
const head = '*nat\n:A - [0:0]\n:B - [0:0]\n-A PREROUTING -j A\n-A OUTPUT -j B\n';

describe('the short way of reading a rule', () => {
  it('reads what the long way reads, and complains alike', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 25 }),
        fc.constantFrom('\n', '\r\n'),
        (lines, end) => {
          const text = head + [...lines, 'COMMIT', ''].join(end);
          const short = parseSave(text, 'ipv4', { source: 'x' });
          expect(short).toEqual(parseSave(text, 'ipv4', { source: 'x', thorough: true }));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
