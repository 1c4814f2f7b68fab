// A TCP connection of a socket. Mutable, private to a run.
import type { Skb } from '../../net/types.ts';
import type { Row } from '../../trace/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Netns } from '../types.ts';
import type { End } from './table.ts';

export type TcpState =
  | 'SYN-SENT'
  | 'SYN-RECV'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSING'
  | 'TIME-WAIT'
  | 'CLOSE-WAIT'
  | 'LAST-ACK'
  | 'CLOSED';

/** What an application hears of its connection. */
export interface TcpApp {
  readonly process: string;
  connected?(): void;
  /** In-order bytes arrived; `text` is what they say (fill bytes left out). */
  data?(bytes: number, text: string): void;
  /** The peer closed its side. */
  end?(): void;
  error?(errno: string): void;
}

/** A stretch of the byte stream that was sent or waits to be. */
export interface OutSegment {
  readonly seq: number;
  readonly length: number;
  readonly head: string;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly psh: boolean;
  sent: boolean;
  /** The receiver has it, out of order (RFC 2018). */
  sacked: boolean;
  /** When it was sent last. */
  sentAt: number;
  /** Its last packet: while that still waits in this host, it is not sent again. */
  skb: Skb | null;
}

export interface TcpSock {
  readonly key: string;
  readonly ns: Netns;
  readonly local: End;
  readonly remote: End;
  readonly flow: string | null;
  readonly ttl: number | null;
  app: TcpApp;
  state: TcpState;
  readonly iss: number;
  sndUna: number;
  sndNxt: number;
  rcvNxt: number;
  /** Largest segment that may be sent, without options. */
  mss: number;
  readonly advertised: number;
  peerMss: number;
  out: OutSegment[];
  /** Congestion window in segments. */
  cwnd: number;
  /** Segments that came out of order. */
  early: {
    readonly seq: number;
    readonly length: number;
    readonly head: string;
    readonly fin: boolean;
  }[];
  readonly tsOffset: number;
  tsRecent: number;
  rto: number;
  srtt: number;
  retries: number;
  /** Generation of the running retransmission timer, 0 while none runs. */
  timer: number;
  generation: number;
  delayedAck: number;
  row: Row | null;
  softError: string | null;
  /** A process holds the socket: what arrives waits until it lets go (sock_owned_by_user). */
  owned: boolean;
  readonly backlog: (readonly Layer[])[];
  /** A smaller path MTU that was learned meanwhile. */
  deferredMtu: number | null;
  /** Hash of the flow (sk_txhash): tunnels take their source port from it. */
  txHash: number;
  minRtt: number;
  rackTimer: number;
  /** The application closed the socket; nobody hears of it any more. */
  orphan: boolean;
}
