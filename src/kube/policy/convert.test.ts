import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { networkPolicy } from '../objects/network-policy.ts';
import { convertPolicy } from './convert.ts';
import type { CalicoPolicy, PolicyRule } from './convert.ts';
import { mergePorts, printPorts, splitPorts } from './ports.ts';
import type { PortRange } from './ports.ts';
import { printSelector, selectorMatches } from './selector.ts';

const convert = (spec: unknown): CalicoPolicy =>
  convertPolicy(
    v.parse(networkPolicy, {
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'x' },
      spec,
    }),
  );
const words = ({ protocol, peer, ports }: PolicyRule): string =>
  [
    protocol ?? 'any',
    printPorts(ports.ranges),
    ports.names.join(),
    peer.kind === 'workloads'
      ? printSelector(peer.selector)
      : peer.kind === 'net'
        ? [peer.cidr, ...peer.except].join(' but ')
        : 'anybody',
  ]
    .filter((word) => word !== '')
    .join(' ');
const ingress = (rule: unknown): readonly string[] | undefined =>
  convert({ podSelector: {}, ingress: [rule] }).ingress?.map(words);

describe('convertPolicy', () => {
  it('defaults the directions as the API server does', () => {
    const of = (spec: object) => {
      const policy = convert({ podSelector: {}, ...spec });
      return [policy.ingress?.length ?? null, policy.egress?.length ?? null];
    };
    expect(of({})).toEqual([0, null]);
    expect(of({ egress: [] })).toEqual([0, null]);
    expect(of({ egress: [{}] })).toEqual([0, 1]);
    expect(of({ policyTypes: ['Egress'], ingress: [{}] })).toEqual([null, 0]);
    expect(of({ policyTypes: ['Ingress'], egress: [{}] })).toEqual([0, null]);
  });
  it('selects pods of its own namespace', () => {
    expect(
      printSelector(convert({ podSelector: { matchLabels: { b: '2', a: '1' } } }).selector),
    ).toBe(
      '((projectcalico.org/orchestrator == "k8s" && a == "1" && b == "2") && projectcalico.org/namespace == "x")',
    );
    expect(printSelector(convert({ podSelector: {} }).selector)).toBe(
      '(projectcalico.org/orchestrator == "k8s" && projectcalico.org/namespace == "x")',
    );
  });
  it('reads peers', () => {
    const pods = 'projectcalico.org/orchestrator == "k8s"';
    expect(ingress({})).toEqual(['any anybody']);
    expect(ingress({ from: [{ podSelector: {} }] })).toEqual([
      `any (projectcalico.org/namespace == "x" && ${pods})`,
    ]);
    expect(ingress({ from: [{ namespaceSelector: {} }] })).toEqual([
      `any (has(projectcalico.org/namespace) && ${pods})`,
    ]);
    expect(
      ingress({
        from: [
          {
            namespaceSelector: { matchLabels: { team: 'a' } },
            podSelector: {
              matchExpressions: [{ key: 'role', operator: 'In', values: ['z', 'b'] }],
            },
          },
        ],
      }),
    ).toEqual([`any (pcns.team == "a" && (${pods} && role in {"b", "z"}))`]);
    expect(
      ingress({ from: [{ ipBlock: { cidr: '10.1.2.3/8', except: ['10.9.0.0/16'] } }] }),
    ).toEqual(['any 10.0.0.0/8 but 10.9.0.0/16']);
  });
  it('makes one rule of the ports of a protocol, for every peer', () => {
    const ports = [
      { port: 81 },
      { port: 80 },
      { port: 'http' },
      { port: 9000, endPort: 9010 },
      { protocol: 'UDP', port: 53 },
    ];
    expect(ingress({ ports })).toEqual(['TCP 80:81,9000:9010 http anybody', 'UDP 53 anybody']);
    expect(ingress({ ports: [{ port: 80 }, { protocol: 'TCP' }] })).toEqual(['TCP anybody']);
    expect(
      ingress({ ports: [{ port: 1 }], from: [{ ipBlock: { cidr: '::/0' } }, { podSelector: {} }] }),
    ).toHaveLength(2);
  });
  it('refuses what the API server refuses', () => {
    const bad = (rule: unknown, apiVersion = 'networking.k8s.io/v1'): boolean =>
      !v.safeParse(networkPolicy, {
        apiVersion,
        kind: 'NetworkPolicy',
        metadata: { name: 'p' },
        spec: { podSelector: {}, ingress: [rule] },
      }).success;
    expect(bad({})).toBe(false);
    expect(bad({}, 'projectcalico.org/v3')).toBe(true);
    expect(bad({ from: [{}] })).toBe(true);
    expect(bad({ from: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] })).toBe(true);
    expect(bad({ from: [{ ipBlock: { cidr: '10.0.0.0' } }] })).toBe(true);
    expect(bad({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] })).toBe(
      true,
    );
    expect(bad({ ports: [{ port: 'http', endPort: 90 }] })).toBe(true);
    expect(bad({ ports: [{ port: 80, endPort: 79 }] })).toBe(true);
    expect(bad({ ports: [{ port: 80, endPort: 80 }], from: [{ podSelector: {} }] })).toBe(false);
  });
});

describe('selectors', () => {
  it('match an absent key with NotIn and DoesNotExist', () => {
    expect(selectorMatches({ kind: 'notIn', key: 'a', values: ['1'] }, {})).toBe(true);
    expect(selectorMatches({ kind: 'lacks', key: 'a' }, {})).toBe(true);
    expect(selectorMatches({ kind: 'in', key: 'a', values: ['1'] }, {})).toBe(false);
    expect(selectorMatches({ kind: 'equals', key: 'a', value: '1' }, { a: '2' })).toBe(false);
  });
});

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 5 }))
    .map(([first, more]): PortRange => ({ first, last: first + more })),
  { maxLength: 60 },
);
const numbersOf = (list: readonly PortRange[]): ReadonlySet<number> =>
  new Set(
    list.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    ),
  );

describe('ports', () => {
  it('merge without gain or loss, and split into matches of at most 15 places', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        const merged = list.reduce(
          (sum, range) => mergePorts(sum, { ranges: [range], names: [] }),
          {
            ranges: [] as readonly PortRange[],
            names: [] as readonly string[],
          },
        ).ranges;
        expect(numbersOf(merged)).toEqual(new Set([...numbersOf(list)]));
        merged.forEach((range, i) => {
          if (i > 0) expect(range.first).toBeGreaterThan(merged[i - 1]!.last + 1);
        });
        const splits = splitPorts(merged);
        expect(splits.flat()).toEqual(merged);
        for (const split of splits) {
          const places = split.reduce((n, { first, last }) => n + (first === last ? 1 : 2), 0);
          expect(places).toBeLessThanOrEqual(15);
          expect(places).toBeGreaterThan(0);
        }
      }),
    );
  });
});
