// IP in IP (RFC 2003; net/ipv4/ipip.c): the packet without an Ethernet header, behind another IPv4 header. The remote end is
// the device's own, or the next hop of the route where the device has none (tunl0).
import { printAddr } from '../../wire/addr/ip.ts';
import { fromL3 } from '../skb.ts';
import type { DeviceDriver } from './driver.ts';

export const ipip: DeviceDriver = {
  peer: () => null,
  l3: true,
  transmit(io, skb, dev) {
    const remote = dev.ipip?.remote ?? skb.dst?.via ?? null;
    if (remote === null)
      return io.drop(skb, dev, 'NO_TX_TARGET', 'ip_tunnel_xmit', 'no remote end for this packet');
    skb.layers = fromL3(skb.layers);
    skb.tunnel = { kind: 'ipip', remote };
    if (!io.rec.silent)
      io.rec.event('fdb.lookup', skb, dev.site, {
        mac: '',
        dst: printAddr(remote),
        origin: null,
      });
    io.tunnelXmit(skb, dev);
  },
};
