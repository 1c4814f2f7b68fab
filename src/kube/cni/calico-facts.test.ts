// What Calico does to packets, fact by fact: those that were reproduced on a real kernel [X], and those that its modes are chosen for.
import { describe, expect, it } from 'vitest';
import { runFlows } from '../../kernel/run.ts';
import type { FlowResult, StepSpec } from '../../network/types.ts';
import { compiled, nameOf, runCluster } from '../../test/cluster-run.ts';
import type { Flow } from '../../test/cluster-run.ts';
import type { Trace } from '../../trace/types.ts';
import type { CompiledCluster } from '../compile.ts';

const PORT = 8080;
const pod = (name: string, node: string): string => `---
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: server, ports: [{containerPort: ${PORT}}, {containerPort: 5432}, {containerPort: 4789, protocol: UDP}]}]}
`;
const PODS = [pod('a', 'node-a'), pod('b', 'node-a'), pod('c', 'node-b'), pod('d', 'node-c')].join(
  '',
);

const clusterOf = (cni: object, more: object) => ({
  subnets: [
    { name: 'lan', cidr: '192.168.1.0/24', gateway: '192.168.1.1' },
    { name: 'far', cidr: '192.168.2.0/24', gateway: '192.168.2.1' },
  ],
  nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c', subnet: 'far' }],
  hosts: [{ name: 'outside', subnet: 'far', ports: [PORT] }],
  cni: { name: 'calico', encapsulation: 'VXLAN', ...cni },
  ...more,
});
const calico = (cni: object = {}, manifests = '', more: object = {}): CompiledCluster =>
  compiled(clusterOf(cni, more), PODS + manifests);
const ipOf = ({ pods, machines }: CompiledCluster, name: string): string =>
  pods.find(({ netns }) => netns === name)?.ip ??
  machines.find((one) => one.name === name)?.ip ??
  '';
const flow = (cluster: CompiledCluster, ns: string, to: string, dport = PORT): Flow => ({
  id: `${ns} to ${to}:${dport}`,
  ns,
  dst: ipOf(cluster, to),
  dport,
});

/** Whom the server sees. */
function seenAs(cluster: CompiledCluster, ns: string, to: string, dport = PORT): string {
  const one = flow(cluster, ns, to, dport);
  const { result, source, drops } = runCluster(cluster, [one], dport).seen.get(one.id)!;
  const reasons = new Set(drops.map(({ reason }) => reason));
  return result === 'ok' ? nameOf(cluster, source) : `lost: ${[...reasons].join(', ')}`;
}

/** The last flow's result and trace. */
function last(
  { network }: CompiledCluster,
  ...steps: readonly StepSpec[]
): { readonly result: FlowResult; readonly trace: Trace } {
  const { results, trace } = runFlows({ network, steps, seed: 1 });
  return { result: results.at(-1)?.[0] ?? {}, trace };
}

/** Chain and rule by which netfilter dropped packets: `cali-tw-... 9`. */
const dropRules = ({ events }: Trace): readonly string[] => [
  ...new Set(
    events.flatMap((event) => {
      if (event.kind !== 'nf.walk' || event.detail.verdict !== 'drop') return [];
      const end = event.detail.steps.at(-1);
      return end === undefined ? [] : [`${event.detail.table} ${end.chain} ${end.target}`];
    }),
  ),
];

describe('169.254.1.1 [X]', () => {
  it('is answered for where the node has a default route', () => {
    const { result, trace } = last(calico(), {
      do: 'flow', id: 'f', ns: 'a', dst: ipOf(calico(), 'b'), dport: PORT,
    }); // prettier-ignore
    expect(result.result).toBe('ok');
    const answers = trace.events.filter(
      (event) => event.kind === 'arp.receive' && event.detail.why.startsWith('proxy_arp'),
    );
    expect(answers.length).toBeGreaterThan(0);
  });
  it('stays INCOMPLETE where it has none, and the pod has no network', () => {
    const cluster = calico({}, '', {
      subnets: [{ name: 'lan', cidr: '192.168.1.0/24' }],
      nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c' }],
      hosts: [],
    });
    expect(cluster.diagnostics.map(({ reason }) => reason)).toEqual([
      'node-a, node-b, node-c: without a default route a node does not answer for 169.254.1.1, and its pods reach nobody',
    ]);
    for (const to of ['b', 'c', 'node-a']) {
      const steps = { do: 'flow', id: 'f', ns: 'a', dst: ipOf(cluster, to), dport: PORT } as const;
      const { result, trace } = last(cluster, { ...steps, timeout_ms: 4000 });
      expect(result).toMatchObject({ result: 'error', error: 'EHOSTUNREACH' });
      expect(
        trace.events.some((e) => e.kind === 'arp.receive' && e.detail.decision === 'answered'),
      ).toBe(false);
    }
  });
});

