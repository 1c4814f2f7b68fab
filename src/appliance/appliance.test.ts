// Packets through a VPC: who reaches whom, with which addresses, and why not.
import { describe, expect, it } from 'vitest';
import { runFlows } from '../kernel/run.ts';
import type { ApplianceSpec, SecurityGroupSpec } from '../network/appliances.ts';
import type { FlowSpec, LinuxNetwork } from '../network/types.ts';
import { vpcNetwork } from '../test/vpc-network.ts';
import type { VpcSetting } from '../test/vpc-network.ts';
import { journeyOf } from '../trace/steps/index.ts';
import type { EventKind, Trace, TraceEvent } from '../trace/types.ts';
import { validateTrace } from '../trace/validate.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { appliances, portsOf } from './index.ts';

function send(network: LinuxNetwork, flow: Partial<FlowSpec>) {
  const step: FlowSpec = { do: 'flow', id: 'f', proto: 'tcp', dport: 80, timeout_ms: 500, ...flow };
  const { trace, results } = runFlows({ network, steps: [step], seed: 1 });
  expect(trace.diagnostics).toEqual([]);
  expect(validateTrace(trace)).toEqual([]);
  return { trace, result: results[0]![0]! };
}
const between = (from: string, dst: string, setting: VpcSetting = {}) =>
  send(vpcNetwork(setting), { ns: from, dst });
const events = <K extends EventKind>(trace: Trace, kind: K): readonly TraceEvent<K>[] =>
  trace.events.filter((e) => e.kind === kind) as unknown as readonly TraceEvent<K>[];
const losses = (trace: Trace): readonly string[] => [
  ...new Set(events(trace, 'drop').map((e) => `${e.site.netns}: ${e.detail.reason}`)),
];
/** Source of the first TCP segment that a namespace received. */
function seenBy(trace: Trace, netns: string): string {
  const event = events(trace, 'dev.rx').find(
    (e) =>
      e.site.netns === netns &&
      trace.packets[e.packet! - 1]!.revisions[e.revision]!.layers.some((l) => l.kind === 'tcp'),
  )!;
  const ip = trace.packets[event.packet! - 1]!.revisions[event.revision]!.layers[1]!;
  return ip.kind === 'ipv4' ? `${printAddr(ip.header.src)} ttl ${ip.header.ttl}` : '';
}

describe('the fabric of a VPC', () => {
  it('carries frames on a subnet by MAC, and routes between subnets without being a hop', () => {
    const near = between('a1', '10.0.1.12');
    expect(near.result).toMatchObject({ result: 'ok', served_by: 'a2' });
    expect(seenBy(near.trace, 'a2')).toBe('10.0.1.11 ttl 64');
    expect(events(near.trace, 'appliance.route')).toEqual([]);
    const far = between('a1', '10.0.2.11');
    expect(far.result).toMatchObject({ result: 'ok', served_by: 'b1' });
    expect(seenBy(far.trace, 'b1')).toBe('10.0.1.11 ttl 64');
    expect(events(far.trace, 'appliance.route')[0]?.detail).toEqual({
      table: 'rtb-public',
      dst: '10.0.2.11',
      route: '10.0.0.0/16 local',
      target: 'local',
    });
  });

  it('answers ARP with the MAC of the interface that has the address, the router with its own', () => {
    const macs = (trace: Trace): readonly unknown[] =>
      trace.events
        .flatMap((e) => e.writes)
        .filter((w) => w.table === 'neigh' && w.netns === 'a1' && w.after?.['mac'] != null)
        .map((w) => `${String(w.after?.['ip'])} ${String(w.after?.['mac'])}`);
    expect(macs(between('a1', '10.0.1.12').trace)).toContain('10.0.1.12 02:00:00:00:00:02');
    expect(macs(between('a1', '10.0.2.11').trace)).toContain('10.0.1.1 02:00:00:00:00:11');
  });

  it('does not answer for an address that no interface has', () => {
    const { trace, result } = send(vpcNetwork(), { ns: 'a1', dst: '10.0.1.77', timeout_ms: 5000 });
    expect(result).toMatchObject({ result: 'error', error: 'EHOSTUNREACH' });
    expect(events(trace, 'arp.receive').every((e) => e.detail.decision === 'ignored')).toBe(true);
    expect(losses(between('a1', '10.0.2.77').trace)).toContain('vpc: vpc:NO_SUCH_ADDRESS');
  });

  it('takes the longest prefix, and tells a blackhole from no route', () => {
    const igw = { dst: '0.0.0.0/0', target: 'igw' };
    const dead = { dst: '198.51.100.0/24', target: 'blackhole' };
    const lost = between('a1', '198.51.100.7', { routes: { public: [igw, dead] } });
    expect(losses(lost.trace)).toEqual(['vpc: vpc:BLACKHOLE']);
    const none = between('a1', '198.51.100.7', { routes: { public: [] } });
    expect(losses(none.trace)).toEqual(['vpc: vpc:NO_ROUTE']);
    expect(none.result.error).toBe('timeout');
  });

  it('refuses what it does not model by name', () => {
    for (const service of ['169.254.169.254', '10.0.1.1', '10.0.1.2'])
      expect(losses(between('a1', service).trace)).toEqual(['vpc: vpc:NOT_MODELLED']);
  });
});

