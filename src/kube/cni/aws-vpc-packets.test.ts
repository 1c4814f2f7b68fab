// Packets of a cluster with the AWS VPC CNI, through the VPC and its gateways. What the reference facts say of the node's rules is shown
// with the rules, and without them.
import { describe, expect, it } from 'vitest';
import { runCluster } from '../../test/cluster-run.ts';
import type { Flow } from '../../test/cluster-run.ts';
import { addressIn, AWS_VPC, NODE_PORT, PORT, PUBLIC, vpcCluster } from '../../test/vpc-cluster.ts';
import type { LinuxNetwork, NamespaceSpec } from '../../network/types.ts';
import { revisionOf } from '../../trace/replay/packets.ts';
import type { EventKind, Trace, TraceEvent } from '../../trace/types.ts';
import { validateTrace } from '../../trace/validate.ts';
import { printAddr } from '../../wire/addr/ip.ts';

/** The node of a compiled network, changed. */
type Change = (node: NamespaceSpec) => NamespaceSpec;
const changed = (network: LinuxNetwork, name: string, change: Change): LinuxNetwork => ({
  ...network,
  namespaces: network.namespaces.map((ns) => (ns.name === name ? change(ns) : ns)),
});
const without =
  (words: RegExp): Change =>
  (node) => ({
    ...node,
    iptables: {
      ipv4: (node.iptables?.ipv4 ?? '')
        .split('\n')
        .filter((line) => !words.test(line))
        .join('\n'),
    },
    ruleOrigins: {},
  });

interface Ask {
  readonly from: string;
  /** A pod, a machine, or an address. */
  readonly to: string;
  readonly port?: number;
  /** Default: the AWS VPC CNI. */
  readonly cni?: object;
  readonly cloud?: object;
  readonly change?: Change;
}

