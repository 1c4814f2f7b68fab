// Asking for a neighbour, and giving up on one (ndo of arp_tbl and nd_tbl: solicit, error_report).
import type { Neigh, Skb } from '../../net/types.ts';
import type { Kernel } from '../types.ts';
import { arpSolicit } from './arp.ts';
import { sendError } from './icmp-send.ts';
import { ndSolicit } from './nd.ts';

export function solicit(k: Kernel, neigh: Neigh, skb: Skb | null): void {
  if (typeof neigh.ip === 'number') arpSolicit(k, neigh, skb);
  else ndSolicit(k, neigh, skb);
}

/** neigh_invalidate: whoever waited is told `host unreachable`, and the packet is freed. */
export function unreachable(k: Kernel, neigh: Neigh, skb: Skb, why: string): void {
  if (typeof neigh.ip === 'number') sendError(k, skb, 3, 1, 0, why);
  else sendError(k, skb, 1, 3, 0, why);
  k.drop(skb, neigh.dev, 'NEIGH_FAILED', 'neigh_invalidate', why);
}
