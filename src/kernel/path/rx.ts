// A frame arrives (__netif_receive_skb_core): bridge ports and macvlan take it first, then the protocol of its EtherType.
import { handleFrame } from '../../net/bridge/bridge.ts';
import { macvlanReceive } from '../../net/devices/macvlan.ts';
import { ethernet } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from '../../wire/types.ts';
import { nsOf } from '../types.ts';
import type { Kernel } from '../types.ts';
import { arpReceive } from './arp.ts';
import { ip6Receive } from './ip6-rcv.ts';
import { ipReceive } from './ip-rcv.ts';

export function receiveFrame(k: Kernel, skb: Skb, dev: Dev): void {
  skb.dev = dev;
  if (!k.rec.silent) k.rec.event('dev.rx', skb, dev.site, { packetType: skb.packetType });
  if (!dev.up) return k.drop(skb, dev, 'DEV_READY', '__netif_receive_skb', `${dev.name} is down`);
  const { appliance } = nsOf(dev);
  if (appliance !== null) return appliance.receive({ io: k, skb, port: dev });
  if (dev.master !== null && dev.master.bridge !== null) return handleFrame(k, skb, dev);
  if (dev.uppers.length > 0 && macvlanReceive(k, skb, dev)) return;
  const type = ethernet(skb)?.etherType ?? (skb.layers[0]?.kind === 'ipv6' ? ETH_P_IPV6 : ETH_P_IP);
  if (type === ETH_P_ARP) return arpReceive(k, skb, dev);
  if (type === ETH_P_IP) return ipReceive(k, skb, dev);
  if (type === ETH_P_IPV6) return ip6Receive(k, skb, dev);
  k.drop(skb, dev, 'UNHANDLED_PROTO', '__netif_receive_skb_core', 'nobody handles this EtherType');
}
