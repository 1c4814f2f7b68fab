// Making a connection's socket and showing its state (inet_csk_clone_lock, tcp_init_sock, tcp_set_state).
import type { IpAddr } from '../../wire/addr/types.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Kernel, Netns } from '../types.ts';
import { endText, namesOf, writeSocket } from './table.ts';
import type { End } from './table.ts';
import type { OutSkb, TcpApp, TcpSock, TcpState } from './tcp-types.ts';
import { JIFFIES_PER_SECOND } from './tcp-wheel.ts';

const INITIAL_CWND = 10;

export const headersOf = (addr: IpAddr): number => (typeof addr === 'number' ? 40 : 60);

export function createSock(
  k: Kernel,
  ns: Netns,
  local: End,
  remote: End,
  state: TcpState,
  app: TcpApp,
  options: { readonly flow: string | null; readonly ttl: number | null; readonly mtu: number },
): TcpSock {
  const rng = k.rng(`${ns.name} tcp`);
  const iss = rng.u32();
  // An IPv4 packet has 65535 bytes at most; IPv6 leaves it to the path (ip6_default_advmss).
  const longest = typeof local.addr === 'number' ? 65_535 : Infinity;
  const advertised = Math.min(options.mtu, longest) - headersOf(local.addr);
  const on = (name: string): boolean => sysctl(ns.sysctl, `net.ipv4.${name}`) !== 0;
  const sock: TcpSock = {
    ns,
    local,
    remote,
    flow: options.flow,
    ttl: options.ttl,
    app,
    state,
    iss,
    sndUna: iss,
    sndNxt: iss,
    sndWnd: 0,
    maxWindow: 0,
    smallEnd: iss,
    pushedSeq: iss,
    irs: 0,
    rcvNxt: 0,
    rcvAcked: 0,
    mss: advertised,
    advertised,
    peerMss: 536,
    stamps: on('tcp_timestamps'),
    sack: on('tcp_sack'),
    scale: on('tcp_window_scaling'),
    queue: [],
    flying: [],
    cwnd: INITIAL_CWND,
    savedCwnd: INITIAL_CWND,
    recovery: 'open',
    highSeq: iss,
    probeSeq: null,
    rackSentAt: 0,
    rackEnd: iss,
    rackRtt: 0,
    minRtt: Infinity,
    early: [],
    blocks: [],
    duplicate: null,
    tsOffset: rng.u32(),
    tsRecent: 0,
    rto: JIFFIES_PER_SECOND,
    srtt: 0,
    retries: 0,
    totalTimeouts: 0,
    timer: 'none',
    timerGeneration: 0,
    ackTimer: 0,
    lastOutOfWindowAck: -Infinity,
    row: null,
    softError: null,
    owned: false,
    backlog: [],
    deferredMtu: null,
    txHash: rng.u32(),
    orphan: false,
    requestTimeouts: 0,
  };
  ns.sockets.tcp.add(sock);
  showState(k, sock, state);
  return sock;
}

export function showState(k: Kernel, sock: TcpSock, state: TcpState): void {
  sock.state = state;
  if (state === 'CLOSED') sock.ns.sockets.tcp.remove(sock);
  const after =
    state === 'CLOSED'
      ? null
      : {
          proto: 'tcp',
          state,
          local: endText(sock.local),
          remote: endText(sock.remote),
          process: sock.app.process,
        };
  writeSocket(k, sock.ns, namesOf(sock).row, sock.row, after);
  sock.row = after;
}

export const outSkb = (
  seq: number,
  length: number,
  head: string,
  flags: Partial<Pick<OutSkb, 'syn' | 'fin' | 'psh'>> = {},
): OutSkb => ({
  seq,
  length,
  head,
  syn: false,
  fin: false,
  psh: false,
  sentAt: 0,
  segments: 1,
  sacked: false,
  lost: false,
  retransmitted: false,
  everRetransmitted: false,
  skb: null,
  ...flags,
});

export const endSeq = (s: OutSkb): number =>
  (s.seq + s.length + (s.syn ? 1 : 0) + (s.fin ? 1 : 0)) >>> 0;

/** a before b in sequence space (RFC 1982). */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const after = (a: number, b: number): boolean => before(b, a);

/** Segments between the ends (tcp_packets_in_flight). */
export function inFlight(sock: TcpSock): number {
  let count = 0;
  for (const s of sock.flying) {
    if (!s.sacked && !s.lost) count += s.segments;
    if (s.retransmitted) count += s.segments;
  }
  return count;
}
export const packetsOut = (sock: TcpSock): number =>
  sock.flying.reduce((sum, s) => sum + s.segments, 0);

/** Segment size with the options that every segment carries now (tcp_current_mss), never more than half
 *  of the largest window that the peer offered (tcp_bound_to_half_wnd). */
export function segmentSize(sock: TcpSock): number {
  const { maxWindow } = sock;
  const half = maxWindow > 536 ? maxWindow >> 1 : maxWindow;
  const plain = Math.min(sock.mss, sock.peerMss) - (sock.stamps ? 12 : 0);
  const blocks = Math.min(3, sock.blocks.length + (sock.duplicate === null ? 0 : 1));
  const sack = sock.sack && blocks > 0 ? 4 + 8 * blocks : 0;
  return (half > 0 ? Math.min(plain, Math.max(half, 68 - 20)) : plain) - sack;
}

/** tcp_done_with_error */
export function fail(k: Kernel, sock: TcpSock, errno: string): void {
  forget(k, sock);
  if (!sock.orphan) sock.app.error?.(errno);
}

/** tcp_done: the connection ends here and now. */
export function forget(k: Kernel, sock: TcpSock): void {
  sock.timer = 'none';
  sock.timerGeneration++;
  sock.ackTimer++;
  sock.queue = [];
  sock.flying = [];
  if (sock.state !== 'CLOSED') showState(k, sock, 'CLOSED');
}
