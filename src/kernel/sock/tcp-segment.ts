// A segment for a connection (RFC 9293 section 3.10.7.4; tcp_rcv_state_process, tcp_validate_incoming; net/ipv4/tcp_input.c).
import { MS } from '../../base/queue.ts';
import { segmentOf } from '../../conntrack/track.ts';
import type { Segment } from '../../conntrack/tcp-window.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { acknowledge, sendMore } from './tcp-ack.ts';
import { receiveData, timeWait } from './tcp-data.ts';
import { sendAck } from './tcp-output.ts';
import { refuseSegment } from './tcp-refuse.ts';
import { after, before, fail, forget, showState } from './tcp-sock.ts';
import { measured, setTimer } from './tcp-timer.ts';
import type { TcpSock } from './tcp-types.ts';

type Tcp = Layer<'tcp'>['header'];
const WINDOW = 65_536;
/** tcp_invalid_ratelimit */
const OUT_OF_WINDOW_PAUSE = 500 * MS;

export function segment(k: Kernel, sock: TcpSock, layers: readonly Layer[]): void {
  const tcp = (layers[1] as Layer<'tcp'>).header;
  if (sock.state === 'CLOSED') return;
  if (sock.state === 'SYN-SENT') return synSent(k, sock, tcp, layers);
  const s = segmentOf(layers);
  if (!valid(k, sock, tcp, s)) return;
  if (!tcp.flags.ack) return;
  const acked = acknowledge(k, sock, tcp);
  if (acked === 'bad') return challenge(k, sock);
  const stamps = tcp.options.find((o) => o.kind === 'timestamps');
  if (sock.stamps && stamps !== undefined && !after(tcp.seq, sock.rcvAcked))
    sock.tsRecent = stamps.value;
  if (closing(k, sock)) return;
  const payload = layers[2]?.kind === 'payload' ? layers[2].header : null;
  const length = payload?.length ?? 0;
  const news = length > 0 || tcp.flags.fin;
  if (sock.orphan && news && after((tcp.seq + length) >>> 0, sock.rcvNxt)) {
    // Nobody is there any more to read it (tcp_rcv_state_process: TCP_ABORT_ON_DATA).
    refuseSegment(k, sock.ns, layers, 'the application has closed the socket');
    return forget(k, sock);
  }
  if (news) receiveData(k, sock, tcp, length, payload?.head ?? '');
  if ((sock.state as string) !== 'CLOSED') sendMore(k, sock);
}

/** Our own end of data was acknowledged. True if nothing is left to do. */
function closing(k: Kernel, sock: TcpSock): boolean {
  const unsent = sock.queue.length > 0 || sock.sndUna !== sock.sndNxt;
  if (unsent) return false;
  if (sock.state === 'FIN-WAIT-1') showState(k, sock, 'FIN-WAIT-2');
  else if (sock.state === 'CLOSING') {
    timeWait(k, sock);
    return true;
  } else if (sock.state === 'LAST-ACK') {
    forget(k, sock);
    return true;
  }
  return false;
}

/** tcp_validate_incoming: in the window, and neither RST nor SYN. */
function valid(k: Kernel, sock: TcpSock, tcp: Tcp, s: Segment): boolean {
  const outside = before(s.end, sock.rcvAcked) || after(s.seq, (sock.rcvNxt + WINDOW) >>> 0);
  if (outside) {
    if (tcp.flags.rst) return false;
    if (tcp.flags.syn) challenge(k, sock);
    else duplicateAck(k, sock, s);
    return false;
  }
  if (tcp.flags.rst) {
    if (tcp.seq === sock.rcvNxt || tcp.seq === sock.blocks[0]?.right)
      fail(k, sock, sock.state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET');
    else challenge(k, sock);
    return false;
  }
  if (tcp.flags.syn) {
    challenge(k, sock);
    return false;
  }
  return true;
}

/** tcp_oow_rate_limited: empty segments are answered twice a second at most. */
function limited(k: Kernel, sock: TcpSock): boolean {
  if (k.rec.now - sock.lastOutOfWindowAck < OUT_OF_WINDOW_PAUSE) return true;
  sock.lastOutOfWindowAck = k.rec.now;
  return false;
}

/** tcp_send_challenge_ack (RFC 5961) */
function challenge(k: Kernel, sock: TcpSock): void {
  if (!limited(k, sock)) sendAck(k, sock);
}

/** tcp_send_dupack */
function duplicateAck(k: Kernel, sock: TcpSock, s: Segment): void {
  if (s.end === s.seq && limited(k, sock)) return;
  if (s.end !== s.seq && before(s.seq, sock.rcvNxt))
    sock.duplicate = {
      left: s.seq,
      right: after(s.end, sock.rcvNxt) ? sock.rcvNxt : s.end,
    };
  sendAck(k, sock);
}

/** What both ends offered is used (tcp_parse_options on a SYN). */
export function takeOptions(sock: TcpSock, tcp: Tcp): void {
  const find = <K extends string>(kind: K): boolean => tcp.options.some((o) => o.kind === kind);
  sock.stamps &&= find('timestamps');
  sock.sack &&= find('sackPermitted');
  sock.scale &&= find('windowScale');
  for (const option of tcp.options) {
    if (option.kind === 'mss') sock.peerMss = option.value;
    if (option.kind === 'timestamps' && sock.stamps) sock.tsRecent = option.value;
  }
  sock.irs = tcp.seq;
  sock.rcvNxt = (tcp.seq + 1) >>> 0;
  sock.rcvAcked = sock.rcvNxt;
  sock.sndWnd = tcp.window;
  sock.maxWindow = Math.max(sock.maxWindow, tcp.window);
}

/** tcp_rcv_synsent_state_process */
function synSent(k: Kernel, sock: TcpSock, tcp: Tcp, layers: readonly Layer[]): void {
  if (tcp.flags.ack && (!after(tcp.ack, sock.sndUna) || after(tcp.ack, sock.sndNxt))) {
    if (!tcp.flags.rst) refuseSegment(k, sock.ns, layers, 'it acknowledges what was never sent');
    return;
  }
  if (tcp.flags.rst) {
    if (tcp.flags.ack) fail(k, sock, 'ECONNREFUSED');
    return;
  }
  if (!tcp.flags.syn || !tcp.flags.ack) return;
  takeOptions(sock, tcp);
  const syn = sock.flying[0];
  sock.sndUna = tcp.ack;
  sock.flying = [];
  sock.retries = 0;
  setTimer(k, sock, 'none', 0);
  if (syn !== undefined && !syn.everRetransmitted) {
    sock.minRtt = k.rec.now - syn.sentAt;
    measured(sock, sock.minRtt);
  }
  sock.recovery = 'open';
  showState(k, sock, 'ESTABLISHED');
  sendAck(k, sock);
  sock.app.connected?.();
}
