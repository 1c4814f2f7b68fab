// How long an entry lives without traffic, in seconds (nf_conntrack_proto_*.c; sysctl net.netfilter.nf_conntrack_*_timeout*).
import type { TcpCtState } from './types.ts';

export const TCP_TIMEOUT: Readonly<Record<TcpCtState, number>> = {
  NONE: 120,
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 432_000,
  FIN_WAIT: 120,
  CLOSE_WAIT: 60,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
};
/** Of data that nobody acknowledged, and of retransmissions. */
export const TCP_TIMEOUT_UNACK = 300;
export const UDP_TIMEOUT = 30;
export const UDP_TIMEOUT_STREAM = 120;
export const ICMP_TIMEOUT = 30;
export const GENERIC_TIMEOUT = 600;
