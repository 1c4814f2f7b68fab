// Path MTU discovery of TCP (RFC 1191; tcp_v4_mtu_reduced, tcp_sync_mss, tcp_simple_retransmit): segments that were too big
// count as lost and are sent again, smaller.
import type { Kernel } from '../types.ts';
import { retransmitLost } from './tcp-recovery.ts';
import { headersOf, segmentSize } from './tcp-sock.ts';
import type { TcpSock } from './tcp-types.ts';

export function reducedMtu(k: Kernel, sock: TcpSock, mtu: number): void {
  const mss = mtu - headersOf(sock.local.addr);
  if (mss >= sock.mss || mss <= 0) return;
  const old = segmentSize(sock);
  sock.mss = mss;
  const size = segmentSize(sock);
  let lost = false;
  for (const s of sock.flying) {
    const longest = s.segments > 1 ? old : s.length;
    if (longest <= size || s.sacked) continue;
    s.lost = true;
    s.retransmitted = false;
    lost = true;
  }
  if (!lost) return;
  if (sock.recovery !== 'loss') {
    sock.recovery = 'loss';
    sock.highSeq = sock.sndNxt;
  }
  retransmitLost(k, sock);
}
