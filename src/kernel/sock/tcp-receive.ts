// TCP input (RFC 9293 section 3.10.7; net/ipv4/tcp_ipv4.c, tcp_input.c): which socket takes the segment, and what it does.
import { MS, SECOND } from '../../base/queue.ts';
import { segmentOf } from '../../conntrack/track.ts';
import { fromL3 } from '../../net/skb.ts';
import { neighConfirm } from '../../net/neigh/machine.ts';
import { findNeigh } from '../../net/neigh/table.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer, SackBlock } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { resetLayers } from '../path/reject.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { connectionKey, endText, findListener } from './table.ts';
import type { End } from './table.ts';
import {
  armRetransmit,
  createSock,
  endSeq,
  fail,
  measured,
  outSegment,
  push,
  sendAck,
  showState,
  stopRetransmit,
} from './tcp-output.ts';
import { markSacked } from './tcp-loss.ts';
import type { TcpSock } from './tcp-types.ts';

const DELAYED_ACK = 40 * MS;
const after = (a: number, b: number): boolean => ((a - b) | 0) > 0;

export function tcpReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const layers = fromL3(skb.layers);
  const ip = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const to: End = { addr: ip.header.dst, port: tcp.dport };
  const from: End = { addr: ip.header.src, port: tcp.sport };
  const found = ns.sockets.tcp.get(connectionKey(to, from));
  const deliver = (process: string): void => {
    const socket = `${endText(to)} ← ${endText(from)}`;
    k.rec.event(
      'socket.receive',
      skb,
      { netns: ns.name, dev: null },
      {
        process,
        protocol: 'tcp',
        socket,
      },
    );
    k.rec.fate(skb.id, { kind: 'delivered', to: process });
  };
  if (found !== undefined && !(found.state === 'TIME-WAIT' && tcp.flags.syn)) {
    deliver(found.app.process);
    confirmNeighbour(k, found);
    if (found.owned) {
      found.backlog.push(layers);
      return;
    }
    return segment(k, found, layers);
  }
  const listener = findListener(ns.sockets, to);
  if (listener !== null && tcp.flags.syn && !tcp.flags.ack && !tcp.flags.rst) {
    deliver(listener.process);
    const sock = createSock(
      k,
      ns,
      to,
      from,
      'SYN-RECV',
      { process: listener.process },
      {
        flow: skb.flow,
        ttl: null,
        mtu: mtuTowards(k, dev, to, from),
      },
    );
    sock.app = { process: listener.process, connected: () => listener.accept(sock) };
    takeOptions(sock, tcp);
    sock.rcvNxt = (tcp.seq + 1) >>> 0;
    sock.out.push(outSegment(sock.iss, 0, '', { syn: true }));
    return push(k, sock);
  }
  refuse(k, skb, dev, layers, listener?.process ?? null);
}

const mtuTowards = (k: Kernel, dev: Dev, local: End, remote: End): number => {
  const want = { dst: remote.addr, src: local.addr, mark: 0, oif: null };
  const route = outputRoute(k, dev.ns, want, null);
  return route.ok ? route.dst.mtu : dev.mtu;
};

/** No socket: a RST answers, except to a RST (tcp_v4_send_reset). */
function refuse(
  k: Kernel,
  skb: Skb,
  dev: Dev,
  layers: readonly Layer[],
  listening: string | null,
): void {
  const ns = nsOf(dev);
  const why =
    listening === null
      ? 'nothing listens on this port'
      : `${listening} listens, but knows no such connection`;
  const { flags } = (layers[1] as Layer<'tcp'>).header;
  if (!flags.rst) {
    const rst = k.make(resetLayers(k, ns, layers), skb);
    const ip = rst.layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
    const want = { dst: ip.header.dst, src: ip.header.src, mark: 0, oif: null };
    k.rec.event(
      'kernel.send',
      rst,
      { netns: ns.name, dev: dev.name },
      {
        what: 'TCP RST',
        because: skb.id,
        why,
      },
    );
    const route = outputRoute(k, ns, want, rst);
    if (route.ok) {
      rst.dst = route.dst;
      localOut(k, rst);
    } else k.rec.fate(rst.id, { kind: 'ignored', why: `no route for the RST: ${route.errno}` });
  }
  // A listener has taken the segment off its device by then (skb->dev is NULL).
  if (listening === null) k.drop(skb, dev, 'NO_SOCKET', 'tcp_v4_rcv', why);
  else k.drop(skb, dev, 'TCP_FLAGS', 'tcp_rcv_state_process', why, true);
}

