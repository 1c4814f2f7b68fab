// NetworkPolicies by packets: the shared truth table where it is at hand, and random policies held against the words of the API.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { networkPolicy } from '../../kube/objects/network-policy.ts';
import { verdictsOf } from './attempt.ts';
import { parseEnd } from './cases.ts';
import type { Expectation, NetpolFile, NetpolPod } from './cases.ts';
import { apiAllows } from './oracle.ts';
import { networkPolicies } from './random.ts';
import type { Party } from './oracle.ts';

const shared = fileURLToPath(
  new URL('../../../../shared/conformance/netpol/cases.json', import.meta.url),
);
if (!existsSync(shared)) console.warn('skipped: the NetworkPolicy truth table is not at hand');

describe.skipIf(!existsSync(shared))('the truth table', () => {
  it('is met', () => {
    const file = JSON.parse(readFileSync(shared, 'utf8')) as NetpolFile;
    const verdicts = file.groups.flatMap((group) => verdictsOf(file, group));
    const wrong = file.groups.flatMap((group) =>
      group.expectations.flatMap((one, index) => {
        const got = verdicts.find((v) => v.group === group.group && v.index === index)?.allowed;
        return got === one.allowed ? [] : [`${group.group} ${one.from} -> ${one.to}: ${got}`];
      }),
    );
    expect(wrong).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(50);
  });
});

const PORTS = [
  { name: 'http', containerPort: 80, protocol: 'TCP' },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];
const pod = (ns: string, name: string, ip: string, node: string, more = {}): NetpolPod => ({
  ns,
  name,
  ip,
  node,
  labels: { pod: name, tier: name === 'a' ? 'db' : 'web' },
  ports: name === 'c' ? [{ ...PORTS[0]!, containerPort: 8080 }] : PORTS,
  ...more,
});
const file: NetpolFile = {
  namespaces: [{ name: 'x', labels: { team: 'alpha' } }, { name: 'y' }],
  nodes: [
    { name: 'n1', ip: '192.168.50.11' },
    { name: 'n2', ip: '192.168.50.12' },
  ],
  pods: [
    pod('x', 'a', '10.244.1.10', 'n1'),
    pod('x', 'b', '10.244.1.11', 'n2'),
    pod('x', 'c', '10.244.7.12', 'n1'),
    pod('y', 'a', '10.244.2.10', 'n1'),
    pod('y', 'b', '10.244.2.11', 'n2'),
    pod('x', 'h', '192.168.50.12', 'n2', { hostNetwork: true, ports: [] }),
  ],
  dnsPod: pod('kube-system', 'coredns', '10.244.9.2', 'n2', { labels: { 'k8s-app': 'kube-dns' } }),
  groups: [],
};

/** `from -> to protocol/port`, `yes` or `no`. */
const expectation = (line: string): Expectation => {
  const [, from = '', to = '', protocol = '', port = '', answer] =
    /^(\S+) -> (\S+) (\w+)\/(\d+) (yes|no)$/.exec(line) ?? [];
  return { from, to, protocol, port: Number(port), allowed: answer === 'yes' };
};

