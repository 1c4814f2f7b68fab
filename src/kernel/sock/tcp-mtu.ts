// Path MTU discovery of TCP (RFC 1191; tcp_v4_mtu_reduced, tcp_simple_retransmit): what was too big is cut anew and sent again.
import type { Kernel } from '../types.ts';
import { push, segmentSize } from './tcp-output.ts';
import type { OutSegment, TcpSock } from './tcp-types.ts';

export function reducedMtu(k: Kernel, sock: TcpSock, mtu: number): void {
  const headers = typeof sock.local.addr === 'number' ? 40 : 60;
  const mss = mtu - headers;
  if (mss >= sock.mss || mss <= 0) return;
  sock.mss = mss;
  const size = segmentSize(sock);
  const queue = sock.out;
  sock.out = [];
  for (const s of queue) sock.out.push(...cut(s, size));
  push(k, sock);
}

/** A segment that fits is left alone; a longer one becomes pieces that wait to be sent. */
function cut(s: OutSegment, size: number): readonly OutSegment[] {
  if (s.length <= size) return [s];
  const pieces: OutSegment[] = [];
  for (let at = 0; at < s.length; at += size) {
    const length = Math.min(size, s.length - at);
    const last = at + length === s.length;
    pieces.push({
      seq: (s.seq + at) >>> 0,
      length,
      head: s.head.slice(at, at + length),
      syn: false,
      fin: s.fin && last,
      psh: s.psh && last,
      sent: false,
    });
  }
  return pieces;
}
