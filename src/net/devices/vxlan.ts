// VXLAN (RFC 7348; drivers/net/vxlan): an Ethernet frame in UDP to the VTEP that the FDB names for its destination MAC.
import { isMulticastMac, printMac } from '../../wire/addr/mac.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { MAC_ZERO } from '../../wire/addr/mac.ts';
import { ethernet } from '../skb.ts';
import type { DeviceDriver } from './driver.ts';

export const vxlan: DeviceDriver = {
  peer: () => null,
  transmit(io, skb, dev) {
    const state = dev.vxlan!;
    const mac = ethernet(skb)!.dst;
    const targets = state.fdb.get(mac) ?? state.fdb.get(MAC_ZERO);
    const site = dev.site;
    if (!io.rec.silent)
      io.rec.event('fdb.lookup', skb, site, {
        mac: printMac(mac),
        dst: targets?.[0] === undefined ? null : printAddr(targets[0].dst),
        origin: targets?.[0]?.origin ?? null,
      });
    if (targets === undefined || targets.length === 0) {
      const why = isMulticastMac(mac)
        ? 'no flood entry in the FDB'
        : `no FDB entry for ${printMac(mac)}`;
      return io.drop(skb, dev, 'NO_TX_TARGET', 'vxlan_xmit', why);
    }
    targets.forEach((target, i) => {
      const frame = i === targets.length - 1 ? skb : io.clone(skb);
      frame.tunnel = { kind: 'vxlan', remote: target.dst };
      io.tunnelXmit(frame, dev);
    });
  },
};