describe('ends that are no pods', () => {
  const policies = [
    {
      kind: 'NetworkPolicy',
      metadata: { name: 'dns-only', namespace: 'x' },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [
              {
                namespaceSelector: {
                  matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
                },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: [{ protocol: 'UDP', port: 53 }],
          },
          { to: [{ ipBlock: { cidr: '10.96.0.0/12' } }] },
        ],
      },
    },
  ];
  it.each([
    'x/a -> kube-dns/10.96.0.10 UDP/53 yes',
    'x/a -> kube-dns/10.96.0.10 TCP/53 no',
    'y/a -> kube-dns/10.96.0.10 TCP/53 yes',
    'node:n1 -> kube-dns/10.96.0.10 UDP/53 yes',
    // The policy sees what kube-proxy has made of a cluster IP.
    'x/a -> svc:10.96.0.77->y/a:80 TCP/8000 no',
    'y/b -> svc:10.96.0.77->y/a:80 TCP/8000 yes',
    'y/b -> svc:10.96.0.77->x/c:8080 TCP/8000 yes',
    'x/a -> node:n1 TCP/10250 no',
    'x/a -> node:n2 TCP/10250 no',
    'y/a -> node:n1 TCP/10250 yes',
    'x/h -> y/a TCP/80 yes',
    'y/a -> x/h TCP/9100 yes',
    'x/a -> ext:8.8.8.8 UDP/53 no',
    'ext:8.8.8.8 -> x/a TCP/80 yes',
    'ext:192.168.50.77 -> x/a TCP/80 yes',
  ])('%s', (line) => {
    const one = expectation(line);
    const complaints: string[] = [];
    const group = { group: 'g', policies, expectations: [one] };
    const [verdict] = verdictsOf(file, group, ({ reason }) => complaints.push(reason));
    expect(complaints).toEqual([]);
    expect(verdict?.allowed).toBe(one.allowed);
  });
  it('are all in one run, where a cluster IP leads to several pods in turn', () => {
    const expectations = [
      expectation('y/b -> svc:10.96.0.77->y/a:80 TCP/8000 yes'),
      expectation('x/a -> svc:10.96.0.77->y/a:80 TCP/8000 no'),
      expectation('y/b -> svc:10.96.0.77->x/c:8080 TCP/8000 yes'),
    ];
    const verdicts = verdictsOf(file, { group: 'g', policies, expectations });
    expect([...verdicts].sort((a, b) => a.index - b.index).map(({ allowed }) => allowed)).toEqual([
      true,
      false,
      true,
    ]);
  });
  it('may be many, outside', () => {
    const expectations = Array.from({ length: 20 }, (_, i) =>
      expectation(`ext:9.${i}.0.7 -> y/a TCP/80 yes`),
    );
    const verdicts = verdictsOf(file, { group: 'g', policies, expectations });
    expect(verdicts.map(({ allowed }) => allowed)).toEqual(expectations.map(() => true));
  });
  it('may have IPv6 addresses', () => {
    const six: NetpolFile = {
      ...file,
      nodes: [
        { name: 'n1', ip: 'fd00:192::11' },
        { name: 'n2', ip: 'fd00:192::12' },
      ],
      pods: [
        pod('x', 'a', 'fd00:10:244:1::10', 'n1'),
        pod('x', 'b', 'fd00:10:244:2::11', 'n2'),
        pod('y', 'a', 'fd00:10:244:2::10', 'n2'),
      ],
      dnsPod: { ...file.dnsPod!, ip: 'fd00:10:244:9::2' },
    };
    const expectations = [
      'x/a -> kube-dns/fd00:10:96::a UDP/53 yes',
      'x/a -> y/a TCP/80 no',
      'y/a -> x/a TCP/80 yes',
      'ext:2001:db8::7 -> x/b TCP/80 yes',
      'x/b -> ext:2001:db8::7 TCP/80 no',
    ].map(expectation);
    const verdicts = verdictsOf(six, { group: 'g', policies, expectations });
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, false, true, true, false]);
  });
  it('of protocols without sockets are named', () => {
    const complaints: string[] = [];
    const expectations = [expectation('y/a -> x/a SCTP/80 yes')];
    const group = { group: 'g', policies, expectations };
    expect(verdictsOf(file, group, ({ reason }) => complaints.push(reason))).toEqual([]);
    expect(complaints[0]).toMatch(/^1 attempts are left out/);
  });
});

const ENDS = ['x/a', 'x/b', 'x/c', 'y/a', 'y/b', 'x/h', 'node:n1', 'node:n2', 'ext:203.0.113.200'];
const attempt = fc
  .record({
    from: fc.constantFrom(...ENDS),
    to: fc.constantFrom('x/a', 'x/b', 'x/c', 'y/a', 'y/b', 'ext:203.0.113.10'),
    on: fc.constantFrom(['TCP', 80] as const, ['TCP', 8080] as const, ['UDP', 53] as const),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ from, to, on: [protocol, number] }): Expectation => ({
    from,
    to,
    protocol,
    port: number,
  }));

function party(text: string): Party {
  const end = parseEnd(text, file);
  if (end.kind === 'external') return { ip: end.ip, pod: null, node: null };
  if (end.kind === 'node')
    return { ip: file.nodes.find((n) => n.name === end.node)!.ip, pod: null, node: end.node };
  const found = file.pods.find((p) => `${p.ns}/${p.name}` === end.pod)!;
  return {
    ip: found.ip,
    pod: found.hostNetwork === true ? null : found,
    node: found.node ?? null,
  };
}

describe('random policies', () => {
  it('do to packets what the API says', () => {
    fc.assert(
      fc.property(
        networkPolicies,
        fc.array(attempt, { minLength: 8, maxLength: 12 }),
        (policies, expectations) => {
          const parsed = policies.map((one) => v.parse(networkPolicy, one));
          const wrong: string[] = [];
          const got = verdictsOf(file, { group: 'g', policies, expectations }, (d) =>
            wrong.push(d.reason),
          );
          expectations.forEach(({ from, to, port: number, protocol = 'TCP' }, i) => {
            const connection = { from: party(from), to: party(to), protocol, port: number };
            const want = apiAllows(connection, parsed, file);
            if (got[i]?.allowed !== want)
              wrong.push(`${from} -> ${to} ${protocol}/${number}: ${want}`);
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
