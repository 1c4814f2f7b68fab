// lo: what is sent is received (drivers/net/loopback.c). The packet keeps its route and its conntrack entry.
import type { DeviceDriver } from './driver.ts';

export const loopback: DeviceDriver = {
  peer: (dev) => dev,
  segments: true,
  transmit(io, skb, dev) {
    skb.packetType = 'host';
    io.backlog(skb, dev);
  },
};
