// Sockets of a namespace, found as the kernel finds them: connections by their four ends, listeners by port, and the rows that
// `ss` shows.
import { remember } from '../../base/remember.ts';
import { Buckets, hashEnd } from '../../conntrack/tuple-hash.ts';
import type { Row } from '../../trace/types.ts';
import { isZero, printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Skb } from '../../net/types.ts';
import type { Kernel, Netns } from '../types.ts';
import type { TcpSock } from './tcp-types.ts';

export interface End {
  readonly addr: IpAddr;
  readonly port: number;
}

export interface TcpListener {
  readonly local: End;
  readonly process: string;
  /** A connection is established: the application takes it. */
  accept(sock: TcpSock): void;
}

export interface UdpSock {
  readonly id: string;
  readonly process: string;
  readonly local: End;
  /** null: not connected, takes datagrams from anyone. */
  readonly remote: End | null;
  readonly flow: string | null;
  /** IP_MTU_DISCOVER: 0 never sets DF. */
  readonly pmtudisc: number;
  readonly ttl: number | null;
  /** sk_txhash of a connected socket. */
  readonly hash: number;
  receive(skb: Skb, from: End, payload: Layer<'payload'>['header']): void;
  error(errno: string): void;
}

export interface RawSock {
  readonly process: string;
  readonly protocol: number;
  receive(skb: Skb, layers: readonly Layer[]): void;
}

export interface Sockets {
  readonly tcp: Connections;
  readonly listeners: TcpListener[];
  readonly udp: UdpSock[];
  readonly raw: RawSock[];
  next: number;
}

export const createSockets = (): Sockets => ({
  tcp: new Connections(),
  listeners: [],
  udp: [],
  raw: [],
  next: 1,
});

export const endText = (end: End): string =>
  typeof end.addr === 'bigint'
    ? `[${printAddr(end.addr)}]:${end.port}`
    : `${printAddr(end.addr)}:${end.port}`;

/** Connections by their four ends (inet_ehash). */
class Connections {
  readonly #sockets = new Buckets<TcpSock>();

  find(local: End, remote: End): TcpSock | undefined {
    return this.#sockets.get(hashEnds(local, remote)).find(between(local, remote));
  }
  add(sock: TcpSock): void {
    this.#sockets.add(hashEnds(sock.local, sock.remote), sock);
  }
  remove({ local, remote }: TcpSock): void {
    this.#sockets.delete(hashEnds(local, remote), between(local, remote));
  }
}

const hashEnds = (local: End, remote: End): number =>
  hashEnd(hashEnd(0, local.addr, local.port), remote.addr, remote.port);
const sameEnd = (a: End, b: End): boolean => a.port === b.port && a.addr === b.addr;
const between =
  (local: End, remote: End) =>
  (sock: TcpSock): boolean =>
    sameEnd(sock.local, local) && sameEnd(sock.remote, remote);

/** A connection in words: as its row's key, and as what it sends and receives is told. */
export const namesOf = remember(({ local, remote }: TcpSock) => {
  const [here, there] = [endText(local), endText(remote)];
  return { row: `tcp ${here} ${there}`, sends: `${here} → ${there}`, gets: `${here} ← ${there}` };
});

const takes = (local: End, to: End): boolean =>
  local.port === to.port &&
  typeof local.addr === typeof to.addr &&
  (isZero(local.addr) || local.addr === to.addr);

/** A bound address beats the wildcard (compute_score). */
const score = (local: End): number => (isZero(local.addr) ? 1 : 2);

export function findListener(sockets: Sockets, to: End): TcpListener | null {
  const found = sockets.listeners.filter((l) => takes(l.local, to));
  found.sort((a, b) => score(b.local) - score(a.local));
  return found[0] ?? null;
}

export function findUdp(sockets: Sockets, to: End, from: End): UdpSock | null {
  const rank = (s: UdpSock): number => {
    if (!takes(s.local, to)) return -1;
    if (s.remote === null) return score(s.local);
    return s.remote.addr === from.addr && s.remote.port === from.port ? score(s.local) + 4 : -1;
  };
  let best: UdpSock | null = null;
  for (const sock of sockets.udp) if (rank(sock) > (best === null ? 0 : rank(best))) best = sock;
  return best;
}

export const isPortFree = (ns: Netns, protocol: 'tcp' | 'udp', local: End): boolean =>
  protocol === 'tcp'
    ? !ns.sockets.listeners.some((l) => l.local.port === local.port && takes(l.local, local))
    : !ns.sockets.udp.some((s) => s.local.port === local.port && takes(s.local, local));

/** Writes a socket's row: what `ss -tuna` shows of it. */
export function writeSocket(
  k: Kernel,
  ns: Netns,
  key: string,
  before: Row | null,
  after: Row | null,
): void {
  k.rec.write({ netns: ns.name, table: 'socket', key, before, after });
}
