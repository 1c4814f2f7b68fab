// What an acknowledgement does (tcp_ack, tcp_clean_rtx_queue, tcp_sacktag_write_queue; net/ipv4/tcp_input.c).
import type { Layer, SackBlock } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { sinceEcho, WINDOW_SCALE } from './tcp-output.ts';
import { advanceRack, alert, retransmitLost } from './tcp-recovery.ts';
import { after, before, endSeq, inFlight, segmentSize } from './tcp-sock.ts';
import { measured, rearm, scheduleProbe } from './tcp-timer.ts';
import { push, splitSkb, trimHead } from './tcp-write.ts';
import type { OutSkb, TcpSock } from './tcp-types.ts';

/** `old`: acknowledges what was acknowledged before; `bad`: data that was never sent, or far too old. */
export type Acked = 'new' | 'old' | 'bad';

export function acknowledge(k: Kernel, sock: TcpSock, tcp: Layer<'tcp'>['header']): Acked {
  const { ack } = tcp;
  if (before(ack, (sock.sndUna - Math.max(sock.maxWindow, 1)) >>> 0)) return 'bad';
  if (after(ack, sock.sndNxt)) return 'bad';
  const forward = after(ack, sock.sndUna);
  if (!before(ack, sock.sndUna)) takeWindow(sock, tcp);
  let delivered = markSacked(k, sock, tcp);
  const sacked = delivered > 0;
  if (sock.flying.length === 0) {
    if (forward) sock.sndUna = ack;
    sock.retries = forward ? 0 : sock.retries;
    return forward ? 'new' : 'old';
  }
  if (forward) {
    sock.sndUna = ack;
    sock.retries = 0;
    delivered += clean(k, sock, tcp);
  }
  probeAnswered(sock, ack, forward);
  const dubious = sacked || !forward || sock.recovery !== 'open';
  const said = dubious ? alert(k, sock, delivered) : { retransmit: false, timerSet: false };
  if ((forward || sacked) && !said.timerSet && !scheduleProbe(k, sock, true)) rearm(k, sock);
  if (forward && sock.recovery === 'open') sock.cwnd += delivered;
  if (said.retransmit) retransmitLost(k, sock);
  return forward ? 'new' : 'old';
}

function takeWindow(sock: TcpSock, tcp: Layer<'tcp'>['header']): void {
  const window = sock.scale && !tcp.flags.syn ? tcp.window * 2 ** WINDOW_SCALE : tcp.window;
  sock.sndWnd = window;
  sock.maxWindow = Math.max(sock.maxWindow, window);
}

/** tcp_process_tlp_ack: the episode of a probe is over when what it repeated is acknowledged. */
function probeAnswered(sock: TcpSock, ack: number, forward: boolean): void {
  if (sock.probeSeq === null || before(ack, sock.probeSeq)) return;
  void forward;
  sock.probeSeq = null;
}

/** Takes what is acknowledged off the queue, and measures the round trip. Returns how many segments were delivered. */
function clean(k: Kernel, sock: TcpSock, tcp: Layer<'tcp'>['header']): number {
  let delivered = 0;
  let first: OutSkb | null = null;
  let repeated = false;
  for (let s = sock.flying[0]; s !== undefined; s = sock.flying[0]) {
    if (after(endSeq(s), sock.sndUna)) {
      if (s.segments === 1 || !after(sock.sndUna, s.seq)) break;
      const had = s.segments;
      if (s.everRetransmitted) repeated = true;
      else first ??= { ...s };
      trimHead(sock, s);
      delivered += had - s.segments;
      break;
    }
    sock.flying.shift();
    if (!s.sacked) delivered += s.segments;
    if (s.everRetransmitted) repeated = true;
    else if (!s.sacked) first ??= s;
    if (!s.sacked) advanceRack(k, sock, s);
  }
  if (first !== null && !repeated) round(sock, k.rec.now - first.sentAt);
  else {
    const echo = tcp.options.find((o) => o.kind === 'timestamps');
    if (sock.stamps && echo !== undefined && echo.echo !== 0)
      measured(sock, Math.max(1, sinceEcho(k, sock, echo.echo)) * 1_000_000);
  }
  return delivered;
}

function round(sock: TcpSock, rtt: number): void {
  sock.minRtt = Math.min(sock.minRtt, rtt);
  measured(sock, rtt);
}

/** Marks what the receiver has; a piece of several segments is cut at their borders. Returns how many segments are news. */
function markSacked(k: Kernel, sock: TcpSock, tcp: Layer<'tcp'>['header']): number {
  const option = tcp.options.find((o) => o.kind === 'sack');
  if (option === undefined || !sock.sack) return 0;
  let news = 0;
  for (const block of option.blocks) {
    // Below what is acknowledged: a duplicate that arrived (RFC 2883).
    if (!after(block.right, sock.sndUna) || !before(block.left, sock.sndNxt)) continue;
    for (let i = 0; i < sock.flying.length; i++) {
      const s = matching(sock, sock.flying[i]!, block);
      if (s === null || s.sacked) continue;
      s.sacked = true;
      s.lost = false;
      s.retransmitted = false;
      news += s.segments;
      advanceRack(k, sock, s);
      if (!s.everRetransmitted) sock.minRtt = Math.min(sock.minRtt, k.rec.now - s.sentAt);
    }
  }
  return news;
}

/** tcp_match_skb_to_sack: the part of a piece that a block covers, cut off where it begins or ends inside. */
function matching(sock: TcpSock, s: OutSkb, block: SackBlock): OutSkb | null {
  const end = endSeq(s);
  if (!before(block.left, end) || !after(block.right, s.seq)) return null;
  if (!after(block.left, s.seq) && !before(block.right, end)) return s;
  if (s.segments === 1 || s.sacked) return null;
  const mss = segmentSize(sock);
  if (after(block.left, s.seq)) {
    const at = Math.ceil(((block.left - s.seq) >>> 0) / mss) * mss;
    // The rest is looked at in its own turn.
    if (at < s.length) splitSkb(sock, sock.flying, s, at);
    return null;
  }
  const at = Math.floor(((block.right - s.seq) >>> 0) / mss) * mss;
  if (at === 0) return null;
  if (at < s.length) splitSkb(sock, sock.flying, s, at);
  return s;
}

/** tcp_data_snd_check: the windows may have room now. */
export function sendMore(k: Kernel, sock: TcpSock): void {
  if (sock.queue.length > 0 && inFlight(sock) < sock.cwnd) push(k, sock);
}