function ask({ from, to, port = PORT, cni = AWS_VPC, cloud, change = (node) => node }: Ask) {
  const cluster = vpcCluster(cni, 'Local', cloud);
  expect(cluster.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const ip = (name: string): string => addressIn(cluster, name);
  const network = changed(cluster.network, 'node-a', change);
  const flow: Flow = { id: 'f', ns: from, dst: ip(to), dport: port };
  const { seen, trace } = runCluster({ network }, [flow], PORT);
  expect(trace.diagnostics).toEqual([]);
  expect(validateTrace(trace)).toEqual([]);
  const one = seen.get('f')!;
  const source = one.source === ip(from) ? from : one.source;
  return { ...one, source, trace, ip };
}

const events = <K extends EventKind>(trace: Trace, kind: K): readonly TraceEvent<K>[] =>
  trace.events.filter((e) => e.kind === kind) as unknown as readonly TraceEvent<K>[];
/** Devices of the node by which TCP segments left, in order, each once in a row. */
function left(trace: Trace, node: string): readonly string[] {
  const found = events(trace, 'dev.tx').filter(
    (e) =>
      e.site.netns === node &&
      revisionOf(trace, e.packet!, e.revision).layers.some((layer) => layer.kind === 'tcp'),
  );
  return [...new Set(found.map((e) => e.site.dev ?? ''))];
}
const drops = (trace: Trace): readonly string[] => [
  ...new Set(
    events(trace, 'drop').flatMap((e) =>
      e.detail.fatal ? [`${e.site.netns}: ${e.detail.why}`] : [],
    ),
  ),
];
const rulesUsed = (trace: Trace, node: string): readonly number[] => [
  ...new Set(
    events(trace, 'route.lookup').flatMap((e) =>
      e.site.netns === node ? [e.detail.choice.rule] : [],
    ),
  ),
];

describe('inside of the VPC', () => {
  it('pods of one node meet on the node: rule 512, never the VPC', () => {
    const { result, source, trace, ttl } = ask({ from: 'client', to: 'second' });
    expect([result, source, ttl]).toEqual(['ok', 'client', 63]);
    expect(rulesUsed(trace, 'node-a')).toEqual([512]);
    expect(trace.events.some((e) => e.site.netns === 'vpc')).toBe(false);
  });

  it('a pod’s question for 169.254.1.1 is never asked: the neighbour is permanent', () => {
    const { trace } = ask({ from: 'client', to: 'second' });
    const asked = events(trace, 'neigh.lookup').filter((e) => e.site.netns === 'client');
    expect(asked.every((e) => e.detail.state === 'PERMANENT')).toBe(true);
    const heard = events(trace, 'arp.receive').filter((e) => e.site.netns === 'node-a');
    expect(heard.every((e) => e.detail.op === 'reply')).toBe(true);
  });

  it('a pod works although its node has no default route: no proxy ARP is needed', () => {
    const { result } = ask({
      from: 'client',
      to: 'second',
      change: (node) => ({
        ...node,
        routes: (node.routes ?? []).filter((route) => route.dst !== 'default' || route.table),
      }),
    });
    expect(result).toBe('ok');
  });

  it.each([
    ['far', 'another node of the subnet'],
    ['away', 'a node of another subnet'],
    ['inner', 'a node of a private subnet'],
  ])('a pod reaches %s on %s with its own address', (to) => {
    const { result, source, ttl } = ask({ from: 'client', to });
    expect([result, source]).toEqual(['ok', 'client']);
    // Two nodes routed it, the VPC is no hop.
    expect(ttl).toBe(62);
  });

  it('a pod of the secondary interface leaves by it: rule 1536, table 2', () => {
    const { result, source, trace } = ask({ from: 'second', to: 'far' });
    expect([result, source]).toEqual(['ok', 'second']);
    expect(left(trace, 'node-a').filter((dev) => dev.startsWith('eth'))).toEqual(['eth1']);
    expect(rulesUsed(trace, 'node-a')).toContain(1536);
    const choice = events(trace, 'route.lookup').find(
      (e) => e.site.netns === 'node-a' && e.detail.choice.rule === 1536,
    );
    expect(choice?.detail.choice).toMatchObject({ table: '2', dev: 'eth1', via: '10.0.1.1' });
  });

  it('a node and its pods reach each other', () => {
    expect(ask({ from: 'node-a', to: 'second' }).result).toBe('ok');
    expect(ask({ from: 'node-b', to: 'second' }).result).toBe('ok');
  });

  it('segments are as large as the interfaces: 9001, or what the document says', () => {
    const mss = (cni: object): number => {
      const { trace } = ask({ from: 'client', to: 'away', cni: { ...AWS_VPC, ...cni } });
      const [sent] = events(trace, 'socket.send');
      const tcp = revisionOf(trace, sent!.packet!, sent!.revision).layers.find(
        (layer) => layer.kind === 'tcp',
      );
      const option = tcp?.kind === 'tcp' ? tcp.header.options.find((o) => o.kind === 'mss') : null;
      return option?.kind === 'mss' ? option.value : 0;
    };
    expect(mss({})).toBe(9001 - 40);
    expect(mss({ mtu: 1500 })).toBe(1500 - 40);
  });

  it('nobody answers for an address that no interface has', () => {
    const { result, trace } = ask({ from: 'far', to: '10.0.1.200' });
    expect(result).toBe('error');
    expect(events(trace, 'arp.receive').every((e) => e.detail.decision === 'ignored')).toBe(true);
  });
});

describe('to the internet', () => {
  it('(a) a pod of the secondary interface leaves by the primary one with its address: mark 0x80', () => {
    const { result, source, trace } = ask({ from: 'second', to: 'internet' });
    expect([result, source]).toEqual(['ok', PUBLIC.a]);
    expect(left(trace, 'node-a').filter((dev) => dev.startsWith('eth'))).toEqual(['eth0']);
    expect(rulesUsed(trace, 'node-a')).toContain(1024);
    const marks = trace.events
      .flatMap((e) => e.writes)
      .filter((w) => w.netns === 'node-a' && w.table === 'conntrack');
    expect(marks.some((w) => w.after?.['mark'] === 0x80)).toBe(true);
    const translated = events(trace, 'appliance.translate')[0];
    expect(translated?.detail.from).toMatch(/^10\.0\.1\.11:/);
    expect(translated?.detail.to).toMatch(/^203\.0\.113\.11:/);
  });

  it('(a) without the mark it leaves by eth1 with the address of eth0, and the VPC drops it', () => {
    const { result, trace } = ask({
      from: 'second',
      to: 'internet',
      change: without(/CONNMARK/),
    });
    expect(result).toBe('error');
    expect(left(trace, 'node-a').filter((dev) => dev.startsWith('eth'))).toEqual(['eth1']);
    expect(drops(trace)).toEqual([
      'vpc: 10.0.1.11 is no address of eni-node-a-eth1, and its source/destination check is on',
    ]);
  });

  it('(a) the first packet is marked in nat, those that follow in mangle', () => {
    const { trace, ip } = ask({ from: 'second', to: 'internet' });
    const marked = events(trace, 'nf.walk').filter(
      (e) =>
        e.site.netns === 'node-a' && e.detail.hook === 'PREROUTING' && e.detail.markAfter === 0x80,
    );
    const own = marked.filter((e) => {
      const [, layer] = revisionOf(trace, e.packet!, e.revision).layers;
      return layer?.kind === 'ipv4' && printAddr(layer.header.src) === ip('second');
    });
    expect(own[0]?.detail.table).toBe('nat');
    expect(own.slice(1).some((e) => e.detail.table === 'mangle')).toBe(true);
  });

  it('a pod with EXTERNALSNAT keeps its address: the internet gateway has none for it', () => {
    const { result, trace, ip } = ask({
      from: 'client',
      to: 'internet',
      cni: { ...AWS_VPC, externalSNAT: true },
    });
    expect(result).toBe('error');
    expect(drops(trace)).toEqual([
      `igw: ${ip('client')} has no public address, so nothing could ever answer it`,
    ]);
  });

  it('a pod with EXTERNALSNAT in a private subnet goes by the NAT gateway', () => {
    const { result, source, trace, ip } = ask({
      from: 'inner',
      to: 'internet',
      cni: { ...AWS_VPC, externalSNAT: true },
    });
    expect([result, source]).toEqual(['ok', PUBLIC.nat]);
    const first = events(trace, 'appliance.translate')[0];
    expect([first?.site.netns, first?.detail.from.split(':')[0]]).toEqual(['nat', ip('inner')]);
  });

  it('a pod in a private subnet without it: the node’s address, then the gateways’', () => {
    const { result, source, trace, ip } = ask({ from: 'inner', to: 'internet' });
    expect([result, source]).toEqual(['ok', PUBLIC.nat]);
    const first = events(trace, 'appliance.translate')[0];
    expect(first?.detail.from.split(':')[0]).toBe(ip('node-p'));
  });

  it('a node without a public address in a public subnet does not get out', () => {
    const { result, trace } = ask({ from: 'away', to: 'internet' });
    expect(result).toBe('error');
    expect(drops(trace)).toEqual([
      'igw: 10.0.2.11 has no public address, so nothing could ever answer it',
    ]);
  });
});

describe('from the internet to a NodePort', () => {
  const nodePort = { from: 'internet', to: PUBLIC.a, port: NODE_PORT };

  it('(b) the answer of a pod on the secondary interface goes back by the primary one', () => {
    const { result, source, trace } = ask(nodePort);
    expect([result, source]).toEqual(['ok', 'internet']);
    expect(left(trace, 'node-a').filter((dev) => dev.startsWith('eth'))).toEqual(['eth0']);
    expect(rulesUsed(trace, 'node-a')).toEqual(expect.arrayContaining([512, 1024]));
  });

  it('needs a rule of the nodes’ security group; pods among themselves have one', () => {
    const cluster = { protocol: 'all', peer: 'nodes' };
    const world = { protocol: 'tcp', ports: '30000-32767', peer: '0.0.0.0/0' };
    const closed = { securityGroup: { ingress: [cluster] } };
    const { result, trace } = ask({ ...nodePort, cloud: closed });
    expect(result).toBe('error');
    expect(drops(trace)).toEqual([
      'vpc: no ingress rule of nodes is for TCP port 30080 from 198.51.100.101',
    ]);
    expect(ask({ from: 'second', to: 'away', cloud: closed }).result).toBe('ok');
    expect(ask({ from: 'second', to: 'internet', cloud: closed }).result).toBe('ok');
    const open = { securityGroup: { ingress: [cluster, world] } };
    expect(ask({ ...nodePort, cloud: open }).result).toBe('ok');
  });

  it('(b) without the mark it leaves by eth1, and the VPC drops it', () => {
    const { result, source, trace } = ask({ ...nodePort, change: without(/CONNMARK/) });
    expect([result, source]).toEqual(['error', 'internet']);
    expect(left(trace, 'node-a').filter((dev) => dev.startsWith('eth'))).toEqual(['eth1']);
    expect(drops(trace)).toContain(
      'vpc: 10.0.1.11 is no address of eni-node-a-eth1, and its source/destination check is on',
    );
  });

  it('(c) a strict rp_filter on eth0 drops the request: the way back would be eth1', () => {
    const strict: Change = (node) => ({
      ...node,
      sysctls: { ...node.sysctls, 'net.ipv4.conf.eth0.rp_filter': '1' },
    });
    const { result, source, trace } = ask({ ...nodePort, change: strict });
    expect([result, source]).toEqual(['error', null]);
    expect(events(trace, 'drop').map((e) => `${e.site.netns} ${e.detail.reason}`)).toContain(
      'node-a IP_RPFILTER',
    );
  });
});

describe('other plugins in a VPC', () => {
  const kubenet = (sourceDestCheck: boolean) => ({
    from: 'client',
    to: 'away',
    cni: { name: 'kubenet', sourceDestCheck },
  });
  it('the routes of the cloud’s controller lead pods’ packets to their node', () => {
    const { result, source, trace } = ask(kubenet(false));
    expect([result, source]).toEqual(['ok', 'client']);
    const [route] = events(trace, 'appliance.route');
    expect(route?.detail.route).toBe('10.244.3.0/24 eni-node-c');
  });
  it('where the source/destination check is on, the VPC drops them', () => {
    const { result, trace, ip } = ask(kubenet(true));
    expect(result).toBe('error');
    expect(drops(trace)).toEqual([
      `vpc: ${ip('client')} is no address of eni-node-a, and its source/destination check is on`,
    ]);
  });
  it('a tunnel hides pods’ addresses from it', () => {
    const vxlan = { from: 'client', to: 'away', cni: { name: 'flannel' } };
    expect(ask(vxlan)).toMatchObject({ result: 'ok', source: 'client' });
    const plain = { ...vxlan, to: 'far', cni: { name: 'flannel', backend: 'host-gw' } };
    expect(drops(ask(plain).trace)[0]).toMatch(/source\/destination check is on$/);
  });
});
