// Which socket takes a segment (tcp_v4_rcv; net/ipv4/tcp_ipv4.c): a connection by its four ends, else a listener, else a RST.
import { fromL3 } from '../../net/skb.ts';
import { neighConfirm } from '../../net/neigh/machine.ts';
import { findNeigh } from '../../net/neigh/table.ts';
import { segmentOf } from '../../conntrack/track.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel, Netns } from '../types.ts';
import { nsOf } from '../types.ts';
import { endText, findListener, namesOf } from './table.ts';
import type { End, TcpListener } from './table.ts';
import { sendAck } from './tcp-output.ts';
import { addBacklog } from './tcp-owner.ts';
import { refuseSegment } from './tcp-refuse.ts';
import { openRequest, requestSegment } from './tcp-request.ts';
import { segment, takeOptions } from './tcp-segment.ts';
import { after, createSock, forget } from './tcp-sock.ts';
import type { TcpSock } from './tcp-types.ts';

export function tcpReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const layers = fromL3(skb.layers);
  const ip = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const to: End = { addr: ip.header.dst, port: tcp.dport };
  const from: End = { addr: ip.header.src, port: tcp.sport };
  const found = ns.sockets.tcp.find(to, from);
  const deliver = (process: string, socket: string): void => {
    k.rec.event('socket.receive', skb, ns.site, { process, protocol: 'tcp', socket });
    k.rec.fate(skb.id, { kind: 'delivered', to: process });
  };
  if (found !== undefined && !reopens(k, found, layers)) {
    deliver(found.app.process, namesOf(found).gets);
    if (found.state === 'TIME-WAIT') return timeWaitSegment(k, found, layers);
    confirmNeighbour(k, found);
    if (found.state === 'SYN-RECV') {
      const reason = requestSegment(k, found, layers);
      const at = ip.kind === 'ipv4' ? 'tcp_v4_rcv' : 'tcp_v6_rcv';
      if (reason !== null) k.drop(skb, dev, reason, at, 'a request for a connection keeps nothing');
      return;
    }
    if (found.owned) return addBacklog(found, layers);
    return segment(k, found, layers);
  }
  const listener = findListener(ns.sockets, to);
  const { flags } = tcp;
  if (listener === null) {
    refuseSegment(k, ns, layers, 'nothing listens on this port', skb);
    return k.drop(skb, dev, 'NO_SOCKET', 'tcp_v4_rcv', 'nothing listens on this port');
  }
  if (flags.syn && !flags.ack && !flags.rst && !flags.fin) {
    deliver(listener.process, `${endText(to)} ← ${endText(from)}`);
    return request(k, ns, skb, listener, to, from);
  }
  const why = `${listener.process} listens, but knows no such connection`;
  if (flags.ack) refuseSegment(k, ns, layers, why, skb);
  // A listener has taken the segment off its device by then (skb->dev is NULL).
  k.drop(skb, dev, 'TCP_FLAGS', 'tcp_rcv_state_process', why, true);
}

/** tcp_conn_request */
function request(k: Kernel, ns: Netns, skb: Skb, listener: TcpListener, to: End, from: End): void {
  const tcp = (fromL3(skb.layers)[1] as Layer<'tcp'>).header;
  const back = outputRoute(k, ns, { dst: from.addr, src: to.addr, mark: 0, oif: null }, null);
  // Without a way back there is no request at all, and nobody hears of it.
  if (!back.ok) return;
  const sock = createSock(
    k,
    ns,
    to,
    from,
    'SYN-RECV',
    { process: listener.process },
    { flow: skb.flow, ttl: null, mtu: back.dst.mtu },
  );
  sock.app = { process: listener.process, connected: () => listener.accept(sock) };
  takeOptions(sock, tcp);
  openRequest(k, sock);
}

/** An acknowledgement that moves forward proves the neighbour (sk_dst_confirm, at the next output). */
function confirmNeighbour(k: Kernel, sock: TcpSock): void {
  const want = { dst: sock.remote.addr, src: sock.local.addr, mark: 0, oif: null };
  const route = outputRoute(k, sock.ns, want, null);
  if (!route.ok) return;
  const neigh = findNeigh(route.dst.dev, route.dst.via ?? sock.remote.addr);
  if (neigh !== undefined) neighConfirm(neigh, k.rec.now);
}

/** A SYN beyond what TIME-WAIT has seen starts a new connection (RFC 6191; tcp_timewait_state_process: TCP_TW_SYN). */
function reopens(k: Kernel, sock: TcpSock, layers: readonly Layer[]): boolean {
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const { flags } = tcp;
  if (sock.state !== 'TIME-WAIT' || !flags.syn || flags.ack || flags.rst) return false;
  const stamps = tcp.options.find((o) => o.kind === 'timestamps');
  const later = stamps !== undefined && after(stamps.value, sock.tsRecent);
  if (!after(tcp.seq, sock.rcvNxt) && !later) return false;
  forget(k, sock);
  return true;
}

/** tcp_timewait_state_process */
function timeWaitSegment(k: Kernel, sock: TcpSock, layers: readonly Layer[]): void {
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const s = segmentOf(layers);
  if (tcp.flags.rst) {
    if (tcp.seq === sock.rcvNxt) forget(k, sock);
    return;
  }
  if (tcp.seq === sock.rcvNxt && s.end === s.seq) return;
  sock.blocks = [];
  sendAck(k, sock);
}
