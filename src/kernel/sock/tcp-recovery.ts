// Loss recovery (RFC 6675, RFC 8985 RACK; tcp_fastretrans_alert, tcp_rack_mark_lost, tcp_xmit_retransmit_queue): what was sent
// a round trip before something that arrived is lost, at once if three segments passed it. The congestion window follows BBR's
// packet conservation; undo of a needless recovery is not modelled.
import type { Kernel } from '../types.ts';
import { after, endSeq, inFlight } from './tcp-sock.ts';
import { rearm, setTimer, TIMEOUT_MIN } from './tcp-timer.ts';
import { retransmit } from './tcp-write.ts';
import type { OutSkb, TcpSock } from './tcp-types.ts';
import { toJiffies } from './tcp-wheel.ts';

const DUPTHRESH = 3;

/** tcp_rack_advance: the newest thing that is known to have arrived. */
export function advanceRack(k: Kernel, sock: TcpSock, s: OutSkb): void {
  const rtt = k.rec.now - s.sentAt;
  // A copy that was sent a moment ago cannot have come back yet: the first one did.
  if (s.everRetransmitted && rtt < sock.minRtt) return;
  sock.rackRtt = rtt;
  const newer = s.sentAt > sock.rackSentAt;
  if (!newer && !(s.sentAt === sock.rackSentAt && after(endSeq(s), sock.rackEnd))) return;
  sock.rackSentAt = s.sentAt;
  sock.rackEnd = endSeq(s);
}

/** Room for reordering (tcp_rack_reo_wnd). */
function patience(sock: TcpSock): number {
  const sacked = sock.flying.reduce((n, s) => n + (s.sacked ? s.segments : 0), 0);
  if (sock.recovery === 'recovery' || sock.recovery === 'loss' || sacked >= DUPTHRESH) return 0;
  return Math.min(sock.minRtt / 4, sock.srtt > 0 ? sock.srtt : Infinity);
}

/** tcp_rack_detect_loss. True if a timer was set for what is not sure yet. */
function detect(k: Kernel, sock: TcpSock): boolean {
  if (sock.rackSentAt === 0) return false;
  let wait = 0;
  const room = patience(sock);
  for (const s of sock.flying) {
    if (s.sacked || (s.lost && !s.retransmitted)) continue;
    const earlier =
      s.sentAt < sock.rackSentAt ||
      (s.sentAt === sock.rackSentAt && after(sock.rackEnd, endSeq(s)));
    if (!earlier) continue;
    const left = s.sentAt + sock.rackRtt + room - k.rec.now;
    if (left <= 0) {
      s.lost = true;
      s.retransmitted = false;
    } else wait = Math.max(wait, left);
  }
  if (wait === 0) return false;
  setTimer(k, sock, 'reorder', toJiffies(wait + TIMEOUT_MIN));
  return true;
}

const someLost = (sock: TcpSock): boolean => sock.flying.some((s) => s.lost);

function enterRecovery(sock: TcpSock): void {
  sock.savedCwnd = sock.cwnd;
  sock.highSeq = sock.sndNxt;
  sock.recovery = 'recovery';
}

const leave = (sock: TcpSock): void => {
  sock.recovery = sock.flying.some((s) => s.sacked) ? 'disorder' : 'open';
  sock.cwnd = Math.max(sock.cwnd, sock.savedCwnd);
};

/** What an acknowledgement says of losses. `timerSet`: the usual timer must not be set over it. */
export function alert(
  k: Kernel,
  sock: TcpSock,
  delivered: number,
): { readonly retransmit: boolean; readonly timerSet: boolean } {
  const done = !after(sock.highSeq, sock.sndUna);
  if ((sock.recovery === 'recovery' || sock.recovery === 'loss') && done) leave(sock);
  if (sock.flying.length === 0) {
    if (sock.recovery === 'disorder') sock.recovery = 'open';
    return { retransmit: false, timerSet: false };
  }
  const timerSet = detect(k, sock);
  if (sock.recovery === 'open' || sock.recovery === 'disorder') {
    if (!someLost(sock)) {
      sock.recovery = sock.flying.some((s) => s.sacked) ? 'disorder' : 'open';
      return { retransmit: false, timerSet };
    }
    enterRecovery(sock);
    sock.cwnd = Math.max(1, inFlight(sock) + Math.max(1, delivered));
  } else sock.cwnd = Math.max(sock.cwnd, inFlight(sock) + delivered);
  return { retransmit: true, timerSet };
}

/** tcp_xmit_retransmit_queue */
export function retransmitLost(k: Kernel, sock: TcpSock): void {
  let rearmed = false;
  for (let i = 0; i < sock.flying.length; i++) {
    const s = sock.flying[i]!;
    const segments = sock.cwnd - inFlight(sock);
    if (segments <= 0) break;
    if (!s.lost || s.sacked || s.retransmitted) continue;
    if (!retransmit(k, sock, s, segments)) return;
    if (i === 0) rearmed = true;
  }
  if (rearmed) setTimer(k, sock, 'rto', sock.rto);
}

/** tcp_rack_reo_timeout: the room for reordering is over. */
export function reorderTimeout(k: Kernel, sock: TcpSock): void {
  const before = inFlight(sock);
  detect(k, sock);
  if (inFlight(sock) !== before) {
    if (sock.recovery !== 'recovery' && sock.recovery !== 'loss') enterRecovery(sock);
    retransmitLost(k, sock);
  }
  if (sock.timer === 'none') rearm(k, sock);
}
