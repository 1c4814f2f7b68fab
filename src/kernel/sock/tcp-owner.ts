// While a process works on its socket, what arrives for it waits (lock_sock, release_sock): segments on the backlog, a smaller
// path MTU as a flag. Acknowledgements that only move on are put together there (tcp_add_backlog).
import { byteLength } from '../../wire/length.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { reducedMtu } from './tcp-mtu.ts';
import { fail } from './tcp-sock.ts';
import { segment } from './tcp-segment.ts';
import type { TcpSock } from './tcp-types.ts';

export function owned(k: Kernel, sock: TcpSock, run: () => void): void {
  if (sock.owned) return run();
  sock.owned = true;
  run();
  for (let layers = sock.backlog.shift(); layers !== undefined; layers = sock.backlog.shift())
    segment(k, sock, layers);
  sock.owned = false;
  const mtu = sock.deferredMtu;
  sock.deferredMtu = null;
  if (mtu !== null) reducedMtu(k, sock, mtu);
  // IPv4 queues the error for poll() even while the socket is held; IPv6 only notes it.
  const told = typeof sock.local.addr === 'number' ? sock.softError : null;
  if (told !== null && sock.state === 'SYN-SENT') fail(k, sock, told);
}

const tcpOf = (layers: readonly Layer[]): Layer<'tcp'>['header'] =>
  (layers[1] as Layer<'tcp'>).header;
const dataOf = (layers: readonly Layer[]): number => byteLength(layers.slice(2));

/** sk_add_backlog */
export function addBacklog(sock: TcpSock, layers: readonly Layer[]): void {
  const last = sock.backlog.at(-1);
  if (last !== undefined && coalesces(last, layers)) sock.backlog[sock.backlog.length - 1] = layers;
  else sock.backlog.push(layers);
}

/** Two bare acknowledgements with the same options: the later one says all that the earlier said. */
function coalesces(a: readonly Layer[], b: readonly Layer[]): boolean {
  const [x, y] = [tcpOf(a), tcpOf(b)];
  const bare = [x, y].every((t) => t.flags.ack && !t.flags.syn && !t.flags.rst && !t.flags.fin);
  if (!bare || dataOf(a) > 0 || dataOf(b) > 0 || x.seq !== y.seq) return false;
  return (
    ((y.ack - x.ack) | 0) >= 0 &&
    x.flags.psh === y.flags.psh &&
    JSON.stringify(x.options) === JSON.stringify(y.options)
  );
}