describe('the source/destination check', () => {
  // a2 forwards for 10.244.2.0/24, as a node with a bridge CNI does for its pods.
  const podOn = { addresses: ['10.244.2.5/32'] };
  const setting = (check: boolean): VpcSetting => ({
    routes: { public: [{ dst: '10.244.2.0/24', target: 'eni-a2' }] },
    enis: { 'eni-a2': { sourceDestCheck: check } },
    hosts: {
      a2: {
        devices: [
          { name: 'lo', type: 'loopback', ...podOn },
          {
            name: 'eth0',
            type: 'veth',
            mac: '02:00:00:00:00:02',
            mtu: 9001,
            addresses: ['10.0.1.12/24'],
            peer: { ns: 'vpc', dev: 'eni-a2' },
          },
        ],
      },
    },
  });
  it('drops what is for no address of the interface', () => {
    const { trace } = between('a1', '10.244.2.5', setting(true));
    expect(losses(trace)).toEqual(['vpc: vpc:SOURCE_DEST_CHECK']);
    expect(events(trace, 'drop')[0]?.detail.why).toBe(
      '10.244.2.5 is no address of eni-a2, and its source/destination check is on',
    );
  });
  it('drops what comes from no address of the interface', () => {
    const { trace } = send(vpcNetwork(setting(true)), {
      ns: 'a2',
      src: '10.244.2.5',
      dst: '10.0.1.11',
    });
    expect(losses(trace)).toEqual(['vpc: vpc:SOURCE_DEST_CHECK']);
  });
  it('lets all pass where it is switched off: routes to an interface work', () => {
    const { result } = between('a1', '10.244.2.5', setting(false));
    expect(result).toMatchObject({ result: 'ok', served_by: 'a2' });
  });
  it('lets a delegated prefix pass', () => {
    const own = { 'eni-a1': { addresses: ['10.0.1.11', '10.0.1.16/28'] } };
    const { result } = send(
      vpcNetwork({
        enis: own,
        hosts: {
          a1: {
            devices: [
              {
                name: 'eth0',
                type: 'veth',
                mac: '02:00:00:00:00:01',
                addresses: ['10.0.1.11/24', '10.0.1.20/24'],
                peer: { ns: 'vpc', dev: 'eni-a1' },
              },
            ],
          },
        },
      }),
      { ns: 'a2', dst: '10.0.1.20' },
    );
    expect(result).toMatchObject({ result: 'ok', served_by: 'a1' });
  });
});

