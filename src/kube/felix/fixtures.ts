// Inputs for Felix' tests: the two pods and the policy of the reference dump, and a node with every kind of rule.
import * as v from 'valibot';
import type { IpFamily } from '../families.ts';
import { networkPolicy } from '../objects/network-policy.ts';
import { convertPolicy } from '../policy/convert.ts';
import type { CalicoPolicy } from '../policy/convert.ts';
import { workloadOf } from '../policy/workloads.ts';
import type { NamedPort, Workload } from '../policy/workloads.ts';
import type { FelixInput } from './felix.ts';
import type { FelixConfig } from './types.ts';

export const policyOf = (name: string, spec: unknown, namespace = 'default'): CalicoPolicy =>
  convertPolicy(
    v.parse(networkPolicy, { kind: 'NetworkPolicy', metadata: { name, namespace }, spec }),
  );

export const workload = (
  name: string,
  iface: string,
  ips: readonly string[],
  labels: Record<string, string> = {},
  ports: readonly NamedPort[] = [],
  node = 'node-a',
): Workload =>
  workloadOf(
    { namespace: 'default', name, node, ips, iface, labels, ports, serviceAccount: 'default' },
    { 'kubernetes.io/metadata.name': 'default' },
  );

export const config = (family: IpFamily = 'IPv4'): FelixConfig => ({
  family,
  vxlanPort: 4789,
  workloadVxlanPort: 4789,
  ipip: false,
  tunnels: ['vxlan.calico'],
  natOutgoing: true,
  endpointToHost: 'ACCEPT',
});

/** The input of testdata/calico.saved. */
export const reference: FelixInput = {
  node: 'node-a',
  config: config(),
  workloads: [
    workload('web-0', 'cali0d7763386da', ['10.244.1.2'], { app: 'db' }),
    workload('web-1', 'calia7a3e029a7b', ['10.244.1.3'], { app: 'frontend' }),
  ],
  policies: [
    policyOf('allow-db', {
      podSelector: { matchLabels: { app: 'db' } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { app: 'frontend' } } }],
          ports: [{ protocol: 'TCP', port: 5432 }],
        },
      ],
    }),
  ],
  members: {
    allHosts: [],
    allVxlan: ['192.168.5.12'],
    allPools: ['10.244.0.0/16'],
    masqPools: ['10.244.0.0/16'],
    thisHost: [],
  },
};

const manyPorts = Array.from({ length: 40 }, (_, i) => ({ port: 1000 + 10 * i }));
const http: NamedPort = { name: 'http', protocol: 'TCP', port: 8080 };
const dns: NamedPort = { name: 'dns', protocol: 'UDP', port: 53 };

/** Everything that a policy can say, in one family. */
export function everything(family: IpFamily): FelixInput {
  const six = family === 'IPv6';
  const ip = (n: number): string => (six ? `fd00:10:244::${n}` : `10.244.1.${n}`);
  const net = six ? 'fd00:10::/32' : '10.0.0.0/8';
  const except = six ? ['fd00:10:1::/48', 'fd00:10:2::/48'] : ['10.1.0.0/16', '10.2.0.0/16'];
  return {
    node: 'node-a',
    config: {
      ...config(family),
      ipip: !six,
      tunnels: six ? ['vxlan-v6.calico'] : ['tunl0', 'vxlan.calico'],
    },
    workloads: [
      workload('web-0', 'cali0d7763386da', [ip(2)], { app: 'db' }, [http, dns]),
      workload('web-1', 'cali0a7a3e029a7', [ip(3)], { app: 'web' }, [http]),
      workload('web-2', 'calif0000000000', [ip(4)], { app: 'web' }, [], 'node-b'),
    ],
    policies: [
      policyOf('a-ports', {
        podSelector: {},
        ingress: [{ ports: [...manyPorts, { port: 'http' }] }],
      }),
      policyOf('b-block', {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: net, except } }], ports: manyPorts }],
        egress: [{ to: [{ ipBlock: { cidr: six ? '::/0' : '0.0.0.0/0', except } }] }],
      }),
      policyOf('c-named', {
        podSelector: {},
        egress: [
          { to: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 'http' }] },
          {
            to: [{ namespaceSelector: {} }],
            ports: [{ protocol: 'UDP', port: 'dns' }, { protocol: 'SCTP' }],
          },
        ],
      }),
      ...['d', 'e', 'f', 'g'].map((name) =>
        policyOf(`${name}-with-a-name-that-no-chain-can-have`, { podSelector: {}, ingress: [{}] }),
      ),
    ],
    members: {
      allHosts: six ? [] : ['192.168.5.12'],
      allVxlan: [six ? 'fd00:192::12' : '192.168.5.12'],
      allPools: [six ? 'fd00:10:244::/48' : '10.244.0.0/16'],
      masqPools: [],
      thisHost: [six ? 'fd00:192::11' : '192.168.5.11'],
    },
  };
}