describe('an address of a block that no pod has [X]', () => {
  it.each([
    ['VXLAN', 'b'],
    ['VXLAN', 'c'],
    ['None', 'b'],
  ])('is dropped without a word: %s, asked from beside %s', (encapsulation, beside) => {
    const cluster = calico({ encapsulation });
    const client = beside === 'b' ? 'c' : 'b';
    const near = ipOf(cluster, beside);
    const free = near.replace(/\d+$/, (n) => String(Math.floor(Number(n) / 64) * 64 + 60));
    const { result } = last(cluster, {
      do: 'flow', id: 'f', ns: client, dst: free, dport: PORT,
    }); // prettier-ignore
    expect(result).toMatchObject({ result: 'error', error: 'timeout' });
  });
  it('is an invalid argument to a process on the node itself', () => {
    const cluster = calico();
    const free = ipOf(cluster, 'b').replace(/\d+$/, (n) =>
      String(Math.floor(Number(n) / 64) * 64 + 60),
    );
    const { result } = last(cluster, {
      do: 'flow', id: 'f', ns: 'node-a', dst: free, dport: PORT,
    }); // prettier-ignore
    expect(result).toMatchObject({ result: 'error', error: 'EINVAL' });
  });
});

const POLICY = `---
kind: NetworkPolicy
metadata: {name: allow-db}
spec: {podSelector: {matchLabels: {app: c}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 5432}]}]}
`;
/** A node whose own firewall forwards nothing that nobody allows. */
const closed = (cluster: CompiledCluster): CompiledCluster => ({
  ...cluster,
  network: {
    ...cluster.network,
    namespaces: cluster.network.namespaces.map((ns) => ({
      ...ns,
      ...(ns.iptables?.ipv4 === undefined
        ? {}
        : {
            iptables: {
              ipv4: ns.iptables.ipv4.replace(/(\*filter\n(?::.*\n)*?:FORWARD) ACCEPT/, '$1 DROP'),
            },
          }),
    })),
  },
});

describe('a policy for one pod, FORWARD closed [X]', () => {
  const cluster = closed(calico({ encapsulation: 'None', peerRouter: true }, POLICY));
  it.each([
    ['a', 'c', 5432, 'a', 'a member, on the port'],
    ['a', 'c', PORT, 'lost: NETFILTER_DROP', 'a member, on another port'],
    ['b', 'c', 5432, 'lost: NETFILTER_DROP', 'not a member'],
    ['outside', 'c', 5432, 'lost: NETFILTER_DROP', 'from outside'],
    ['outside', 'b', PORT, 'outside', 'from outside, to a pod that no policy selects'],
    ['node-b', 'c', PORT, 'node-b', 'its own node'],
    ['node-a', 'c', PORT, 'lost: NETFILTER_DROP', 'another node'],
    ['c', 'b', PORT, 'c', 'from the pod: it is not isolated for egress'],
    ['a', 'outside', PORT, 'node-a', 'to outside: masqueraded'],
  ] as const)('%s to %s:%i: %s (%s)', (from, to, port, want, _why) => {
    expect(seenAs(cluster, from, to, port)).toBe(want);
  });
  it('drops at the end of the tier, in the chain of the pod', () => {
    const { trace } = last(cluster, {
      do: 'flow', id: 'f', ns: 'b', dst: ipOf(cluster, 'c'), dport: 5432,
    }); // prettier-ignore
    expect(dropRules(trace)).toEqual([expect.stringMatching(/^filter cali-tw-cali\w{11} DROP$/)]);
  });
});

