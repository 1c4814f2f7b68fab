// The write queue (tcp_sendmsg, tcp_write_xmit, tso_fragment, __tcp_retransmit_skb; net/ipv4/tcp.c, tcp_output.c): bytes are
// gathered into large pieces, and as much leaves as both windows allow, half a congestion window at a time.
import type { Kernel } from '../types.ts';
import { sendReset, transmit } from './tcp-output.ts';
import { owned } from './tcp-owner.ts';
import { after, before, endSeq, forget, inFlight, outSkb } from './tcp-sock.ts';
import { packetsOut, segmentSize } from './tcp-sock.ts';
import { rearm, scheduleProbe } from './tcp-timer.ts';
import type { OutSkb, TcpSock } from './tcp-types.ts';

/** gso_max_size: no packet is longer than the IP header can say. */
const GSO_MAX = 65_536;

const countSegments = (s: OutSkb, mss: number): number => Math.max(1, Math.ceil(s.length / mss));

/** How long a piece of the queue may grow (tcp_xmit_size_goal): half the largest window. */
function sizeGoal(sock: TcpSock, mss: number): number {
  const half = sock.maxWindow > 536 ? sock.maxWindow >> 1 : sock.maxWindow;
  const room = half > 0 && GSO_MAX > half ? Math.max(half, 68) : GSO_MAX;
  return Math.max(1, Math.floor(room / mss)) * mss;
}

/** send(): the application's bytes. */
export function enqueue(k: Kernel, sock: TcpSock, length: number, text: string): void {
  owned(k, sock, () => {
    let done = 0;
    const mss = segmentSize(sock);
    const goal = sizeGoal(sock, mss);
    while (done < length && sock.state !== 'CLOSED') {
      let tail = sock.queue.at(-1);
      if (tail === undefined || tail.length >= goal || tail.fin) {
        tail = outSkb(nextSeq(sock), 0, '');
        sock.queue.push(tail);
      }
      const part = Math.min(goal - tail.length, length - done);
      const more = text.slice(done, done + part);
      if (more !== '') tail.head = tail.head.padEnd(tail.length, '.') + more;
      tail.length += part;
      done += part;
      if (done === length || tail.length < goal) continue;
      if (after(nextSeq(sock), (sock.pushedSeq + (sock.maxWindow >> 1)) >>> 0)) {
        markPush(sock, tail);
        writeQueue(k, sock, 'push');
      } else if (tail === sock.queue[0]) writeQueue(k, sock, 'one');
    }
    const tail = sock.queue.at(-1);
    if (tail !== undefined) markPush(sock, tail);
    push(k, sock);
  });
}

function markPush(sock: TcpSock, tail: OutSkb): void {
  tail.psh = true;
  sock.pushedSeq = nextSeq(sock);
}

function nextSeq(sock: TcpSock): number {
  const last = sock.queue.at(-1);
  return last === undefined ? sock.sndNxt : endSeq(last);
}

/** tcp_send_fin: on the last piece that still waits, or alone. */
export function queueFin(k: Kernel, sock: TcpSock): void {
  owned(k, sock, () => {
    const last = sock.queue.at(-1);
    if (last !== undefined) last.fin = true;
    else sock.queue.push(outSkb(sock.sndNxt, 0, '', { fin: true }));
    writeQueue(k, sock, 'push');
  });
}

/** tcp_connect: the SYN is in flight at once. */
export function sendSyn(k: Kernel, sock: TcpSock): void {
  const syn = outSkb(sock.iss, 0, '', { syn: true });
  sock.sndNxt = endSeq(syn);
  sock.smallEnd = sock.sndNxt;
  sock.pushedSeq = sock.sndNxt;
  sock.flying.push(syn);
  owned(k, sock, () => {
    sendOut(k, sock, syn);
    if (sock.timer === 'none' && sock.flying.length > 0) rearm(k, sock);
  });
}

/** close() of data that nobody read: the peer is told that it is lost (RFC 2525 section 2.17). */
export function abortSock(k: Kernel, sock: TcpSock): void {
  sendReset(k, sock);
  forget(k, sock);
}

/** tcp_push_pending_frames */
export const push = (k: Kernel, sock: TcpSock): void => {
  writeQueue(k, sock, 'nagle');
};

type How = 'nagle' | 'push' | 'one' | 'probe';

