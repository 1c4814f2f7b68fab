// veth(4): what goes in at one end comes out at the other, usually in another namespace (drivers/net/veth.c). The packet
// forgets what the old namespace knew of it: mark, conntrack, route.
import { byteLength } from '../../wire/length.ts';
import { isBroadcastMac, isMulticastMac } from '../../wire/addr/mac.ts';
import type { PacketType } from '../../trace/types.ts';
import { ethernet, scrub } from '../skb.ts';
import type { Dev, Skb } from '../types.ts';
import type { DeviceDriver } from './driver.ts';

/** eth_type_trans: for whom is the frame, as this device sees it? */
export function packetTypeAt(dev: Dev, skb: Skb): PacketType {
  const dst = ethernet(skb)!.dst;
  if (isBroadcastMac(dst)) return 'broadcast';
  if (isMulticastMac(dst)) return 'multicast';
  return dst === dev.mac ? 'host' : 'otherhost';
}

/** is_skb_forwardable: a frame may exceed the MTU by its Ethernet header and a VLAN tag. */
const HEADROOM = 18;

export const veth: DeviceDriver = {
  peer: (dev) => dev.peer,
  transmit(io, skb, dev) {
    const peer = dev.peer;
    skb.refused = peer === null || !peer.up || byteLength(skb.layers) > peer.mtu + HEADROOM;
    if (peer === null || !peer.up)
      return io.drop(skb, dev, 'DEV_READY', 'veth_xmit', 'the other end is down');
    if (skb.refused)
      return io.drop(
        skb,
        dev,
        'PKT_TOO_BIG',
        '__dev_forward_skb',
        `longer than ${peer.name}’s MTU`,
      );
    scrub(skb, peer.ns !== dev.ns);
    skb.packetType = packetTypeAt(peer, skb);
    io.backlog(skb, peer);
  },
};
