// What Felix knows of its node, and what it writes: the iptables dataplane, one family at a time.
import type { IpFamily } from '../families.ts';
import type { IptTable } from '../iptables/types.ts';
import type { FelixChain } from './chain.ts';

export interface FelixConfig {
  readonly family: IpFamily;
  /** UDP port of the VXLAN tunnel, or null: VXLAN is off for this family. */
  readonly vxlanPort: number | null;
  /** VXLAN from pods is dropped on this port whether or not the nodes use VXLAN. */
  readonly workloadVxlanPort: number;
  readonly ipip: boolean;
  /** Tunnel devices that have an address of this family. */
  readonly tunnels: readonly string[];
  /** Some pool of this family has natOutgoing. */
  readonly natOutgoing: boolean;
  /** DefaultEndpointToHostAction: what becomes of packets of a pod to its own node that policy allows. */
  readonly endpointToHost: 'ACCEPT' | 'DROP' | 'RETURN';
}

export interface FelixTable {
  readonly table: IptTable;
  readonly chains: readonly FelixChain[];
  /** Rules that are put on top of chains of the kernel, and after their end. */
  readonly top: readonly FelixChain[];
  readonly end: readonly FelixChain[];
}

/** A set of the kernel with its members. */
export interface FelixSet {
  readonly name: string;
  readonly type: 'hash:net' | 'hash:ip' | 'hash:ip,port';
  readonly entries: readonly string[];
  /** What it is for: a selector, a port name, the pools. */
  readonly object: string;
}