describe('a pod and its node [X]', () => {
  const listen = (cluster: CompiledCluster): CompiledCluster => ({
    ...cluster,
    network: {
      ...cluster.network,
      namespaces: cluster.network.namespaces.map((ns) =>
        ns.kind === 'node'
          ? { ...ns, listeners: [{ proto: 'tcp', addr: '0.0.0.0', port: PORT, name: ns.name }] }
          : ns,
      ),
    },
  });
  const answer = (cluster: CompiledCluster, to: string) =>
    last(listen(cluster), { do: 'flow', id: 'f', ns: 'a', dst: ipOf(cluster, to), dport: PORT });
  /** Whom the node's process says it talks to. */
  const callerAt = ({ trace }: ReturnType<typeof answer>, node: string): string | undefined =>
    trace.events
      .flatMap((event) =>
        event.kind === 'process.call' && event.site.netns === node ? [event.detail.text] : [],
      )
      .map((text) => /from (\S+):\d+/.exec(text)?.[1])
      .find((ip) => ip !== undefined);
  it('its own node sees the address of the pod; another one that of the node', () => {
    const cluster = calico();
    expect(callerAt(answer(cluster, 'node-a'), 'node-a')).toBe(ipOf(cluster, 'a'));
    expect(callerAt(answer(cluster, 'node-b'), 'node-b')).toBe(ipOf(cluster, 'node-a'));
  });
  it('DefaultEndpointToHostAction decides what policies allow', () => {
    const got = answer(calico({ defaultEndpointToHostAction: 'Drop' }), 'node-a');
    expect(got.result).toMatchObject({ result: 'error', error: 'timeout' });
    expect(dropRules(got.trace)).toEqual(['filter cali-wl-to-host DROP']);
  });
});

describe('a pod that lies', () => {
  it('about its address is dropped by the reverse path check in raw [X]', () => {
    const cluster = calico();
    const { result, trace } = last(
      cluster,
      { do: 'exec', ns: 'a', cmd: 'ip addr add 10.244.99.99/32 dev eth0' },
      { do: 'flow', id: 'f', ns: 'a', src: '10.244.99.99', dst: ipOf(cluster, 'b'), dport: PORT },
    );
    expect(result).toMatchObject({ error: 'timeout' });
    expect(dropRules(trace)).toEqual(['raw cali-PREROUTING DROP']);
  });
  it('about what it sends: VXLAN of its own is dropped, whatever its policies are', () => {
    const cluster = calico({ encapsulation: 'None' });
    const { trace } = last(cluster, {
      do: 'flow', id: 'f', proto: 'udp', ns: 'a', dst: ipOf(cluster, 'b'), dport: 4789,
    }); // prettier-ignore
    expect(dropRules(trace)).toEqual([expect.stringMatching(/^filter cali-fw-cali\w{11} DROP$/)]);
  });
});

describe('VXLAN', () => {
  const trip = (cni: object, from: string, to: string) => {
    const cluster = calico(cni);
    const one = flow(cluster, from, to);
    const { seen, trace } = runCluster(cluster, [one], PORT);
    return { ...seen.get(one.id)!, trace, cluster };
  };
  it('costs two hops, as a route does: each node forwards', () => {
    expect(trip({}, 'a', 'c').ttl).toBe(62);
    expect(trip({ encapsulation: 'VXLANCrossSubnet' }, 'a', 'c').ttl).toBe(62);
    expect(trip({}, 'a', 'b').ttl).toBe(63);
    // The outer header hides the router between the nodes.
    expect(trip({ encapsulation: 'VXLANCrossSubnet' }, 'a', 'd').ttl).toBe(62);
    expect(trip({ encapsulation: 'None', peerRouter: true }, 'a', 'd').ttl).toBe(61);
  });
  it('is not tracked on its port: each node has one entry, that of the pods', () => {
    const { trace } = trip({}, 'a', 'c');
    const created = trace.events.flatMap((event) =>
      event.kind === 'ct.lookup' && event.detail.created ? [event.site.netns] : [],
    );
    expect(created).toEqual(['node-a', 'node-b']);
  });
  it('is taken from nodes alone', () => {
    const cluster = calico();
    const { trace } = last(cluster, {
      do: 'flow', id: 'f', proto: 'udp', ns: 'outside', dst: ipOf(cluster, 'node-a'), dport: 4789,
    }); // prettier-ignore
    expect(dropRules(trace)).toEqual(['filter cali-INPUT DROP']);
  });
  it('has the address of the tunnel as source of what a node sends, to a Service too', () => {
    const cluster = calico({}, SERVICE);
    expect(seenAs(cluster, 'node-a', 'c')).toBe('node-a vxlan.calico');
    const clusterIP = cluster.services[0]?.spec.clusterIP ?? '';
    const { seen } = runCluster(
      cluster,
      [{ id: 'f', ns: 'node-a', dst: clusterIP, dport: 80 }],
      PORT,
    );
    expect(nameOf(cluster, seen.get('f')!.source)).toBe('node-a vxlan.calico');
  });
});
const SERVICE = `---
kind: Service
metadata: {name: c}
spec: {selector: {app: c}, ports: [{port: 80, targetPort: ${PORT}}]}
`;

