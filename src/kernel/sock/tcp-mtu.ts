// Path MTU discovery of TCP (RFC 1191; tcp_v4_mtu_reduced, tcp_simple_retransmit): what was too big is cut anew and sent again.
import type { Kernel } from '../types.ts';
import { outSegment, push, segmentSize } from './tcp-output.ts';
import type { OutSegment, TcpSock } from './tcp-types.ts';

export function reducedMtu(k: Kernel, sock: TcpSock, mtu: number): void {
  const headers = typeof sock.local.addr === 'number' ? 40 : 60;
  const mss = mtu - headers;
  if (mss >= sock.mss || mss <= 0) return;
  sock.mss = mss;
  const size = segmentSize(sock);
  const lost = sock.out.some((s) => s.sent && !s.sacked && s.length > size);
  if (!lost) return;
  sock.out = recut(sock.out, size);
  push(k, sock);
}

/** Runs of data that nobody has are put together and cut again; what the receiver has stays as it is. */
function recut(queue: readonly OutSegment[], size: number): OutSegment[] {
  const out: OutSegment[] = [];
  let run: OutSegment[] = [];
  const flush = (): void => {
    const first = run[0];
    if (first === undefined) return;
    const text = run.map((s) => s.head.padEnd(s.length, '.')).join('');
    const fin = run.some((s) => s.fin);
    for (let at = 0; at < text.length; at += size) {
      const head = text.slice(at, at + size);
      const last = at + size >= text.length;
      const bare = head.replace(/\.+$/, '');
      out.push(
        outSegment((first.seq + at) >>> 0, head.length, bare, { psh: last, fin: fin && last }),
      );
    }
    if (text.length === 0) out.push(...run.map((s) => ({ ...s, sent: false })));
    run = [];
  };
  for (const s of queue)
    if (s.sacked) {
      flush();
      out.push(s);
    } else run.push(s);
  flush();
  return out;
}
