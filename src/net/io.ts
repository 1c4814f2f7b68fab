// What link-layer code may ask of the rest of the kernel. The kernel layer provides it, so that drivers, bridge and
// neighbour code stay below it.
import type { Recorder } from '../trace/recorder.ts';
import type { Layer } from '../wire/types.ts';
import type { BridgeInfo, Dev, Neigh, Skb } from './types.ts';

export interface NetIo {
  readonly rec: Recorder;
  /** dev_queue_xmit: hands the frame to the device's driver. */
  xmit(skb: Skb, dev: Dev): void;
  /** netif_receive_skb: the frame is here, now. */
  receive(skb: Skb, dev: Dev): void;
  /** netif_rx: puts the frame on the CPU's backlog; it is received when the current work is done. */
  backlog(skb: Skb, dev: Dev): void;
  /** A copy, or a piece of it with other layers. */
  clone(skb: Skb, layers?: readonly Layer[]): Skb;
  /** A packet that the kernel itself makes. */
  make(layers: readonly Layer[], because: Skb | null): Skb;
  /** kfree_skb with a reason: the packet ends here. `offDevice`: skb->dev is NULL by then. */
  drop(skb: Skb, dev: Dev, reason: string, at: string, why: string, offDevice?: boolean): void;
  /** Runs `run` after `delay` virtual nanoseconds. */
  after(delay: number, run: () => void): void;
  /** A kernel timer: `delay` counts in ticks and fires on one, never early (kernel/time/timer.c). */
  timer(delay: number, run: () => void): void;
  /** Sends an ARP request or neighbour solicitation for the entry; `skb` is a packet that waits for it. */
  solicit(neigh: Neigh, skb: Skb | null): void;
  /** The entry failed: tells the sender of a packet that waited for it. */
  unreachable(neigh: Neigh, skb: Skb): void;
  /** A vxlan or ipip device wants its packet sent through the IP stack of its namespace. */
  tunnelXmit(skb: Skb, dev: Dev): void;
  /** Bridge hooks, where br_netfilter sits. Each calls `next` for a frame that goes on. */
  readonly bridgeHooks: {
    preRouting(skb: Skb, port: Dev, bridge: Dev, next: (skb: Skb) => void): void;
    localIn(skb: Skb, next: (skb: Skb) => void): void;
    forward(skb: Skb, from: Dev, to: Dev, bridge: Dev, next: (skb: Skb) => void): void;
    postRouting(skb: Skb, to: Dev, bridge: Dev, next: (skb: Skb) => void): void;
    /** br_dev_xmit_hook: a bridged DNAT frame that took the way through the neighbour code comes back. */
    devXmit(skb: Skb, info: BridgeInfo): boolean;
  };
}
