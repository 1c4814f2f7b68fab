// A whole trace written by hand, for tests and for work on the picture: a pod curls a Service, kube-proxy's rules choose a pod on
// another node, flannel carries it there; handshake, request, answer and close. The engine's own traces have the same shape.
import type { Trace } from '../trace/types.ts';
import { IP, MAC, sampleTables, sampleTopology } from './sample-network.ts';
import { createPath, SEP, SVC } from './sample-path.ts';
import { createPen, type Draft } from './sample-pen.ts';

const KEY = `tcp ${IP.client}:40001 ${IP.service}:80`;
const KEY_B = `tcp ${IP.client}:40001 ${IP.server}:8080`;

export function sampleTrace(): Trace {
  const pen = createPen();
  const path = createPath(pen);
  const { ev } = pen;
  const { tx, rx, walk, route, neigh } = path;
  const ctRow = (node: string, state: string, seen: boolean): void => {
    const here = node === 'node-a' ? KEY : KEY_B;
    pen.row(node, 'conntrack', here, {
      proto: 'tcp',
      state,
      src: IP.client,
      sport: 40001,
      dst: node === 'node-a' ? IP.service : IP.server,
      dport: node === 'node-a' ? 80 : 8080,
      replySrc: IP.server,
      replySport: 8080,
      replyDst: IP.client,
      replyDport: 40001,
      assured: seen,
    });
  };
  const ct = (
    p: Draft,
    node: string,
    hook: 'PREROUTING',
    direction: 'original' | 'reply',
    first: boolean,
  ): void => {
    ev('ct.lookup', p, node, {
      hook,
      entry: node === 'node-a' ? KEY : KEY_B,
      state: first ? 'NEW' : 'ESTABLISHED',
      direction,
      created: first,
      why: null,
    });
  };
  const request = (letters: string, data: string, seq: number, ack: number): void => {
    const first = letters === 'S';
    const p = pen.born([
      pen.ip(IP.client, IP.service, 6),
      pen.tcp(40001, 80, letters, seq, ack),
      ...(data === '' ? [] : [pen.payload(data)]),
    ]);
    const socket = `${IP.client}:40001 -> ${IP.service}:80`;
    ev('socket.send', p, 'client', { process: 'curl', protocol: 'tcp', socket });
    const passed = ['10.244.1.0/24: the destination is not in it'];
    route(
      p,
      'client',
      'output',
      IP.service,
      `default via ${IP.gwA} dev eth0`,
      'eth0',
      IP.gwA,
      null,
      'unicast',
      passed,
    );
    if (first) {
      neigh(p, 'client/eth0', IP.gwA, null, 'INCOMPLETE');
      path.arp(
        p.id,
        { at: 'client', dev: 'eth0', mac: MAC.client, ip: IP.client },
        { at: 'node-a', dev: 'cni0', mac: MAC.cniA, ip: IP.gwA },
        (ask) => {
          tx(ask, 'client/eth0', 'node-a/veth3a1c');
          rx(ask, 'node-a/veth3a1c', 'broadcast');
          const why = 'a broadcast goes to every port and to the bridge itself';
          ev('bridge.forward', ask, 'node-a/veth3a1c', {
            bridge: 'cni0',
            decision: 'flood',
            ports: ['veth77d0'],
            local: true,
            why,
          });
          rx(ask, 'node-a/cni0', 'broadcast');
        },
        (answer) => {
          tx(answer, 'node-a/cni0', null);
          const why = `the FDB has ${MAC.client} on veth3a1c`;
          ev('bridge.forward', answer, 'node-a/cni0', {
            bridge: 'cni0',
            decision: 'forward',
            ports: ['veth3a1c'],
            local: false,
            why,
          });
          tx(answer, 'node-a/veth3a1c', 'client/eth0');
          rx(answer, 'client/eth0');
        },
      );
    } else neigh(p, 'client/eth0', IP.gwA, MAC.cniA, 'REACHABLE');
    pen.push(p, pen.eth(MAC.client, MAC.cniA));
    tx(p, 'client/eth0', 'node-a/veth3a1c');
    rx(p, 'node-a/veth3a1c', 'otherhost');
    const devs = { in: 'cni0', physin: 'veth3a1c' };
    ct(p, 'node-a', 'PREROUTING', 'original', first);
    if (first) {
      ev('nat.setup', p, 'node-a', {
        manip: 'dst',
        entry: KEY,
        from: `${IP.service}:80`,
        to: `${IP.server}:8080`,
        by: 'DNAT',
        why: `${SEP} rule 2`,
      });
      walk(p, 'node-a', 'PREROUTING', 'nat', devs, [
        path.rule('PREROUTING', 1, 1, 'KUBE-SERVICES'),
        path.rule('KUBE-SERVICES', 1, 3, SVC),
        path.rule(SVC, 1, 2, SEP),
        path.rule(SEP, 1, 2, 'DNAT'),
      ]);
    }
    pen.set(p, 'ipv4', { dst: path.ip(IP.server) });
    pen.set(p, 'tcp', { dport: 8080 });
    ev('nat.rewrite', p, 'node-a', {
      manip: 'dst',
      entry: KEY,
      direction: 'original',
      from: `${IP.service}:80`,
      to: `${IP.server}:8080`,
      undo: false,
    });
    ev('bridge.forward', p, 'node-a/veth3a1c', {
      bridge: 'cni0',
      decision: 'local',
      ports: [],
      local: true,
      why: `${MAC.cniA} is the address of cni0 itself`,
    });
    rx(p, 'node-a/cni0');
    route(
      p,
      'node-a',
      'input',
      IP.server,
      `10.244.2.0/24 via ${IP.vtepB} dev flannel.1 onlink`,
      'flannel.1',
      IP.vtepB,
      'cni0',
    );
    path.ttl(p, 'node-a');
    path.filterForward(p, 'node-a', first, { in: 'cni0', out: 'flannel.1' });
    if (first) {
      walk(p, 'node-a', 'POSTROUTING', 'nat', { out: 'flannel.1' }, [
        path.rule('POSTROUTING', 1, 1, 'KUBE-POSTROUTING'),
        path.rule('KUBE-POSTROUTING', 1, 1, 'RETURN'),
        path.rule('POSTROUTING', 2, 2, 'FLANNEL-POSTRTG'),
        path.rule('FLANNEL-POSTRTG', 1, 2, 'RETURN'),
        { chain: 'POSTROUTING', from: 3, rule: 3, kind: 'policy', target: 'ACCEPT', mark: 0 },
      ]);
      ctRow('node-a', 'SYN_SENT', false);
      ev('ct.confirm', p, 'node-a', { entry: KEY });
    }
    path.tunnel(p, 'a', first, () =>
      path.arp(
        p.id,
        { at: 'node-a', dev: 'eth0', mac: MAC.nicA, ip: IP.nodeA },
        { at: 'node-b', dev: 'eth0', mac: MAC.nicB, ip: IP.nodeB },
        (ask) => {
          tx(ask, 'node-a/eth0', 'lan/port1');
          rx(ask, 'lan/port1', 'broadcast');
          ev('bridge.forward', ask, 'lan/port1', {
            bridge: 'br0',
            decision: 'flood',
            ports: ['port2'],
            local: true,
            why: 'a broadcast goes to every port',
          });
          tx(ask, 'lan/port2', 'node-b/eth0');
          rx(ask, 'node-b/eth0', 'broadcast');
        },
        (answer) => {
          tx(answer, 'node-b/eth0', 'lan/port2');
          rx(answer, 'lan/port2', 'otherhost');
          ev('bridge.forward', answer, 'lan/port2', {
            bridge: 'br0',
            decision: 'forward',
            ports: ['port1'],
            local: false,
            why: 'the FDB has it on port1',
          });
          tx(answer, 'lan/port1', 'node-a/eth0');
          rx(answer, 'node-a/eth0');
        },
      ),
    );
    ct(p, 'node-b', 'PREROUTING', 'original', first);
    if (first)
      walk(p, 'node-b', 'PREROUTING', 'nat', { in: 'flannel.1' }, [
        path.rule('PREROUTING', 1, 1, 'KUBE-SERVICES'),
        path.end('KUBE-SERVICES', 5),
        { chain: 'PREROUTING', from: 2, rule: 2, kind: 'policy', target: 'ACCEPT', mark: 0 },
      ]);
    route(
      p,
      'node-b',
      'input',
      IP.server,
      '10.244.2.0/24 dev cni0 scope link',
      'cni0',
      null,
      'flannel.1',
    );
    path.ttl(p, 'node-b');
    path.filterForward(p, 'node-b', first, { in: 'flannel.1', out: 'cni0' });
    if (first) {
      walk(p, 'node-b', 'POSTROUTING', 'nat', { out: 'cni0' });
      ctRow('node-b', 'SYN_SENT', false);
      ev('ct.confirm', p, 'node-b', { entry: KEY_B });
      neigh(p, 'node-b/cni0', IP.server, null, 'INCOMPLETE');
      path.arp(
        p.id,
        { at: 'node-b', dev: 'cni0', mac: MAC.cniB, ip: IP.gwB },
        { at: 'web', dev: 'eth0', mac: MAC.server, ip: IP.server },
        (ask) => {
          tx(ask, 'node-b/cni0', null);
          ev('bridge.forward', ask, 'node-b/cni0', {
            bridge: 'cni0',
            decision: 'flood',
            ports: ['veth9f2e'],
            local: false,
            why: 'a broadcast goes to every port',
          });
          tx(ask, 'node-b/veth9f2e', 'web/eth0');
          rx(ask, 'web/eth0', 'broadcast');
        },
        (answer) => {
          tx(answer, 'web/eth0', 'node-b/veth9f2e');
          rx(answer, 'node-b/veth9f2e', 'otherhost');
          ev('bridge.forward', answer, 'node-b/veth9f2e', {
            bridge: 'cni0',
            decision: 'local',
            ports: [],
            local: true,
            why: 'the address of cni0 itself',
          });
          rx(answer, 'node-b/cni0');
        },
      );
    } else neigh(p, 'node-b/cni0', IP.server, MAC.server, 'REACHABLE');
    p.layers = [pen.eth(MAC.cniB, MAC.server), ...p.layers.slice(1)];
    tx(p, 'node-b/cni0', null);
    ev('bridge.forward', p, 'node-b/cni0', {
      bridge: 'cni0',
      decision: 'forward',
      ports: ['veth9f2e'],
      local: false,
      why: `the FDB has ${MAC.server} on veth9f2e`,
    });
    tx(p, 'node-b/veth9f2e', 'web/eth0');
    rx(p, 'web/eth0');
    route(p, 'web', 'input', IP.server, `local ${IP.server} dev eth0`, 'lo', null, 'eth0', 'local');
    ev('ip.deliver', p, 'web', { protocol: 'tcp' });
    const listen = `${IP.server}:8080 <- ${IP.client}:40001`;
    ev('socket.receive', p, 'web', { process: 'nginx', protocol: 'tcp', socket: listen });
    pen.rec.fate(p.id, { kind: 'delivered', to: 'web' });
  };
  const reply = (letters: string, data: string, seq: number, ack: number): void => {
    const p = pen.born([
      pen.ip(IP.server, IP.client, 6),
      pen.tcp(8080, 40001, letters, seq, ack),
      ...(data === '' ? [] : [pen.payload(data)]),
    ]);
    const first = letters === 'SA';
    const socket = `${IP.server}:8080 -> ${IP.client}:40001`;
    ev('socket.send', p, 'web', { process: 'nginx', protocol: 'tcp', socket });
    route(p, 'web', 'output', IP.client, `default via ${IP.gwB} dev eth0`, 'eth0', IP.gwB);
    neigh(p, 'web/eth0', IP.gwB, MAC.cniB, 'STALE');
    pen.push(p, pen.eth(MAC.server, MAC.cniB));
    tx(p, 'web/eth0', 'node-b/veth9f2e');
    rx(p, 'node-b/veth9f2e', 'otherhost');
    if (first) ctRow('node-b', 'SYN_RECV', true);
    ct(p, 'node-b', 'PREROUTING', 'reply', false);
    ev('bridge.forward', p, 'node-b/veth9f2e', {
      bridge: 'cni0',
      decision: 'local',
      ports: [],
      local: true,
      why: 'the address of cni0 itself',
    });
    rx(p, 'node-b/cni0');
    route(
      p,
      'node-b',
      'input',
      IP.client,
      `10.244.1.0/24 via ${IP.vtepA} dev flannel.1 onlink`,
      'flannel.1',
      IP.vtepA,
      'cni0',
    );
    path.ttl(p, 'node-b');
    path.filterForward(p, 'node-b', false, { in: 'cni0', out: 'flannel.1' });
    path.tunnel(p, 'b', first, () => {});
    if (first) ctRow('node-a', 'SYN_RECV', true);
    ct(p, 'node-a', 'PREROUTING', 'reply', false);
    route(
      p,
      'node-a',
      'input',
      IP.client,
      '10.244.1.0/24 dev cni0 scope link',
      'cni0',
      null,
      'flannel.1',
    );
    path.ttl(p, 'node-a');
    path.filterForward(p, 'node-a', false, { in: 'flannel.1', out: 'cni0' });
    pen.set(p, 'ipv4', { src: path.ip(IP.service) });
    pen.set(p, 'tcp', { sport: 80 });
    ev('nat.rewrite', p, 'node-a', {
      manip: 'src',
      entry: KEY,
      direction: 'reply',
      from: `${IP.server}:8080`,
      to: `${IP.service}:80`,
      undo: true,
    });
    neigh(p, 'node-a/cni0', IP.client, MAC.client, 'STALE');
    p.layers = [pen.eth(MAC.cniA, MAC.client), ...p.layers.slice(1)];
    tx(p, 'node-a/cni0', null);
    ev('bridge.forward', p, 'node-a/cni0', {
      bridge: 'cni0',
      decision: 'forward',
      ports: ['veth3a1c'],
      local: false,
      why: `the FDB has ${MAC.client} on veth3a1c`,
    });
    tx(p, 'node-a/veth3a1c', 'client/eth0');
    rx(p, 'client/eth0');
    route(
      p,
      'client',
      'input',
      IP.client,
      `local ${IP.client} dev eth0`,
      'lo',
      null,
      'eth0',
      'local',
    );
    ev('ip.deliver', p, 'client', { protocol: 'tcp' });
    ev('socket.receive', p, 'client', {
      process: 'curl',
      protocol: 'tcp',
      socket: `${IP.client}:40001 <- ${IP.service}:80`,
    });
    pen.rec.fate(p.id, { kind: 'delivered', to: 'client' });
  };

  ev('process.call', null, 'web', { process: 'nginx', call: 'listen', text: 'tcp 0.0.0.0:8080' });
  pen.rec.mark('curl');
  ev('process.call', null, 'client', {
    process: 'curl',
    call: 'connect',
    text: `${IP.service}:80`,
  });
  request('S', '', 1000, 0);
  reply('SA', '', 5000, 1001);
  request('A', '', 1001, 5001);
  ev('process.call', null, 'web', { process: 'nginx', call: 'accept', text: `${IP.client}:40001` });
  pen.wait(30);
  ev('process.call', null, 'client', { process: 'curl', call: 'send', text: 'GET / HTTP/1.1' });
  request('PA', 'GET / HTTP/1.1', 1001, 5001);
  reply('A', '', 5001, 1015);
  pen.wait(30);
  reply('PA', 'HTTP/1.1 200 OK', 5001, 1015);
  request('A', '', 1015, 5016);
  ev('process.result', null, 'client', {
    process: 'curl',
    flow: 'curl',
    result: { result: 'ok', served_by: 'web', response_bytes: 15 },
  });
  request('FA', '', 1015, 5016);
  reply('FA', '', 5016, 1016);
  request('A', '', 1016, 5017);
  return {
    version: 1,
    seed: 1,
    topology: sampleTopology,
    tables: sampleTables,
    ...pen.rec.finish(),
    diagnostics: [],
    unfinished: null,
  };
}