/** tcp_write_xmit. Returns how many segments were sent. */
export function writeQueue(k: Kernel, sock: TcpSock, how: How): number {
  let sent = 0;
  // The clock is read once a call (tcp_mstamp_refresh): what leaves in it was sent at the same time.
  const now = k.rec.now;
  for (let s = sock.queue[0]; s !== undefined; s = sock.queue[0]) {
    if (sock.state === 'CLOSED') return sent;
    const mss = segmentSize(sock);
    const flying = inFlight(sock);
    let quota = flying >= sock.cwnd ? 0 : Math.min(Math.max(sock.cwnd >> 1, 1), sock.cwnd - flying);
    if (quota === 0) {
      if (how !== 'probe') break;
      quota = 1;
    }
    s.segments = countSegments(s, mss);
    const edge = (sock.sndUna + sock.sndWnd) >>> 0;
    const firstEnd = s.length > mss ? (s.seq + mss) >>> 0 : endSeq(s);
    if (after(firstEnd, edge)) break;
    const nagle = how === 'nagle' && s === sock.queue.at(-1);
    if (s.segments === 1) {
      if (nagle && !s.fin && s.length < mss && holdsBack(sock)) break;
    } else {
      const limit = splitPoint(sock, s, mss, quota, edge, nagle);
      if (limit === 0) break;
      if (s.length > limit) splitSkb(sock, sock.queue, s, limit);
    }
    sock.queue.shift();
    s.segments = countSegments(s, mss);
    sock.sndNxt = endSeq(s);
    const first = sock.flying.length === 0;
    sock.flying.push(s);
    if (s.length < s.segments * mss) sock.smallEnd = endSeq(s);
    sendOut(k, sock, s, now);
    if (first || sock.timer === 'probe') rearm(k, sock);
    sent += s.segments;
    if (how === 'one' || how === 'probe') break;
  }
  if (sent > 0 && how !== 'probe') scheduleProbe(k, sock, false);
  return sent;
}

/** tcp_nagle_check: a small segment waits while another small one is unacknowledged. */
const holdsBack = (sock: TcpSock): boolean =>
  packetsOut(sock) > 0 && after(sock.smallEnd, sock.sndUna) && !after(sock.smallEnd, sock.sndNxt);

/** tcp_mss_split_point */
function splitPoint(
  sock: TcpSock,
  s: OutSkb,
  mss: number,
  quota: number,
  edge: number,
  nagle: boolean,
): number {
  const window = (edge - s.seq) >>> 0;
  const most = mss * quota;
  if (most <= window && s !== sock.queue.at(-1)) return most;
  const needed = Math.min(s.length, window);
  if (most <= needed) return most;
  const partial = needed % mss;
  return partial !== 0 && nagle && holdsBack(sock) ? needed - partial : needed;
}

/** tcp_fragment: cuts a piece of a queue in two; PSH and FIN go with the second. Returns the second. */
export function splitSkb(sock: TcpSock, queue: OutSkb[], s: OutSkb, at: number): OutSkb {
  const mss = segmentSize(sock);
  const rest: OutSkb = {
    ...s,
    seq: (s.seq + at) >>> 0,
    length: s.length - at,
    head: s.head.slice(at),
    syn: false,
  };
  s.length = at;
  s.head = s.head.slice(0, at);
  s.psh = false;
  s.fin = false;
  for (const part of [s, rest]) part.segments = countSegments(part, mss);
  queue.splice(queue.indexOf(s) + 1, 0, rest);
  return rest;
}

function sendOut(k: Kernel, sock: TcpSock, s: OutSkb, now: number = k.rec.now): void {
  s.sentAt = now;
  // A packet of several segments is marked, so that the receiver hands it up at once.
  const psh = s.psh || s.length > segmentSize(sock);
  s.skb = transmit(k, sock, {
    seq: s.seq,
    flags: { syn: s.syn, fin: s.fin, psh, ack: !(s.syn && sock.state === 'SYN-SENT') },
    length: s.length,
    head: s.head,
  });
}

/** skb_still_in_host_queue: it waits for a neighbour of this host, it has not left yet. */
export const inHostQueue = (s: OutSkb): boolean => s.skb?.waiting === true && s.skb.hops === 0;

/** __tcp_retransmit_skb: up to `segments` segments of a piece again. False if it did not leave. */
export function retransmit(k: Kernel, sock: TcpSock, s: OutSkb, segments: number): boolean {
  if (inHostQueue(s)) return false;
  if (!s.syn) {
    const mss = segmentSize(sock);
    if (before(s.seq, sock.sndUna)) trimHead(sock, s);
    if (s.length > mss * segments) splitSkb(sock, sock.flying, s, mss * segments);
    s.segments = countSegments(s, mss);
  }
  s.retransmitted = true;
  s.everRetransmitted = true;
  sendOut(k, sock, s);
  return true;
}

/** tcp_trim_head: the receiver acknowledged the beginning of a piece. */
export function trimHead(sock: TcpSock, s: OutSkb): void {
  const done = (sock.sndUna - s.seq) >>> 0;
  s.head = s.head.slice(done);
  s.length -= done;
  s.seq = sock.sndUna;
  s.segments = countSegments(s, segmentSize(sock));
}
