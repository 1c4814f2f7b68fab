// What a kind of appliance is to the machine room: it has ports, takes frames that arrive at them, and can show its table.
import type { Rng } from '../base/rng.ts';
import type { ApplianceKind, ApplianceSpecs } from '../network/appliances.ts';
import type { DeviceSpec } from '../network/types.ts';
import type { NetIo } from '../net/io.ts';
import type { Dev, Skb } from '../net/types.ts';
import type { Row } from '../trace/types.ts';

/** What an appliance may ask of the machine room besides what a device may. */
export interface ApplianceIo extends NetIo {
  rng(stream: string): Rng;
  /** Cuts an IPv4 packet for an MTU; the packet itself ends. */
  fragment(skb: Skb, mtu: number): readonly Skb[];
}

/** A packet at a port of an appliance. */
export interface Arrival {
  readonly io: ApplianceIo;
  readonly skb: Skb;
  readonly port: Dev;
}

/** One that runs. What it remembers is its own. */
export interface Appliance {
  /** It sends the frame on (frames.ts), or refuses it with a reason of its own (`vpc:...`). */
  receive(at: Arrival): void;
  /** Its table before the first event. */
  rows(): readonly ApplianceRow[];
}
export interface ApplianceRow {
  readonly key: string;
  readonly row: Row;
}

/** Tells of a mistake in the document, and of a way out. */
export type Complain = (reason: string, fix: string) => void;

export interface ApplianceDriver<K extends ApplianceKind> {
  /** Its ports as devices: the other ends of cables. */
  ports(spec: ApplianceSpecs[K]): readonly DeviceSpec[];
  start(spec: ApplianceSpecs[K], complain: Complain): Appliance;
}
