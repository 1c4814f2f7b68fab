// Connections as the kernel tracks them (net/netfilter/nf_conntrack_core.c): two tuples an entry, one a direction.
import type { Nanos } from '../base/queue.ts';
import type { CtDirection, CtState } from '../trace/types.ts';
import type { IpAddr } from '../wire/addr/types.ts';

/** One direction of a connection. ICMP: sport is the id, dport is type * 256 + code. */
export interface Tuple {
  readonly src: IpAddr;
  readonly dst: IpAddr;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
}

export type TcpCtState =
  | 'NONE'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'SYN_SENT2';

/** Window tracking of one direction (struct ip_ct_tcp_state). */
export interface TcpWindow {
  end: number;
  maxEnd: number;
  maxWin: number;
  maxAck: number;
  scale: number;
  /** Flags of `IP_CT_TCP_FLAG_*` that matter here. */
  windowScale: boolean;
  sackPerm: boolean;
  closeInit: boolean;
  beLiberal: boolean;
  maxAckSet: boolean;
}
export interface TcpTrack {
  state: TcpCtState;
  readonly seen: readonly [TcpWindow, TcpWindow];
  lastDir: CtDirection;
  lastIndex: number;
  lastSeq: number;
  lastAck: number;
  lastEnd: number;
  lastWin: number;
  retrans: number;
}

/** A connection. Mutable, private to a run; the trace shows rows of it. */
export interface CtEntry {
  readonly id: string;
  readonly zone: number;
  original: Tuple;
  reply: Tuple;
  confirmed: boolean;
  dying: boolean;
  seenReply: boolean;
  assured: boolean;
  srcNat: boolean;
  dstNat: boolean;
  srcNatDone: boolean;
  dstNatDone: boolean;
  tcp: TcpTrack | null;
  mark: number;
  expires: Nanos;
  /** Seconds that the last packet granted. */
  timeout: number;
  /** UDP: traffic both ways after this moment makes it a stream. */
  streamAfter: Nanos;
  /** Of a RELATED connection (an expectation), else null. */
  readonly master: CtEntry | null;
  /** Interface index that MASQUERADE chose an address of, or 0. */
  masqIndex: number;
}

/** How one packet belongs to an entry (skb->_nfct and ctinfo). */
export interface CtBinding {
  readonly entry: CtEntry;
  readonly direction: CtDirection;
  readonly state: CtState;
}
