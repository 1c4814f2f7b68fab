// Laws of appliances on random tables and random packets: nothing throws, every packet has a fate, losses in an appliance have a reason
// of its own, and what a gateway changes on the way out it puts back on the way in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runFlows } from '../kernel/run.ts';
import type { EniSpec, SecurityRuleSpec, VpcRouteSpec } from '../network/appliances.ts';
import type { FlowSpec } from '../network/types.ts';
import { vpcNetwork } from '../test/vpc-network.ts';
import type { VpcSetting } from '../test/vpc-network.ts';
import type { Trace } from '../trace/types.ts';
import { validateTrace } from '../trace/validate.ts';

const NAMES = ['a1', 'a2', 'b1', 'internet'] as const;
const PLACES = new Set(['vpc', 'igw', 'nat']);
const address = fc.constantFrom(
  '10.0.1.11', '10.0.1.12', '10.0.2.11', '10.0.1.100', '10.0.1.1', '10.0.1.2', '10.0.1.77', '10.0.9.9', '10.9.9.9',
  '198.51.100.7', '198.51.100.1', '203.0.113.11', '203.0.113.100', '203.0.113.5', '169.254.169.254', '224.0.0.1',
  '255.255.255.255', '10.0.1.255',
); // prettier-ignore
const route = fc.record({
  dst: fc.constantFrom('0.0.0.0/0', '10.0.2.0/24', '198.51.100.0/24', '10.0.9.0/24', '224.0.0.0/4'),
  target: fc.constantFrom('igw', 'eni-nat', 'eni-a2', 'eni-b1', 'blackhole'),
}) satisfies fc.Arbitrary<VpcRouteSpec>;
const eni = fc.record({
  addresses: fc.constantFrom(['10.0.1.11'], ['10.0.1.12', '10.0.1.64/28'], ['10.0.2.11'], []),
  sourceDestCheck: fc.boolean(),
  securityGroups: fc.constantFrom([], ['x'], ['x', 'y']),
}) satisfies fc.Arbitrary<Partial<EniSpec>>;
const rule = fc.record(
  {
    protocol: fc.constantFrom('tcp', 'udp', 'icmp', 'all'),
    ports: fc.constantFrom('80', '1-100'),
    peer: fc.constantFrom('x', 'y', '10.0.0.0/16', '0.0.0.0/0'),
  },
  { requiredKeys: ['protocol', 'peer'] },
) satisfies fc.Arbitrary<SecurityRuleSpec>;
const group = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      ingress: fc.uniqueArray(rule, { maxLength: 2, selector: (one) => JSON.stringify(one) }),
      egress: fc.uniqueArray(rule, { maxLength: 2, selector: (one) => JSON.stringify(one) }),
    },
    { requiredKeys: ['name', 'ingress'] },
  );
const setting: fc.Arbitrary<VpcSetting> = fc.record({
  securityGroups: fc.tuple(group('x'), group('y')),
  routes: fc.record({
    public: fc.array(route, { maxLength: 3 }),
    private: fc.array(route, { maxLength: 3 }),
  }),
  enis: fc.record({ 'eni-a2': eni }, { requiredKeys: [] }),
});
const flow: fc.Arbitrary<Partial<FlowSpec>> = fc.record(
  {
    ns: fc.constantFrom(...NAMES),
    dst: address,
    proto: fc.constantFrom('tcp', 'udp', 'icmp'),
    dport: fc.constantFrom(80, 9),
    request_bytes: fc.constantFrom(10, 1400, 3000, 12_000),
    pmtudisc: fc.constantFrom(0, 2),
    ttl: fc.constantFrom(1, 2, 64),
    sport: fc.constantFrom(40_000, 40_001),
  },
  { requiredKeys: ['ns', 'dst', 'proto', 'dport'] },
);

function run(s: VpcSetting, flows: readonly Partial<FlowSpec>[], silent = false) {
  const steps = flows.map((one, i): FlowSpec => ({
    do: 'flow',
    id: `f${i}`,
    timeout_ms: 300,
    ...one,
  }));
  return runFlows({ network: vpcNetwork(s), steps, seed: 3, silent });
}

/** Addresses of each flow's packets as the two ends see them. */
const strangers = (trace: Trace): readonly string[] =>
  trace.events.flatMap((e) =>
    e.kind === 'drop' && PLACES.has(e.site.netns) && !e.detail.reason.startsWith('vpc:')
      ? [`${e.site.netns}: ${e.detail.reason}`]
      : [],
  );

describe('any VPC', () => {
  const cases = fc.tuple(setting, fc.array(flow, { minLength: 1, maxLength: 4 }));

  it('tells a consistent trace, and names its losses', () => {
    let ok = 0;
    let lost = 0;
    fc.assert(
      fc.property(cases, ([s, flows]) => {
        const { trace, results } = run(s, flows);
        expect(validateTrace(trace)).toEqual([]);
        expect(trace.unfinished).toBe(null);
        // A device refuses what is too long for the other end, whoever that is.
        expect(strangers(trace).filter((one) => !one.endsWith('PKT_TOO_BIG'))).toEqual([]);
        if (results.flat().some((r) => r.result === 'ok')) ok++;
        if (trace.events.some((e) => e.kind === 'drop' && e.detail.reason.startsWith('vpc:')))
          lost++;
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(ok).toBeGreaterThan(20);
    expect(lost).toBeGreaterThan(50);
  });

  it('does the same when nobody records', () => {
    fc.assert(
      fc.property(cases, ([s, flows]) => {
        const loud = run(s, flows);
        const silent = run(s, flows, true);
        expect(silent.results).toEqual(loud.results);
        expect(silent.trace.packets.map((p) => p.fate.kind)).toEqual(
          loud.trace.packets.map((p) => p.fate.kind),
        );
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('shows a client only the address that it called', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          ['a1', '198.51.100.7'],
          ['b1', '198.51.100.7'],
          ['internet', '203.0.113.11'],
        ),
        fc.constantFrom('tcp', 'udp', 'icmp'),
        fc.constantFrom(80, 9),
        ([ns, dst], proto, dport) => {
          const { results } = run({}, [{ ns: ns!, dst: dst!, proto, dport }]);
          const result = results[0]![0]!;
          if (result.answer_from !== undefined) expect(result.answer_from).toBe(dst);
          if (proto === 'icmp' || (proto === 'tcp' && dport === 80))
            expect(result.result).toBe('ok');
          else expect(result.error).toBe('ECONNREFUSED');
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });
});