describe('security groups', () => {
  const groups = (
    ingress: SecurityGroupSpec['ingress'],
    egress?: SecurityGroupSpec['ingress'],
  ): VpcSetting => ({
    securityGroups: [
      { name: 'nodes', ingress, ...(egress === undefined ? {} : { egress }) },
      { name: 'clients', ingress: [] },
    ],
    enis: {
      'eni-a1': { securityGroups: ['clients'] },
      'eni-b1': { securityGroups: ['nodes'] },
    },
  });
  const http = (peer: string) => [{ protocol: 'tcp', ports: '80', peer }] as const;

  it('let in what a rule is for, and its answers out', () => {
    for (const peer of ['10.0.1.0/24', 'clients', '0.0.0.0/0']) {
      const { result, trace } = between('a1', '10.0.2.11', groups(http(peer), []));
      expect(result).toMatchObject({ result: 'ok', served_by: 'b1' });
      const said = events(trace, 'appliance.check').map((e) => e.detail.why);
      expect(said).toContain(`the rule “tcp 80 ${peer}” of group nodes lets it in`);
      expect(said).toContain('it answers what has passed before');
    }
  });
  it('drop what no rule is for, with the reason', () => {
    for (const ingress of [http('10.0.9.0/24'), http('nodes'), []]) {
      const { trace } = between('a1', '10.0.2.11', groups(ingress));
      expect(losses(trace)).toEqual(['vpc: vpc:SECURITY_GROUP']);
      expect(events(trace, 'drop')[0]?.detail.why).toBe(
        'no ingress rule of nodes is for TCP port 80 from 10.0.1.11',
      );
    }
    const out = between('b1', '10.0.1.12', groups([], http('10.0.1.11/32')));
    expect(events(out.trace, 'drop')[0]?.detail.why).toBe(
      'no egress rule of nodes is for TCP port 80 to 10.0.1.12',
    );
  });
  it('know ports as ranges, protocols, and errors about what has passed', () => {
    const all = [{ protocol: 'all', peer: '0.0.0.0/0' }] as const;
    const range = [{ protocol: 'tcp', ports: '79-81', peer: '0.0.0.0/0' }] as const;
    const udp = [{ protocol: 'udp', peer: '0.0.0.0/0' }] as const;
    expect(between('a1', '10.0.2.11', groups(all)).result.result).toBe('ok');
    expect(between('a1', '10.0.2.11', groups(range)).result.result).toBe('ok');
    expect(between('a1', '10.0.2.11', groups(udp)).result.error).toBe('timeout');
    const closed = { ns: 'a1', proto: 'udp', dst: '10.0.2.11', dport: 9 };
    expect(send(vpcNetwork(groups(udp, [])), closed).result.error).toBe('ECONNREFUSED');
  });
});

describe('an internet gateway', () => {
  it('exchanges the private address for the public one, and back', () => {
    const { trace, result } = between('a1', '198.51.100.7');
    expect(result).toMatchObject({ result: 'ok', served_by: 'internet' });
    expect(seenBy(trace, 'internet')).toBe('203.0.113.11 ttl 64');
    expect(events(trace, 'appliance.translate').map((e) => e.detail.manip)).toContain('dst');
  });
  it('drops a source that has no public address', () => {
    const { trace, result } = between('a2', '198.51.100.7');
    expect(losses(trace)).toEqual(['igw: vpc:NO_PUBLIC_ADDRESS']);
    expect(result.error).toBe('timeout');
  });
  it('lets the internet in, to public addresses that somebody has', () => {
    expect(between('internet', '203.0.113.11').result).toMatchObject({
      result: 'ok',
      served_by: 'a1',
    });
    expect(losses(between('internet', '203.0.113.12').trace)).toEqual(['igw: vpc:NO_SUCH_ADDRESS']);
  });
  it('translates what an ICMP error quotes', () => {
    const refused = send(vpcNetwork(), { ns: 'a1', proto: 'udp', dst: '198.51.100.7', dport: 9 });
    expect(refused.result).toMatchObject({ result: 'error', error: 'ECONNREFUSED' });
    const closed = send(vpcNetwork(), {
      ns: 'internet',
      proto: 'udp',
      dst: '203.0.113.11',
      dport: 9,
    });
    expect(closed.result).toMatchObject({ result: 'error', error: 'ECONNREFUSED' });
  });
  it('turns a packet for a public address of the same VPC round', () => {
    const setting: VpcSetting = {};
    expect(between('b1', '203.0.113.11', setting).result).toMatchObject({ served_by: 'a1' });
  });
  it('has an MTU of 1500: a larger packet with DF is answered, another one cut', () => {
    const ping = (pmtudisc: number) =>
      send(vpcNetwork(), {
        ns: 'a1',
        proto: 'udp',
        dst: '198.51.100.7',
        dport: 53,
        request_bytes: 3000,
        pmtudisc,
      });
    const df = ping(2);
    expect(losses(df.trace)).toContain('vpc: vpc:PKT_TOO_BIG');
    expect(df.result).toMatchObject({ error: 'EMSGSIZE' });
    const cut = ping(0);
    expect(events(cut.trace, 'ip.fragment')[0]?.detail.mtu).toBe(1500);
  });
});

