// A TCP connection of a socket (struct tcp_sock). Mutable, private to a run.
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

/** A piece of the write queue, maybe several segments long (a GSO packet), and what is known of it (struct tcp_skb_cb). */
export interface OutSkb {
  seq: number;
  length: number;
  head: string;
  readonly syn: boolean;
  fin: boolean;
  psh: boolean;
  /** When it was sent last, 0 if never. */
  sentAt: number;
  /** Segments that it counts as (tcp_skb_pcount). */
  segments: number;
  /** The receiver has it, out of order (RFC 2018). */
  sacked: boolean;
  /** Believed lost, and not sent again yet. */
  lost: boolean;
  /** Sent again since it was believed lost. */
  retransmitted: boolean;
  everRetransmitted: boolean;
  /** Its last packet: while that still waits in this host, it is not sent again. */
  skb: Skb | null;
}

/** Where loss recovery stands (tcp_ca_state). */
export type Recovery = 'open' | 'disorder' | 'recovery' | 'loss';
export type TimerKind = 'none' | 'rto' | 'probe' | 'reorder';

export interface EarlyData {
  readonly seq: number;
  readonly length: number;
  readonly head: string;
  readonly fin: boolean;
}
export interface Block {
  left: number;
  right: number;
}

export interface TcpSock {
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
  /** Window that the peer announced, in bytes; the largest one so far. */
  sndWnd: number;
  maxWindow: number;
  /** End of the last segment that was smaller than an MSS (Nagle, RFC 896). */
  smallEnd: number;
  pushedSeq: number;
  irs: number;
  rcvNxt: number;
  /** What the last acknowledgement said (rcv_wup). */
  rcvAcked: number;
  /** Largest segment that may be sent, without options. */
  mss: number;
  readonly advertised: number;
  peerMss: number;
  /** What both ends offered in their SYN (RFC 7323, RFC 2018). */
  stamps: boolean;
  sack: boolean;
  scale: boolean;
  /** Not sent yet, and sent but not acknowledged. */
  queue: OutSkb[];
  flying: OutSkb[];
  /** Congestion window in segments. */
  cwnd: number;
  savedCwnd: number;
  recovery: Recovery;
  /** sndNxt when recovery began. */
  highSeq: number;
  /** sndNxt when a tail loss probe was sent, or null. */
  probeSeq: number | null;
  /** Time at which what was delivered last had been sent (RFC 8985). */
  rackSentAt: number;
  rackEnd: number;
  rackRtt: number;
  minRtt: number;
  /** Data that came out of order, the blocks to tell of it, newest first, and a duplicate to tell of. */
  early: EarlyData[];
  blocks: Block[];
  duplicate: Block | null;
  readonly tsOffset: number;
  tsRecent: number;
  /** Retransmission timeout in jiffies, smoothed round trip in ns (0: never measured). */
  rto: number;
  srtt: number;
  retries: number;
  totalTimeouts: number;
  timer: TimerKind;
  timerGeneration: number;
  ackTimer: number;
  lastOutOfWindowAck: number;
  row: Row | null;
  softError: string | null;
  /** A process holds the socket: what arrives waits until it lets go (sock_owned_by_user). */
  owned: boolean;
  readonly backlog: (readonly Layer[])[];
  /** A smaller path MTU that was learned meanwhile. */
  deferredMtu: number | null;
  /** Hash of the flow (sk_txhash): tunnels take their source port from it. */
  txHash: number;
  /** The application closed the socket; nobody hears of it any more. */
  orphan: boolean;
  /** SYN-RECV: timeouts of the SYN-ACK so far. */
  requestTimeouts: number;
}
