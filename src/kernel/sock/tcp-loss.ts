// Loss recovery by selective acknowledgements and time (RFC 2018, RFC 8985 RACK; net/ipv4/tcp_recovery.c): what was sent a
// round trip before something that arrived is lost.
import type { SackBlock } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { armRetransmit, endSeq, sendSegment } from './tcp-output.ts';
import type { OutSegment, TcpSock } from './tcp-types.ts';

const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;

/** Marks what the receiver has, and sends again what must have been lost before it. */
export function markSacked(k: Kernel, sock: TcpSock, blocks: readonly SackBlock[]): void {
  const inside = (s: OutSegment): boolean =>
    blocks.some((b) => !before(s.seq, b.left) && !before(b.right, endSeq(s)));
  let newest: OutSegment | null = null;
  for (const s of sock.out) {
    if (s.sacked || !s.sent || !inside(s)) continue;
    s.sacked = true;
    if (newest === null || s.sentAt >= newest.sentAt) newest = s;
  }
  if (newest === null) return;
  const rtt = k.rec.now - newest.sentAt;
  sock.minRtt = Math.min(sock.minRtt, rtt);
  detect(k, sock, rtt, newest.sentAt);
}

/** tcp_rack_detect_loss: a quarter of the shortest round trip is left for reordering. */
function detect(k: Kernel, sock: TcpSock, rtt: number, sentAt: number): void {
  const patience = rtt + sock.minRtt / 4;
  let wait = 0;
  for (const s of sock.out) {
    if (!s.sent || s.sacked || s.sentAt > sentAt) continue;
    const left = s.sentAt + patience - k.rec.now;
    if (left <= 0) {
      sendSegment(k, sock, s);
      armRetransmit(k, sock);
    } else wait = Math.max(wait, left);
  }
  if (wait === 0) return;
  const generation = ++sock.rackTimer;
  k.after(wait, () => {
    if (sock.rackTimer === generation && sock.state !== 'CLOSED') detect(k, sock, rtt, sentAt);
  });
}