/** An acknowledgement that moves forward proves the neighbour (sk_dst_confirm, at the next output). */
function confirmNeighbour(k: Kernel, sock: TcpSock): void {
  const want = { dst: sock.remote.addr, src: sock.local.addr, mark: 0, oif: null };
  const route = outputRoute(k, sock.ns, want, null);
  if (!route.ok) return;
  const neigh = findNeigh(sock.ns, route.dst.dev, route.dst.via ?? sock.remote.addr);
  if (neigh !== undefined) neighConfirm(neigh, k.rec.now);
}

function takeOptions(sock: TcpSock, tcp: Layer<'tcp'>['header']): void {
  for (const option of tcp.options) {
    if (option.kind === 'mss') sock.peerMss = option.value;
    if (option.kind === 'timestamps') sock.tsRecent = option.value;
  }
}

export function segment(k: Kernel, sock: TcpSock, layers: readonly Layer[]): void {
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const s = segmentOf(layers);
  if (sock.state === 'SYN-SENT') return synSent(k, sock, tcp);
  const inWindow =
    !after(sock.rcvNxt, s.end === s.seq ? s.seq : (s.end - 1) >>> 0) &&
    after(sock.rcvNxt + 65_536, s.seq);
  if (tcp.flags.rst) {
    if (tcp.seq !== sock.rcvNxt) {
      if (inWindow) sendAck(k, sock);
      return;
    }
    const errno = sock.state === 'SYN-RECV' ? 'ECONNREFUSED' : 'ECONNRESET';
    return fail(k, sock, errno);
  }
  if (tcp.flags.syn && sock.state === 'SYN-RECV' && !tcp.flags.ack) {
    const first = sock.out[0];
    if (first !== undefined) {
      first.sent = false;
      push(k, sock);
    }
    return;
  }
  if (tcp.flags.syn) return sendAck(k, sock);
  const stamps = tcp.options.find((o) => o.kind === 'timestamps');
  if (stamps !== undefined && !after(tcp.seq, sock.rcvNxt)) sock.tsRecent = stamps.value;
  if (s.ack !== null) acknowledge(k, sock, s.ack, sackOf(tcp));
  if ((sock.state as string) === 'CLOSED') return;
  const payload = layers[2]?.kind === 'payload' ? layers[2].header : null;
  if (payload !== null || tcp.flags.fin)
    take(k, sock, tcp, payload?.length ?? 0, payload?.head ?? '');
  else if (!inWindow && s.seq !== sock.rcvNxt) sendAck(k, sock);
}

function synSent(k: Kernel, sock: TcpSock, tcp: Layer<'tcp'>['header']): void {
  if (tcp.flags.ack && tcp.ack !== sock.sndNxt) return;
  if (tcp.flags.rst) {
    if (tcp.flags.ack) fail(k, sock, 'ECONNREFUSED');
    return;
  }
  if (!tcp.flags.syn || !tcp.flags.ack) return;
  takeOptions(sock, tcp);
  sock.rcvNxt = (tcp.seq + 1) >>> 0;
  sock.sndUna = tcp.ack;
  sock.out = [];
  stopRetransmit(sock);
  measured(sock);
  showState(k, sock, 'ESTABLISHED');
  sendAck(k, sock);
  sock.app.connected?.();
}

const sackOf = (tcp: Layer<'tcp'>['header']): readonly SackBlock[] => {
  const option = tcp.options.find((o) => o.kind === 'sack');
  return option === undefined ? [] : option.blocks;
};

