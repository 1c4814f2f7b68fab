// While a process works on its socket, what arrives for it waits (lock_sock, release_sock): segments on the backlog, a smaller
// path MTU as a flag.
import type { Kernel } from '../types.ts';
import { reducedMtu } from './tcp-mtu.ts';
import { fail } from './tcp-output.ts';
import { segment } from './tcp-receive.ts';
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
  if (sock.softError !== null && sock.state === 'SYN-SENT') fail(k, sock, sock.softError);
}
