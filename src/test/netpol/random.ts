// NetworkPolicies at random, over namespaces x and y with pods a, b and c: every way to name a peer and a port.
import fc from 'fast-check';

const selector = fc.oneof(
  fc.constant({}),
  fc.constantFrom('a', 'b', 'c').map((name) => ({ matchLabels: { pod: name } })),
  fc
    .tuple(
      fc.constantFrom('pod', 'tier', 'none'),
      fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
      fc.subarray(['a', 'b', 'db'], { minLength: 1 }),
    )
    .map(([key, operator, values]) => ({
      matchExpressions: [
        operator === 'In' || operator === 'NotIn' ? { key, operator, values } : { key, operator },
      ],
    })),
);
const namespaces = fc.oneof(
  fc.constant({}),
  fc.constant({ matchLabels: { team: 'alpha' } }),
  fc.constant({ matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }),
  fc
    .constantFrom('x', 'y')
    .map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);
const block = fc.constantFrom(
  { cidr: '0.0.0.0/0' },
  { cidr: '0.0.0.0/0', except: ['10.244.0.0/16', '203.0.113.0/25'] },
  { cidr: '10.244.1.0/24', except: ['10.244.1.11/32'] },
  { cidr: '203.0.113.0/24' },
  { cidr: '192.168.50.12/32' },
);
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  namespaces.map((namespaceSelector) => ({ namespaceSelector })),
  fc
    .tuple(selector, namespaces)
    .map(([podSelector, namespaceSelector]) => ({ podSelector, namespaceSelector })),
  block.map((ipBlock) => ({ ipBlock })),
);
const port = fc.constantFrom(
  {},
  { port: 80 },
  { port: 'http' },
  { protocol: 'UDP' },
  { protocol: 'UDP', port: 'dns' },
  { port: 75, endPort: 85 },
  { port: 8080 },
  ...Array.from({ length: 3 }, (_, i) => ({ port: 1000 + 7 * i })),
);
const rules = (peers: 'from' | 'to') =>
  fc.array(
    fc
      .tuple(
        fc.option(fc.array(peer, { minLength: 1, maxLength: 2 })),
        fc.option(fc.array(port, { maxLength: 18 }), { freq: 1 }),
      )
      .map(([ends, ports]) => ({
        ...(ends === null ? {} : { [peers]: ends }),
        ...(ports === null ? {} : { ports }),
      })),
    { maxLength: 2 },
  );
const policy = fc
  .record({
    namespace: fc.constantFrom('x', 'x', 'y'),
    podSelector: selector,
    policyTypes: fc.option(fc.subarray(['Ingress', 'Egress'], { minLength: 1 }), { freq: 1 }),
    ingress: fc.option(rules('from')),
    egress: fc.option(rules('to')),
  })
  .map(({ namespace, ...given }) => ({
    namespace,
    spec: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)),
  }));

/** One to four, with names of their own. */
export const networkPolicies = fc.array(policy, { minLength: 1, maxLength: 4 }).map((list) =>
  list.map(({ namespace, spec }, i) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `p${i}`, namespace },
    spec,
  })),
);
