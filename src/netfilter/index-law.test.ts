import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRuleset } from './compile.ts';
import { actionsOn, rulesetOf, viewOf, type PacketParts } from './fixtures.ts';
import { parseSave } from './save/parse.ts';
import { printSave } from './save/print.ts';
import { snapshot } from './snapshot.ts';
import { walk } from './walk.ts';

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const CHAINS = ['PREROUTING', 'C0', 'C1', 'C2'] as const;

/** A rule of chain `place`: it may jump to later chains only. */
const rule = (place: number) =>
  fc
    .tuple(
      pick('', '-s 10.0.0.1/32', '! -s 10.0.0.1/32', '-s 10.0.0.0/24'),
      pick('', '-d 10.96.0.1/32', '-d 10.96.0.2/32', '-d 10.96.0.0/16', '! -d 10.96.0.1/32'),
      pick('', '-i eth0', '-i cni0', '! -i cni0', '-i eth+'),
      pick(
        '',
        '-p udp',
        '-p tcp',
        '-p tcp -m tcp --dport 80',
        '-p tcp -m tcp --dport 443',
        '-p udp -m udp --dport 53',
        '-p tcp -m tcp --dport 80:90',
        '! -p tcp',
      ),
      pick(
        '',
        '',
        '-m statistic --mode nth --every 2 --packet 0',
        '-m mark --mark 1',
        '-m recent --set',
        '-m recent --rcheck',
      ),
      pick(
        '',
        '-j ACCEPT',
        '-j DROP',
        '-j RETURN',
        '-j MARK --set-mark 1',
        '-j TTL --ttl-dec 1',
        ...CHAINS.slice(place + 1).flatMap((name) => [`-j ${name}`, `-g ${name}`]),
      ),
    )
    .map((parts) => [`-A ${CHAINS[place]}`, ...parts.filter((part) => part !== '')].join(' '));
const ruleset = fc
  .tuple(...CHAINS.map((_, place) => fc.array(rule(place), { minLength: 0, maxLength: 24 })))
  .map((chains) =>
    ['*mangle', ':C0 - [0:0]', ':C1 - [0:0]', ':C2 - [0:0]', ...chains.flat(), 'COMMIT', ''].join(
      '\n',
    ),
  );
const packet: fc.Arbitrary<PacketParts> = fc.record({
  src: pick('10.0.0.1', '10.0.0.2', '10.1.0.1'),
  dst: pick('10.96.0.1', '10.96.0.2', '10.97.0.1'),
  proto: pick('tcp', 'udp', 'icmp'),
  dport: pick(53, 80, 85, 443),
  fragOffset: pick(0, 0, 0, 8, 800),
});

describe('laws of a walk', () => {
  it('the index over a chain is invisible', () => {
    fc.assert(
      fc.property(
        ruleset,
        fc.array(packet, { minLength: 1, maxLength: 8 }),
        pick('eth0', 'cni0'),
        (text, packets, dev) => {
          const rules = rulesetOf(text);
          const [indexed, linear] = [
            compileRuleset(rules),
            compileRuleset(rules, { linear: true }),
          ];
          for (const parts of packets) {
            const results = [indexed, linear].map((compiled) => {
              const view = viewOf(parts, {
                in: dev,
                out: null,
                hook: 'PREROUTING',
                table: 'mangle',
              });
              const { act, done } = actionsOn(view);
              return {
                ...walk(compiled, 'mangle', 'PREROUTING', view, act, { left: 100_000 }),
                done,
                mark: view.mark,
              };
            });
            expect(results[0]).toEqual(results[1]);
          }
          expect([...snapshot(indexed)]).toEqual([...snapshot(linear)]);
        },
      ),
      { numRuns: 300 },
    );
  });
  it('what is printed is read as the same', () => {
    fc.assert(
      fc.property(ruleset, (text) => {
        const printed = printSave(rulesetOf(text));
        expect(parseSave(text, 'ipv4', { source: 'test', thorough: true }).ruleset).toEqual(
          rulesetOf(text),
        );
        expect(printSave(rulesetOf(printed))).toBe(printed);
        const blind = (value: unknown): string =>
          JSON.stringify(value, (key, v: unknown) => (key === 'line' ? null : v));
        expect(blind(rulesetOf(printed))).toBe(blind(rulesetOf(text)));
      }),
      { numRuns: 100 },
    );
  });
});