describe('an address outside of its block', () => {
  it.each(['VXLAN', 'IPIP', 'None'])('has a route of its own everywhere: %s', (encapsulation) => {
    const given = (name: string, node: string, ip: string): string =>
      pod(name, node).replace(/\n$/, `\nstatus: {podIP: ${ip}}\n`);
    const cluster = compiled(
      clusterOf({ encapsulation }, {}),
      given('a', 'node-a', '10.244.1.10') + given('c', 'node-b', '10.244.1.11'),
    );
    expect(seenAs(cluster, 'a', 'c')).toBe('a');
    expect(seenAs(cluster, 'c', 'a')).toBe('c');
  });
});

describe('two families', () => {
  const DENY = `---
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: c}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}
`;
  const cluster = calico({ encapsulation: 'VXLAN' }, DENY, {
    podCIDR: '10.244.0.0/16,fd00:10:244::/56',
    subnets: [
      { name: 'lan', cidr: '192.168.1.0/24,fd00:192::/64', gateway: '192.168.1.1,fd00:192::1' },
    ],
    nodes: [{ name: 'node-a' }, { name: 'node-b' }, { name: 'node-c' }],
    hosts: [],
  });
  it.each([
    ['a', 0, 'ok'],
    ['a', 1, 'ok'],
    ['b', 0, 'error'],
    ['b', 1, 'error'],
  ] as const)('a policy holds for both: %s to address %i: %s', (from, index, want) => {
    const dst = cluster.pods.find(({ netns }) => netns === 'c')?.ips[index] ?? '';
    const { result } = last(cluster, { do: 'flow', id: 'f', ns: from, dst, dport: PORT });
    expect(result.result).toBe(want);
  });
});

describe('everything that is there', () => {
  it.each(['IPIP', 'VXLANCrossSubnet', 'None'])('says who made it: %s', (encapsulation) => {
    const { namespaces } = calico({ encapsulation, peerRouter: true }, POLICY + SERVICE).network;
    for (const ns of namespaces) {
      const parts = [
        ...ns.devices.filter(({ type }) => type !== 'loopback'),
        ...(ns.routes ?? []),
        ...(ns.neigh ?? []),
        ...(ns.fdb ?? []),
        ...(ns.ipsets ?? []),
      ];
      for (const part of parts) expect(part.origin?.command).toBeTruthy();
      for (const family of ['ipv4', 'ipv6'] as const)
        (ns.iptables?.[family] ?? '').split('\n').forEach((line, i) => {
          if (line.startsWith('-A'))
            expect([line, ns.ruleOrigins?.[family]?.[String(i + 1)]?.component]).toEqual([
              line,
              expect.stringMatching(/^(felix|kube-proxy|kubelet)$/),
            ]);
        });
    }
    const components = new Set(
      namespaces.flatMap(({ routes = [] }) => routes.map(({ origin }) => origin?.component)),
    );
    expect(components).toContain('calico-cni');
    expect(components).toContain(encapsulation === 'VXLANCrossSubnet' ? 'felix' : 'bird');
  });
});
