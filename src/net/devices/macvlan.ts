// macvlan in bridge mode (drivers/net/macvlan.c): several MAC addresses on one lower device. Siblings reach each other
// directly; the lower device itself is not one of them, so a pod and its own host cannot talk.
import { isMulticastMac } from '../../wire/addr/mac.ts';
import { ethernet } from '../skb.ts';
import type { Dev, Skb } from '../types.ts';
import type { NetIo } from '../io.ts';
import type { DeviceDriver } from './driver.ts';
import { packetTypeAt } from './veth.ts';
import { scrub } from '../skb.ts';

const siblings = (lower: Dev): readonly Dev[] => lower.uppers.filter((d) => d.up);

function deliver(io: NetIo, skb: Skb, to: Dev): void {
  scrub(skb, true);
  skb.packetType = packetTypeAt(to, skb);
  io.backlog(skb, to);
}

/** macvlan_queue_xmit */
export const macvlan: DeviceDriver = {
  peer: (dev) => dev.macvlan!.lower,
  segments: true,
  transmit(io, skb, dev) {
    const { lower, mode } = dev.macvlan!;
    const dst = ethernet(skb)!.dst;
    if (mode === 'bridge') {
      if (isMulticastMac(dst)) {
        for (const to of siblings(lower)) if (to !== dev) deliver(io, io.clone(skb), to);
      } else {
        // A sibling's frame is shown to the lower device first, as if it had come from the wire (dev_forward_skb).
        const to = siblings(lower).find((d) => d.mac === dst);
        if (to !== undefined) return deliver(io, skb, lower);
      }
    }
    scrub(skb, dev.ns !== lower.ns);
    io.xmit(skb, lower);
  },
};

/** macvlan_handle_frame: the lower device received a frame. True if it was taken. */
export function macvlanReceive(io: NetIo, skb: Skb, lower: Dev): boolean {
  const dst = ethernet(skb)!.dst;
  if (isMulticastMac(dst)) {
    // What one of them sent and the wire gave back, its siblings saw on the way out (macvlan_multicast_rx).
    const own = siblings(lower).some((d) => d.mac === ethernet(skb)!.src);
    if (!own) for (const to of siblings(lower)) deliver(io, io.clone(skb), to);
    return false;
  }
  const to = siblings(lower).find((d) => d.mac === dst);
  if (to === undefined) return false;
  scrub(skb, to.ns !== lower.ns);
  skb.packetType = 'host';
  io.receive(skb, to);
  return true;
}
