// One simulated machine room: network namespaces on one CPU. Mutable, and private to a run.
import type { Peer } from './path/inet-peer.ts';
import type { EventQueue } from '../base/queue.ts';
import type { Rng } from '../base/rng.ts';
import type { Appliance } from '../appliance/types.ts';
import type { CtTable } from '../conntrack/table.ts';
import type { CompiledRuleset } from '../netfilter/index.ts';
import type { Sets } from '../netfilter/ipset.ts';
import type { NetIo } from '../net/io.ts';
import type { Dev, NetnsBase, Skb } from '../net/types.ts';
import type { Budgets, Family } from '../trace/types.ts';
import type { IpAddr } from '../wire/addr/types.ts';
import type { Layer } from '../wire/types.ts';
import type { Sockets } from './sock/table.ts';
import type { Wheel } from './sock/tcp-wheel.ts';

export interface Netns extends NetnsBase {
  /** Not a Linux box: it takes the frames that arrive at its devices itself. */
  readonly appliance: Appliance | null;
  readonly ct: CtTable;
  /** Conntrack runs only where some rule needs it (nf_ct_netns_get), per family. */
  readonly ctOn: Record<Family, boolean>;
  readonly nf: Record<Family, CompiledRuleset | null>;
  readonly sets: Sets;
  readonly sockets: Sockets;
  /** Fragments that wait for the rest, by datagram. */
  readonly fragments: Map<string, Skb[]>;
  readonly peers: Map<IpAddr, Peer>;
  ipId: number;
}

export interface Kernel extends NetIo {
  readonly budgets: Budgets;
  readonly queue: EventQueue<() => void>;
  readonly netns: ReadonlyMap<string, Netns>;
  readonly ruleBudget: { left: number };
  rng(stream: string): Rng;
  /** The step of the input that runs now; packets that sockets make belong to it. */
  flow: string | null;
  /** A packet from a socket. */
  born(layers: readonly Layer[], socket: string | null, flow: string | null): Skb;
  /** A process (not a softirq) runs: what it sends is received before it goes on. */
  process(run: () => void): void;
  consumed(skb: Skb, by: string): void;
  fragment(skb: Skb, mtu: number): readonly Skb[];
  /** Several packets leave as one piece of work (a GSO packet): nothing is received in between. */
  batch(run: () => void): void;
  /** Timers that fire on a tick. */
  readonly wheel: Wheel;
  /** The last TCP segment that each device (`netns dev`) sent. */
  readonly lastTcp: Map<Dev, readonly Layer[]>;
}

export const nsOf = (dev: Dev): Netns => dev.ns as Netns;
