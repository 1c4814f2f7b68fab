// ICMP errors become errno values of the socket that they are about (icmp_err_convert, net/ipv4/icmp.c; tcp_v4_err,
// __udp4_lib_err; their IPv6 twins).
import { tupleOf } from '../../conntrack/tuple.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Icmpv4Body, Icmpv6Body } from '../../wire/types.ts';
import type { Tuple } from '../../conntrack/types.ts';
import type { Kernel, Netns } from '../types.ts';
import { nsOf } from '../types.ts';
import { IPPROTO } from '../../wire/types.ts';
import { findUdp } from './table.ts';
import type { End } from './table.ts';
import { fail, forget } from './tcp-sock.ts';
import { reducedMtu } from './tcp-mtu.ts';

interface Errno {
  readonly errno: string;
  /** Reported to a connected datagram socket. */
  readonly fatal: boolean;
}
const soft = (errno: string): Errno => ({ errno, fatal: false });
const hard = (errno: string): Errno => ({ errno, fatal: true });

/** By code of `destination unreachable`. */
const UNREACHABLE: readonly Errno[] = [
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('ENOPROTOOPT'),
  hard('ECONNREFUSED'),
  soft('EMSGSIZE'),
  soft('EOPNOTSUPP'),
  hard('ENETUNREACH'),
  hard('EHOSTDOWN'),
  hard('ENONET'),
  hard('ENETUNREACH'),
  hard('EHOSTUNREACH'),
  soft('ENETUNREACH'),
  soft('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
  hard('EHOSTUNREACH'),
];
const UNREACHABLE6: readonly Errno[] = [
  soft('ENETUNREACH'),
  hard('EACCES'),
  soft('EHOSTUNREACH'),
  soft('EHOSTUNREACH'),
  hard('ECONNREFUSED'),
  hard('EACCES'),
  hard('EACCES'),
];

function errnoOf(v6: boolean, type: number, code: number): Errno {
  if (v6) {
    if (type === 1) return UNREACHABLE6[code] ?? soft('EPROTO');
    if (type === 2) return soft('EMSGSIZE');
    return type === 3 ? soft('EHOSTUNREACH') : hard('EPROTO');
  }
  if (type === 3) return UNREACHABLE[code] ?? soft('EHOSTUNREACH');
  return type === 12 ? hard('EPROTO') : soft('EHOSTUNREACH');
}

/** Does the error end a connection that is only asked for (tcp_req_err)? */
function endsRequest(v6: boolean, type: number, code: number): boolean {
  if (v6) return errnoOf(v6, type, code).fatal;
  return type === 11 || type === 12 || (type === 3 && code <= 1);
}

/** The connection that sent a segment with this tuple. */
export const findTcp = (ns: Netns, { src, sport, dst, dport }: Tuple) =>
  ns.sockets.tcp.find({ addr: src, port: sport }, { addr: dst, port: dport });

/** Has the namespace a socket that sent this? */
export function hasSocket(ns: Netns, tuple: Tuple): boolean {
  const local: End = { addr: tuple.src, port: tuple.sport };
  const remote: End = { addr: tuple.dst, port: tuple.dport };
  return tuple.protocol === IPPROTO.tcp
    ? findTcp(ns, tuple) !== undefined
    : tuple.protocol === IPPROTO.udp && findUdp(ns.sockets, local, remote) !== null;
}

/** Gives the error to the socket whose packet is quoted. Returns its process, or null. */
export function socketError(
  k: Kernel,
  _skb: Skb,
  dev: Dev,
  type: number,
  code: number,
  body: Extract<Icmpv4Body | Icmpv6Body, { kind: 'error' }>,
): string | null {
  const tuple = tupleOf(body.quoted.layers);
  if (tuple === null) return null;
  const ns = nsOf(dev);
  const v6 = typeof tuple.src === 'bigint';
  const local: End = { addr: tuple.src, port: tuple.sport };
  const remote: End = { addr: tuple.dst, port: tuple.dport };
  const errno = errnoOf(v6, type, code);
  const tooBig = v6 ? type === 2 : type === 3 && code === 4;
  if (tooBig && body.mtu > 0) ns.pmtu.set(tuple.dst, Math.max(body.mtu, v6 ? 1280 : 552));
  if (tuple.protocol === IPPROTO.tcp) {
    const sock = findTcp(ns, tuple);
    if (sock === undefined) return null;
    const { process } = sock.app;
    if (tooBig && sock.owned) sock.deferredMtu = body.mtu;
    else if (tooBig) reducedMtu(k, sock, body.mtu);
    else if (sock.state === 'SYN-RECV') {
      if (endsRequest(v6, type, code)) forget(k, sock);
    } else if (sock.owned) sock.softError = errno.errno;
    else if (sock.state === 'SYN-SENT') fail(k, sock, errno.errno);
    else sock.softError = errno.errno;
    return process;
  }
  if (tuple.protocol === IPPROTO.udp) {
    const sock = findUdp(ns.sockets, local, remote);
    if (sock === null) return null;
    const fatal = errno.fatal || (tooBig && sock.pmtudisc !== 0);
    if (fatal && sock.remote !== null) sock.error(errno.errno);
    return sock.process;
  }
  return null;
}
