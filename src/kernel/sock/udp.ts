// UDP sockets (net/ipv4/udp.c): datagrams in and out, port unreachable for nobody, and VXLAN's encapsulation sockets.
import { fromL3 } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer } from '../../wire/types.ts';
import { sendError } from '../path/icmp-send.ts';
import { localOut } from '../path/ip-output.ts';
import { outputRoute } from '../path/route.ts';
import { vxlanPort, vxlanReceive } from '../path/tunnel.ts';
import type { Kernel, Netns } from '../types.ts';
import { nsOf } from '../types.ts';
import { planDatagram } from './datagram.ts';
import { endText, findUdp, writeSocket } from './table.ts';
import type { End, UdpSock } from './table.ts';
import { ipHeader } from './tcp-output.ts';

export function udpReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const ip = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const udp = (layers[1] as Layer<'udp'>).header;
  if (vxlanPort(dev, ip.kind === 'ipv4', udp.dport)) return vxlanReceive(k, skb, dev);
  const ns = nsOf(dev);
  const to: End = { addr: ip.header.dst, port: udp.dport };
  const from: End = { addr: ip.header.src, port: udp.sport };
  const sock = findUdp(ns.sockets, to, from);
  if (sock === null) {
    const why = `nothing listens on UDP port ${udp.dport}`;
    const v6 = ip.kind === 'ipv6';
    sendError(k, skb, v6 ? 1 : 3, v6 ? 4 : 3, 0, why);
    return k.drop(skb, dev, 'NO_SOCKET', v6 ? '__udp6_lib_rcv' : '__udp4_lib_rcv', why);
  }
  k.rec.event(
    'socket.receive',
    skb,
    { netns: ns.name, dev: null },
    {
      process: sock.process,
      protocol: 'udp',
      socket: `${endText(to)} ← ${endText(from)}`,
    },
  );
  k.rec.fate(skb.id, { kind: 'delivered', to: sock.process });
  const payload = layers[2]?.kind === 'payload' ? layers[2].header : { length: 0, head: '' };
  sock.receive(skb, from, payload);
}

export function openUdp(k: Kernel, ns: Netns, sock: UdpSock): void {
  ns.sockets.udp.push(sock);
  writeSocket(k, ns, sock.id, null, {
    proto: 'udp',
    state: sock.remote === null ? 'UNCONN' : 'ESTAB',
    local: endText(sock.local),
    remote: sock.remote === null ? '*:*' : endText(sock.remote),
    process: sock.process,
  });
}

export function closeUdp(ns: Netns, sock: UdpSock): void {
  const at = ns.sockets.udp.indexOf(sock);
  if (at >= 0) ns.sockets.udp.splice(at, 1);
}

/** null, or the errno that sendto() gives. */
export function sendUdp(
  k: Kernel,
  ns: Netns,
  sock: UdpSock,
  to: End,
  source: End,
  length: number,
  head: string,
): string | null {
  const asked = { dst: to.addr, src: isAny(source) ? null : source.addr, mark: 0, oif: null };
  const route = outputRoute(k, ns, asked, null);
  if (!route.ok) return route.errno;
  if (route.dst.type === 'broadcast') return 'EACCES';
  const headers = typeof to.addr === 'bigint' ? 48 : 28;
  const plan = planDatagram(route.dst, headers + length, sock.pmtudisc);
  if (plan === null) return 'EMSGSIZE';
  const layers: Layer[] = [
    ipHeader(k, ns, route.src, to.addr, IPPROTO.udp, { ttl: sock.ttl, df: plan.df }),
    { kind: 'udp', id: k.rec.layerId(), header: { sport: source.port, dport: to.port } },
  ];
  if (length > 0) layers.push({ kind: 'payload', id: k.rec.layerId(), header: { length, head } });
  const skb = k.born(layers, sock.process, sock.flow ?? k.flow);
  k.rec.event(
    'socket.send',
    skb,
    { netns: ns.name, dev: null },
    {
      process: sock.process,
      protocol: 'udp',
      socket: `${endText({ addr: route.src, port: source.port })} → ${endText(to)}`,
    },
  );
  if (sock.remote !== null) skb.hash = sock.hash;
  const again = outputRoute(k, ns, asked, skb);
  if (!again.ok) return again.errno;
  skb.dst = again.dst;
  skb.ignoreDf = plan.ignoreDf;
  localOut(k, skb);
  return skb.sendError;
}

const isAny = (end: End): boolean => end.addr === 0 || end.addr === 0n;