function acknowledge(k: Kernel, sock: TcpSock, ack: number, sack: readonly SackBlock[]): void {
  if (after(ack, sock.sndNxt)) return sendAck(k, sock);
  if (sack.length > 0) markSacked(k, sock, sack);
  if (!after(ack, sock.sndUna)) return;
  sock.sndUna = ack;
  const before = sock.out.length;
  const first = sock.out[0];
  if (first !== undefined && first.sentAt > 0)
    sock.minRtt = Math.min(sock.minRtt, k.rec.now - first.sentAt);
  const finSent = sock.out.some((o) => o.fin && o.sent && !after(endSeq(o), ack));
  sock.out = sock.out.filter((o) => after(endSeq(o), ack));
  sock.cwnd += before - sock.out.length;
  measured(sock);
  stopRetransmit(sock);
  if (sock.out.some((o) => o.sent)) armRetransmit(k, sock);
  if (sock.state === 'SYN-RECV') {
    showState(k, sock, 'ESTABLISHED');
    sock.app.connected?.();
  }
  if (finSent) {
    if (sock.state === 'FIN-WAIT-1') showState(k, sock, 'FIN-WAIT-2');
    else if (sock.state === 'CLOSING') timeWait(k, sock);
    else if (sock.state === 'LAST-ACK') return showState(k, sock, 'CLOSED');
  }
  push(k, sock);
}

/** In-order data is handed up; what came early waits. */
function take(
  k: Kernel,
  sock: TcpSock,
  tcp: Layer<'tcp'>['header'],
  length: number,
  head: string,
): void {
  const end = (tcp.seq + length) >>> 0;
  if (after(tcp.seq, sock.rcvNxt)) {
    sock.early.push({ seq: tcp.seq, length, head, fin: tcp.flags.fin });
    return sendAck(k, sock);
  }
  if (!after(end, sock.rcvNxt) && !(tcp.flags.fin && end === sock.rcvNxt)) return sendAck(k, sock);
  const skip = (sock.rcvNxt - tcp.seq) >>> 0;
  let bytes = length - skip;
  let text = head.slice(skip);
  sock.rcvNxt = end;
  let fin = tcp.flags.fin;
  for (let more = nextEarly(sock); more !== undefined && !fin; more = nextEarly(sock)) {
    const from = (sock.rcvNxt - more.seq) >>> 0;
    bytes += more.length - from;
    text += more.head.slice(from);
    sock.rcvNxt = (more.seq + more.length) >>> 0;
    fin = more.fin;
  }
  if (bytes > 0) {
    sendAck(k, sock);
    sock.app.data?.(bytes, text);
  }
  if (fin) finished(k, sock);
}

function nextEarly(sock: TcpSock): TcpSock['early'][number] | undefined {
  sock.early = sock.early.filter((e) => after((e.seq + e.length) >>> 0, sock.rcvNxt) || e.fin);
  const at = sock.early.findIndex((e) => !after(e.seq, sock.rcvNxt));
  return at < 0 ? undefined : sock.early.splice(at, 1)[0];
}

/** tcp_fin: an established end answers late (it hopes to close with the same segment), a closing one at once. */
function finished(k: Kernel, sock: TcpSock): void {
  sock.rcvNxt = (sock.rcvNxt + 1) >>> 0;
  switch (sock.state) {
    case 'ESTABLISHED': {
      showState(k, sock, 'CLOSE-WAIT');
      const generation = ++sock.delayedAck;
      k.after(DELAYED_ACK, () => {
        if (sock.delayedAck === generation && sock.state === 'CLOSE-WAIT') sendAck(k, sock);
      });
      sock.app.end?.();
      return;
    }
    case 'FIN-WAIT-1':
      showState(k, sock, 'CLOSING');
      return sendAck(k, sock);
    case 'FIN-WAIT-2':
      timeWait(k, sock);
      return sendAck(k, sock);
    default:
      return sendAck(k, sock);
  }
}

function timeWait(k: Kernel, sock: TcpSock): void {
  showState(k, sock, 'TIME-WAIT');
  k.after(60 * SECOND, () => {
    if (sock.state === 'TIME-WAIT') showState(k, sock, 'CLOSED');
  });
}
