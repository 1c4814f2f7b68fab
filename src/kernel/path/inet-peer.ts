// What a namespace remembers of those it talks to (inet_getpeer, net/ipv4/inetpeer.c). ICMP errors and redirects draw on the same
// memory: after a redirect, an error to the same peer waits.
import type { NetnsBase } from '../../net/types.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Kernel, Netns } from '../types.ts';

export interface Peer {
  /** Of the bucket for ICMP errors, in ms. */
  tokens: number;
  /** When an error was asked for or a redirect sent, in ms. */
  last: number;
  /** Redirects that it did not listen to. */
  redirects: number;
}

/** Who was never heard of counts as quiet for a minute. */
const QUIET_MS = 60_000;

export const nowMs = (k: Kernel): number => k.rec.now / 1e6;

export function peerOf(k: Kernel, ns: NetnsBase, addr: IpAddr): Peer {
  const { peers } = ns as Netns;
  let peer = peers.get(addr);
  if (peer === undefined)
    peers.set(addr, (peer = { tokens: 0, last: nowMs(k) - QUIET_MS, redirects: 0 }));
  return peer;
}
