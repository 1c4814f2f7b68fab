// Data on its way in (tcp_data_queue, tcp_data_queue_ofo, tcp_sack_new_ofo_skb, tcp_fin; net/ipv4/tcp_input.c): in order to the
// application, early into the queue, twice into a report of the duplicate (RFC 2018, RFC 2883).
import { SECOND } from '../../base/queue.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { sendAck } from './tcp-output.ts';
import { after, before, forget, showState } from './tcp-sock.ts';
import { delayAck } from './tcp-timer.ts';
import type { Block, EarlyData, TcpSock } from './tcp-types.ts';

const MAX_BLOCKS = 4;

export function receiveData(
  k: Kernel,
  sock: TcpSock,
  tcp: Layer<'tcp'>['header'],
  length: number,
  head: string,
): void {
  const dataEnd = (tcp.seq + length) >>> 0;
  const end = (dataEnd + (tcp.flags.fin ? 1 : 0)) >>> 0;
  if (!after(end, sock.rcvNxt)) {
    sock.duplicate = { left: tcp.seq, right: end };
    return sendAck(k, sock);
  }
  if (after(tcp.seq, sock.rcvNxt)) return early(k, sock, { ...tcp, length, head }, end);
  if (before(tcp.seq, sock.rcvNxt)) sock.duplicate = { left: tcp.seq, right: sock.rcvNxt };
  const skip = (sock.rcvNxt - tcp.seq) >>> 0;
  let bytes = length - skip;
  let text = head.slice(skip);
  sock.rcvNxt = dataEnd;
  let { fin } = tcp.flags;
  for (let next = nextEarly(sock); next !== undefined && !fin; next = nextEarly(sock)) {
    const from = (sock.rcvNxt - next.seq) >>> 0;
    bytes += next.length - from;
    text += next.head.slice(from);
    sock.rcvNxt = (next.seq + next.length) >>> 0;
    fin = next.fin;
  }
  if (fin) sock.rcvNxt = (sock.rcvNxt + 1) >>> 0;
  sock.blocks = sock.blocks.filter((b) => after(b.right, sock.rcvNxt));
  const unacknowledged = (sock.rcvNxt - sock.rcvAcked) >>> 0;
  const late =
    fin &&
    sock.state === 'ESTABLISHED' &&
    sock.duplicate === null &&
    unacknowledged <= sock.advertised - 12;
  if (fin) closeState(k, sock);
  // An end of data is acknowledged late: the answer may carry it.
  if (late) delayAck(k, sock);
  else sendAck(k, sock);
  if (bytes > 0) sock.app.data?.(bytes, text);
  if (fin) sock.app.end?.();
}

function nextEarly(sock: TcpSock): EarlyData | undefined {
  const end = (e: EarlyData): number => (e.seq + e.length + (e.fin ? 1 : 0)) >>> 0;
  sock.early = sock.early.filter((e) => after(end(e), sock.rcvNxt));
  const at = sock.early.findIndex((e) => !after(e.seq, sock.rcvNxt));
  return at < 0 ? undefined : sock.early.splice(at, 1)[0];
}

function early(
  k: Kernel,
  sock: TcpSock,
  data: Pick<EarlyData, 'seq' | 'length' | 'head'> & { readonly flags: { readonly fin: boolean } },
  end: number,
): void {
  const known = sock.blocks.some((b) => !before(data.seq, b.left) && !after(end, b.right));
  if (known) sock.duplicate = { left: data.seq, right: end };
  else {
    sock.early.push({
      seq: data.seq,
      length: data.length,
      head: data.head,
      fin: data.flags.fin,
    });
    addBlock(sock, { left: data.seq, right: end });
  }
  sendAck(k, sock);
}

/** The block that grew comes first; blocks that touch become one. */
function addBlock(sock: TcpSock, fresh: Block): void {
  const apart: Block[] = [];
  for (const b of sock.blocks) {
    if (after(b.left, fresh.right) || after(fresh.left, b.right)) apart.push(b);
    else {
      if (before(b.left, fresh.left)) fresh.left = b.left;
      if (after(b.right, fresh.right)) fresh.right = b.right;
    }
  }
  sock.blocks = [fresh, ...apart].slice(0, MAX_BLOCKS);
}

function closeState(k: Kernel, sock: TcpSock): void {
  if (sock.state === 'ESTABLISHED') showState(k, sock, 'CLOSE-WAIT');
  else if (sock.state === 'FIN-WAIT-1') showState(k, sock, 'CLOSING');
  else if (sock.state === 'FIN-WAIT-2') timeWait(k, sock);
}

/** tcp_time_wait: for a minute the pair of ends is remembered. */
export function timeWait(k: Kernel, sock: TcpSock): void {
  sock.timer = 'none';
  sock.timerGeneration++;
  showState(k, sock, 'TIME-WAIT');
  k.after(60 * SECOND, () => {
    if (sock.state === 'TIME-WAIT') forget(k, sock);
  });
}
