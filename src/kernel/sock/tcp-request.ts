// A connection that is asked for and not open yet (struct request_sock; tcp_conn_request, tcp_check_req, reqsk_timer_handler):
// it sends its SYN-ACK again by a timer of its own, which every repeated SYN starts anew.
import { sysctl } from '../../net/sysctl.ts';
import { segmentOf } from '../../conntrack/track.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { sendAck, transmit } from './tcp-output.ts';
import { refuseSegment } from './tcp-refuse.ts';
import { segment } from './tcp-segment.ts';
import { after, before, forget, outSkb, showState } from './tcp-sock.ts';
import { measured } from './tcp-timer.ts';
import type { TcpSock } from './tcp-types.ts';
import { afterJiffies, JIFFIES_PER_SECOND } from './tcp-wheel.ts';

const WINDOW = 65_536;

function sendSynAck(k: Kernel, sock: TcpSock): void {
  const first = sock.flying[0]!;
  if (first.sentAt > 0) first.everRetransmitted = true;
  first.sentAt = Math.max(1, k.rec.now);
  transmit(k, sock, { seq: sock.iss, flags: { syn: true, ack: true } });
}

export function openRequest(k: Kernel, sock: TcpSock): void {
  sock.flying.push(outSkb(sock.iss, 0, '', { syn: true }));
  sock.sndNxt = (sock.iss + 1) >>> 0;
  sock.smallEnd = sock.sndNxt;
  sock.pushedSeq = sock.sndNxt;
  arm(k, sock);
  sendSynAck(k, sock);
}

function arm(k: Kernel, sock: TcpSock): void {
  const generation = ++sock.timerGeneration;
  const due = (): void => {
    if (sock.timerGeneration !== generation || sock.state !== 'SYN-RECV') return;
    const limit = sysctl(sock.ns.sysctl, 'net.ipv4.tcp_synack_retries');
    if (sock.requestTimeouts >= limit) return forget(k, sock);
    sock.requestTimeouts++;
    sendSynAck(k, sock);
    arm(k, sock);
  };
  afterJiffies(k, JIFFIES_PER_SECOND * 2 ** sock.requestTimeouts, due, true);
}

/** tcp_check_req. The answer is the `skb_drop_reason` of a segment that ends here, or null. */
export function requestSegment(k: Kernel, sock: TcpSock, layers: readonly Layer[]): string | null {
  const { flags, seq, ack } = (layers[1] as Layer<'tcp'>).header;
  const s = segmentOf(layers);
  if (flags.syn && !flags.ack && !flags.rst && seq === sock.irs) {
    sendSynAck(k, sock);
    arm(k, sock);
    return 'NOT_SPECIFIED';
  }
  if (flags.ack && ack !== sock.sndNxt) {
    // The listener looks at it, and knows no such connection.
    if (!flags.rst) refuseSegment(k, sock.ns, layers, 'it acknowledges another SYN-ACK');
    return null;
  }
  const inside = after((sock.rcvNxt + WINDOW) >>> 0, s.seq) && !before(s.end, sock.rcvNxt);
  if (!inside) {
    if (!flags.rst) sendAck(k, sock);
    return 'TCP_OVERWINDOW';
  }
  if (flags.rst || (flags.syn && seq !== sock.irs)) {
    if (!flags.rst) refuseSegment(k, sock.ns, layers, 'a SYN in the middle of a handshake');
    forget(k, sock);
    return 'NOT_SPECIFIED';
  }
  if (!flags.ack) return 'NOT_SPECIFIED';
  establish(k, sock, layers);
  return null;
}

function establish(k: Kernel, sock: TcpSock, layers: readonly Layer[]): void {
  const tcp = (layers[1] as Layer<'tcp'>).header;
  const first = sock.flying[0]!;
  sock.timerGeneration++;
  sock.flying = [];
  sock.sndUna = sock.sndNxt;
  if (!first.everRetransmitted) {
    sock.minRtt = k.rec.now - first.sentAt;
    measured(sock, sock.minRtt);
  }
  const stamps = tcp.options.find((o) => o.kind === 'timestamps');
  if (sock.stamps && stamps !== undefined) sock.tsRecent = stamps.value;
  showState(k, sock, 'ESTABLISHED');
  sock.app.connected?.();
  segment(k, sock, layers);
}
