// What a kind of device does with a frame that the stack hands to it (ndo_start_xmit).
import type { NetIo } from '../io.ts';
import type { Dev, Skb } from '../types.ts';

export interface DeviceDriver {
  /** The other end of the cable, where the frame will be seen next; null where there is none. */
  peer(dev: Dev): Dev | null;
  /** The device carries no Ethernet header (ipip). */
  readonly l3?: boolean;
  /** It takes packets of many TCP segments as they are (NETIF_F_GSO_SOFTWARE on the device). */
  readonly segments?: boolean;
  transmit(io: NetIo, skb: Skb, dev: Dev): void;
}
