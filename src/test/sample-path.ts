// The way of one packet of the sample trace, stage by stage, as Linux 6.18 with bridge-nf-call-iptables=1 goes it.
import type { HookName, TableName, WalkStep } from '../trace/types.ts';
import type { Layer, PacketId } from '../wire/types.ts';
import { flannel, flannelFdb, IP, MAC } from './sample-network.ts';
import { BROADCAST, ip, mac, type Draft, type Pen } from './sample-pen.ts';

const rule = (chain: string, from: number, n: number, target: string): WalkStep => ({
  chain,
  from,
  rule: n,
  kind: 'rule',
  target,
  mark: 0,
});
const end = (chain: string, n: number, policy = false): WalkStep => ({
  chain,
  from: 1,
  rule: n,
  kind: policy ? 'policy' : 'return',
  target: policy ? 'ACCEPT' : 'RETURN',
  mark: 0,
});
export const SVC = 'KUBE-SVC-LOLE4ISW44XBNF3G';
export const SEP = 'KUBE-SEP-6UPWGGTAKQAHVD27';

interface Devs {
  readonly in?: string;
  readonly out?: string;
  readonly physin?: string;
}

export function createPath(pen: Pen) {
  const { ev } = pen;

  const walk = (
    p: Draft,
    node: string,
    hook: HookName,
    table: TableName,
    devs: Devs,
    steps: readonly WalkStep[] = [end(hook, 1, true)],
  ): void => {
    ev('nf.walk', p, node, {
      family: 'ipv4',
      hook,
      table,
      in: devs.in ?? null,
      out: devs.out ?? null,
      physin: devs.physin ?? null,
      physout: null,
      steps,
      verdict: 'accept',
      markAfter: 0,
      tracedFrom: null,
    });
  };

  const filterForward = (p: Draft, node: string, fresh: boolean, devs: Devs): void =>
    walk(
      p,
      node,
      'FORWARD',
      'filter',
      devs,
      fresh
        ? [
            rule('FORWARD', 1, 1, 'KUBE-PROXY-FIREWALL'),
            end('KUBE-PROXY-FIREWALL', 1),
            rule('FORWARD', 2, 2, 'KUBE-FORWARD'),
            end('KUBE-FORWARD', 4),
            rule('FORWARD', 3, 5, 'FLANNEL-FWD'),
            rule('FLANNEL-FWD', 1, 1, 'ACCEPT'),
          ]
        : [rule('FORWARD', 1, 2, 'KUBE-FORWARD'), rule('KUBE-FORWARD', 1, 3, 'ACCEPT')],
    );

  const route = (
    p: Draft,
    at: string,
    direction: 'input' | 'output',
    dst: string,
    text: string,
    dev: string,
    via: string | null,
    iif: string | null = null,
    type: 'unicast' | 'local' = 'unicast',
    passed: readonly string[] = [],
  ): void => {
    ev('route.lookup', p, at, {
      direction,
      dst,
      src: null,
      mark: 0,
      iif,
      choice: {
        rule: type === 'local' ? 0 : 32766,
        table: type === 'local' ? 'local' : 'main',
        route: text,
        type,
        via,
        dev,
        origin: null,
      },
      prefsrc: null,
      passed,
    });
  };

  /** One ARP exchange on one segment: `stops` are the devices from the asker to the one that answers. */
  const arp = (
    because: PacketId,
    asker: { at: string; dev: string; mac: string; ip: string },
    target: { at: string; dev: string; mac: string; ip: string },
    out: (p: Draft) => void,
    back: (p: Draft) => void,
  ): void => {
    const ask = pen.born(
      [
        pen.eth(asker.mac, BROADCAST, 0x0806),
        pen.arp(1, [asker.mac, asker.ip], ['00:00:00:00:00:00', target.ip]),
      ],
      because,
    );
    ev('kernel.send', ask, `${asker.at}/${asker.dev}`, {
      what: 'ARP request',
      because,
      why: `nobody on ${asker.dev} is known to have ${target.ip}`,
    });
    out(ask);
    pen.row(target.at, 'neigh', `${target.dev} ${asker.ip}`, {
      ip: asker.ip,
      dev: target.dev,
      mac: asker.mac,
      state: 'STALE',
    });
    ev('arp.receive', ask, `${target.at}/${target.dev}`, {
      op: 'request',
      decision: 'answered',
      why: `${target.ip} is an address of ${target.dev}`,
    });
    pen.rec.fate(ask.id, { kind: 'consumed', by: target.at });
    const answer = pen.born(
      [
        pen.eth(target.mac, asker.mac, 0x0806),
        pen.arp(2, [target.mac, target.ip], [asker.mac, asker.ip]),
      ],
      ask.id,
    );
    ev('kernel.send', answer, `${target.at}/${target.dev}`, {
      what: 'ARP reply',
      because: ask.id,
      why: `${target.ip} is here`,
    });
    back(answer);
    pen.row(asker.at, 'neigh', `${asker.dev} ${target.ip}`, {
      ip: target.ip,
      dev: asker.dev,
      mac: target.mac,
      state: 'REACHABLE',
    });
    ev('arp.receive', answer, `${asker.at}/${asker.dev}`, {
      op: 'reply',
      decision: 'learned',
      why: 'it answers a question that was asked',
    });
    pen.rec.fate(answer.id, { kind: 'consumed', by: asker.at });
  };

  const tx = (p: Draft, at: string, peer: string | null): void => {
    const [netns, dev] = (peer ?? '').split('/') as [string, string];
    ev('dev.tx', p, at, { peer: peer === null ? null : { netns, dev } });
  };
  const rx = (
    p: Draft,
    at: string,
    packetType: 'host' | 'broadcast' | 'otherhost' = 'host',
  ): void => {
    ev('dev.rx', p, at, { packetType });
  };
  const neigh = (
    p: Draft,
    at: string,
    ipText: string,
    lladdr: string | null,
    state: 'PERMANENT' | 'REACHABLE' | 'STALE' | 'INCOMPLETE',
  ): void => {
    ev('neigh.lookup', p, at, {
      ip: ipText,
      dev: at.split('/')[1]!,
      state,
      mac: lladdr,
      outcome: lladdr === null ? 'queued' : 'found',
      origin: state === 'PERMANENT' ? flannel : null,
    });
  };

  /** Out of flannel.1 of `from`, over the switch, out of flannel.1 of the other node. */
  const tunnel = (p: Draft, from: 'a' | 'b', first: boolean, resolveNic: () => void): void => {
    const a = from === 'a';
    const node = `node-${from}`;
    const peer = a ? 'node-b' : 'node-a';
    const [src, dst] = a ? [IP.nodeA, IP.nodeB] : [IP.nodeB, IP.nodeA];
    const [smac, dmac] = a ? [MAC.nicA, MAC.nicB] : [MAC.nicB, MAC.nicA];
    const [vtep, vtepMac] = a ? [IP.vtepB, MAC.vtepB] : [IP.vtepA, MAC.vtepA];
    neigh(p, `${node}/flannel.1`, vtep, vtepMac, 'PERMANENT');
    p.layers = [pen.eth(a ? MAC.vtepA : MAC.vtepB, vtepMac), ...p.layers.slice(1)];
    tx(p, `${node}/flannel.1`, null);
    ev('fdb.lookup', p, `${node}/flannel.1`, { mac: vtepMac, dst, origin: flannelFdb });
    const outer: Layer[] = [
      pen.eth(smac, dmac),
      pen.ip(src, dst, 17, false),
      pen.layer('udp', { sport: 51234, dport: 8472 }),
      pen.layer('vxlan', { flags: 8, vni: 1 }),
    ];
    pen.push(p, ...outer.slice(1));
    ev('tunnel.encap', p, `${node}/flannel.1`, { kind: 'vxlan', vni: 1, remote: dst });
    route(p, node, 'output', dst, '192.168.1.0/24 dev eth0 scope link', 'eth0', null);
    const key = `udp ${src}:51234 ${dst}:8472`;
    ev('ct.lookup', p, node, {
      hook: 'OUTPUT',
      entry: key,
      state: 'NEW',
      direction: 'original',
      created: first,
      why: null,
    });
    if (first) walk(p, node, 'OUTPUT', 'nat', { out: 'eth0' });
    walk(p, node, 'OUTPUT', 'filter', { out: 'eth0' });
    if (first) walk(p, node, 'POSTROUTING', 'nat', { out: 'eth0' });
    if (first) {
      pen.row(node, 'conntrack', key, { proto: 'udp', src, dst, sport: 51234, dport: 8472 });
      ev('ct.confirm', p, node, { entry: key });
      neigh(p, `${node}/eth0`, dst, null, 'INCOMPLETE');
      resolveNic();
    } else neigh(p, `${node}/eth0`, dst, dmac, 'REACHABLE');
    pen.push(p, outer[0]!);
    const [mine, other] = a ? ['port1', 'port2'] : ['port2', 'port1'];
    tx(p, `${node}/eth0`, `lan/${mine}`);
    rx(p, `lan/${mine}`, 'otherhost');
    ev('bridge.forward', p, `lan/${mine}`, {
      bridge: 'br0',
      decision: 'forward',
      ports: [other],
      local: false,
      why: `the FDB has ${dmac} on ${other}`,
    });
    tx(p, `lan/${other}`, `${peer}/eth0`);
    rx(p, `${peer}/eth0`);
    ev('ct.lookup', p, peer, {
      hook: 'PREROUTING',
      entry: key,
      state: 'NEW',
      direction: 'original',
      created: first,
      why: null,
    });
    if (first) walk(p, peer, 'PREROUTING', 'nat', { in: 'eth0' });
    route(p, peer, 'input', dst, `local ${dst} dev eth0`, 'lo', null, 'eth0', 'local');
    walk(p, peer, 'INPUT', 'filter', { in: 'eth0' });
    if (first) {
      pen.row(peer, 'conntrack', key, { proto: 'udp', src, dst, sport: 51234, dport: 8472 });
      ev('ct.confirm', p, peer, { entry: key });
    }
    ev('ip.deliver', p, peer, { protocol: 'udp' });
    pen.drop(p, 4);
    ev('tunnel.decap', p, `${peer}/flannel.1`, { kind: 'vxlan', vni: 1 });
    rx(p, `${peer}/flannel.1`);
  };

  const ttl = (p: Draft, node: string): void => {
    const header = p.layers.find((l) => l.kind === 'ipv4')!.header as { ttl: number };
    pen.set(p, 'ipv4', { ttl: header.ttl - 1 });
    ev('ip.forward', p, node, { ttl: header.ttl - 1 });
  };

  return { walk, rule, end, filterForward, route, arp, tx, rx, neigh, tunnel, ttl, ip, mac };
}
