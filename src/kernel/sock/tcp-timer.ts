// The timers of a connection (net/ipv4/tcp_timer.c, tcp_output.c): retransmission (RFC 6298), tail loss probe (RFC 8985
// section 7), reordering, and the delayed acknowledgement. One timer serves the first three, as icsk_retransmit_timer does.
import { sysctl } from '../../net/sysctl.ts';
import type { Kernel } from '../types.ts';
import { fail, inFlight, packetsOut, segmentSize, after } from './tcp-sock.ts';
import { sendAck } from './tcp-output.ts';
import { reorderTimeout } from './tcp-recovery.ts';
import { inHostQueue, retransmit, splitSkb, writeQueue } from './tcp-write.ts';
import type { TcpSock, TimerKind } from './tcp-types.ts';
import { afterJiffies, JIFFY, JIFFIES_PER_SECOND, toJiffies } from './tcp-wheel.ts';

const RTO_MIN = 200_000_000;
const RTO_MAX = 120 * JIFFIES_PER_SECOND;
/** TCP_TIMEOUT_MIN_US */
export const TIMEOUT_MIN = 2_000_000;
/** TCP_ATO_MIN: 40 ms. */
const DELAYED_ACK = JIFFIES_PER_SECOND / 25;

export function setTimer(k: Kernel, sock: TcpSock, kind: TimerKind, jiffies: number): void {
  const generation = ++sock.timerGeneration;
  sock.timer = kind;
  if (kind === 'none') return;
  afterJiffies(k, Math.max(1, Math.min(jiffies, RTO_MAX)), () => {
    if (sock.timerGeneration !== generation || sock.state === 'CLOSED') return;
    // A process that holds the socket is let finish first (TCP_WRITE_TIMER_DEFERRED).
    sock.timer = 'none';
    if (kind === 'rto') onTimeout(k, sock);
    else if (kind === 'probe') lossProbe(k, sock);
    else reorderTimeout(k, sock);
  });
}

/** What is left of the retransmission timeout since the oldest segment was sent, in ns. */
function rtoLeft(k: Kernel, sock: TcpSock): number {
  const head = sock.flying[0];
  return head === undefined ? sock.rto * JIFFY : head.sentAt + sock.rto * JIFFY - k.rec.now;
}

/** tcp_rearm_rto */
export function rearm(k: Kernel, sock: TcpSock): void {
  if (packetsOut(sock) === 0) return setTimer(k, sock, 'none', 0);
  const late = sock.timer === 'reorder' || sock.timer === 'probe';
  setTimer(k, sock, 'rto', late ? toJiffies(Math.max(rtoLeft(k, sock), 1)) : sock.rto);
}

/** tcp_schedule_loss_probe. False where no probe is due, so that the caller sets the usual timer. */
export function scheduleProbe(k: Kernel, sock: TcpSock, advancing: boolean): boolean {
  const probes = [3, 4].includes(sysctl(sock.ns.sysctl, 'net.ipv4.tcp_early_retrans'));
  if (!probes || packetsOut(sock) === 0 || !sock.sack) return false;
  if (sock.recovery !== 'open') return false;
  if (sock.flying.some((s) => s.sacked)) return false;
  let timeout = JIFFIES_PER_SECOND;
  if (sock.srtt > 0)
    timeout = toJiffies(2 * sock.srtt + (packetsOut(sock) === 1 ? RTO_MIN : TIMEOUT_MIN));
  const limit = advancing ? sock.rto * JIFFY : rtoLeft(k, sock);
  if (limit > 0) timeout = Math.min(timeout, toJiffies(limit));
  setTimer(k, sock, 'probe', timeout);
  return true;
}

/** tcp_send_loss_probe: new data if there is some, else the last segment again. */
function lossProbe(k: Kernel, sock: TcpSock): void {
  if (sock.probeSeq !== null) return rearm(k, sock);
  const sent = sock.queue.length > 0 && writeQueue(k, sock, 'probe') > 0;
  if (!sent) {
    let last = sock.flying.at(-1);
    if (last === undefined || inHostQueue(last)) return rearm(k, sock);
    const mss = segmentSize(sock);
    if (last.segments > 1 && last.length > (last.segments - 1) * mss)
      last = splitSkb(sock, sock.flying, last, (last.segments - 1) * mss);
    say(k, sock, 'tail loss probe', 'sends its last segment again');
    if (!retransmit(k, sock, last, 1)) return rearm(k, sock);
  }
  sock.probeSeq = sock.sndNxt;
  sock.timer = 'none';
  rearm(k, sock);
}

function say(k: Kernel, sock: TcpSock, timer: string, text: string): void {
  const full = `${sock.app.process}: no acknowledgement, ${text}`;
  k.rec.event('timer', null, sock.ns.site, { timer, text: full });
}

/** tcp_retransmit_timer: the oldest segment again, and twice the wait (a SYN waits one second five times first). */
function onTimeout(k: Kernel, sock: TcpSock): void {
  const head = sock.flying[0];
  if (head === undefined) return;
  const set = (name: string): number => sysctl(sock.ns.sysctl, `net.ipv4.${name}`);
  const connecting = sock.state === 'SYN-SENT';
  const linear = set('tcp_syn_linear_timeouts');
  const limit = connecting ? set('tcp_syn_retries') + linear : set('tcp_retries2');
  if (sock.retries >= limit) return fail(k, sock, sock.softError ?? 'ETIMEDOUT');
  enterLoss(sock);
  sock.retries++;
  sock.totalTimeouts++;
  say(k, sock, 'retransmission', `sends again (try ${sock.retries})`);
  // Another path may do better (sk_rethink_txhash).
  sock.txHash = k.rng(`${sock.ns.name} tcp`).u32();
  retransmit(k, sock, head, 1);
  if ((sock.state as string) === 'CLOSED') return;
  if (!connecting || sock.totalTimeouts > linear) sock.rto = Math.min(sock.rto * 2, RTO_MAX);
  setTimer(k, sock, 'rto', sock.rto);
}

/** tcp_enter_loss: what the receiver did not report is lost, and one segment at a time goes out. */
function enterLoss(sock: TcpSock): void {
  for (const s of sock.flying) {
    if (!s.sacked) s.lost = true;
    s.retransmitted = false;
  }
  if (sock.recovery === 'open' || sock.recovery === 'disorder') sock.savedCwnd = sock.cwnd;
  sock.cwnd = inFlight(sock) + 1;
  sock.recovery = 'loss';
  sock.highSeq = sock.sndNxt;
  sock.probeSeq = null;
}

/** A round trip was measured (tcp_rtt_estimator; the variance counts as 200 ms at least). */
export function measured(sock: TcpSock, rtt: number): void {
  const sample = Math.max(rtt, 1000);
  sock.srtt = sock.srtt === 0 ? sample : sock.srtt + (sample - sock.srtt) / 8;
  sock.rto = toJiffies(sock.srtt + RTO_MIN);
}

/** tcp_send_delayed_ack */
export function delayAck(k: Kernel, sock: TcpSock): void {
  const generation = ++sock.ackTimer;
  afterJiffies(k, DELAYED_ACK, () => {
    const due = sock.ackTimer === generation && after(sock.rcvNxt, sock.rcvAcked);
    if (due && sock.state !== 'CLOSED') sendAck(k, sock);
  });
}