describe('a NAT gateway', () => {
  it('gives many instances one address, and its gateway the public one', () => {
    const { trace, result } = between('b1', '198.51.100.7');
    expect(result).toMatchObject({ result: 'ok', served_by: 'internet' });
    expect(seenBy(trace, 'internet')).toBe('203.0.113.100 ttl 64');
    const rows = trace.events.flatMap((e) => e.writes).filter((w) => w.table === 'appliance');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.after?.['text']).toMatch(
      /^tcp 10\.0\.2\.11:\d+ 10\.0\.1\.100:\d+ 198\.51\.100\.7:80$/,
    );
  });
  it('carries pings and errors', () => {
    const ping = send(vpcNetwork(), { ns: 'b1', proto: 'icmp', dst: '198.51.100.7' });
    expect(ping.result.result).toBe('ok');
    const udp = send(vpcNetwork(), { ns: 'b1', proto: 'udp', dst: '198.51.100.7', dport: 9 });
    expect(udp.result).toMatchObject({ result: 'error', error: 'ECONNREFUSED' });
  });
  it('lets nobody in', () => {
    const { trace } = between('internet', '203.0.113.100');
    expect(losses(trace)).toEqual(['nat: vpc:NO_BINDING']);
  });
});

describe('an appliance', () => {
  it('is told in the journey, and in order', () => {
    const { trace } = between('b1', '198.51.100.7');
    const topics = journeyOf(trace).overview.filter((s) => s.topic === 'appliance');
    expect(topics.map((s) => s.netns).slice(0, 4)).toEqual(['vpc', 'nat', 'vpc', 'igw']);
  });
  it('names mistakes of the document', () => {
    const network = vpcNetwork({
      routes: {
        public: [{ dst: '0.0.0.0/0', target: 'igw-2' }],
        private: [{ dst: '10.0.0.0/16', target: 'igw' }],
      },
      enis: {
        'eni-a1': { addresses: ['10.0.9.1', '10.0.2.11'] },
        'eni-a2': { subnet: 'nowhere' },
      },
    });
    const { trace } = runFlows({ network, steps: [], seed: 1 });
    expect(trace.diagnostics.map((d) => d.reason)).toEqual([
      'rtb-public: route 0.0.0.0/0: there is no igw-2',
      'rtb-private: there is a route for 10.0.0.0/16 already',
      'eni-a1: 10.0.9.1 is not in 10.0.1.0/24',
      'eni-a1: 10.0.2.11 is not in 10.0.1.0/24',
      'eni-a2: there is no subnet nowhere',
      '10.0.2.11 of eni-b1 belongs to eni-a1 already',
    ]);
  });
  it('has ports with names of their own, whatever the kind', () => {
    const specs: readonly ApplianceSpec[] = vpcNetwork().appliances!;
    expect(new Set(specs.map((s) => s.kind))).toEqual(new Set(Object.keys(appliances)));
    for (const spec of specs) {
      const names = portsOf(spec).map((port) => port.name);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
