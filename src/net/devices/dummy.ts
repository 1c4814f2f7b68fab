// dummy: a device that swallows what it is given (drivers/net/dummy.c). kube-ipvs0 and node-local DNS use it for addresses.
import type { DeviceDriver } from './driver.ts';

export const dummy: DeviceDriver = {
  peer: () => null,
  transmit(io, skb, dev) {
    io.drop(skb, dev, 'NOT_SPECIFIED', 'dummy_xmit', 'a dummy device goes nowhere');
  },
};
