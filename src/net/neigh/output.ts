// The last step of the IP layer: find the next hop's hardware address and write the Ethernet header (ip_finish_output2,
// neigh_output, neigh_resolve_output).
import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/types.ts';
import { isMulticast, multicastMac, printAddr } from '../../wire/addr/ip.ts';
import { MAC_BROADCAST, MAC_ZERO, printMac } from '../../wire/addr/mac.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { driverOf } from '../devices/index.ts';
import type { NetIo } from '../io.ts';
import { ipLayer, writeEthernet } from '../skb.ts';
import type { Dev, Neigh, Skb } from '../types.ts';
import { neighEventSend } from './machine.ts';
import { VALID, createNeigh, findNeigh } from './table.ts';

const etherType = (skb: Skb): number =>
  ipLayer(skb.layers)?.kind === 'ipv6' ? ETH_P_IPV6 : ETH_P_IP;

/** neigh->output of an entry that is known now. */
export function sendResolved(io: NetIo, neigh: Neigh, skb: Skb): void {
  if (!neighEventSend(io, neigh, skb, (n, s) => sendResolved(io, n, s))) return;
  neigh.header = true;
  writeEthernet(io, skb, neigh.mac ?? MAC_ZERO, neigh.dev.mac, etherType(skb));
  io.xmit(skb, neigh.dev);
}

/** Devices that carry no hardware addresses, or need none. */
function fixedAddress(dev: Dev, hop: IpAddr, skb: Skb): number | null {
  if (dev.type === 'loopback') return MAC_ZERO;
  if (isMulticast(hop)) return multicastMac(hop);
  return skb.dst?.type === 'broadcast' ? MAC_BROADCAST : null;
}

export function neighOutput(io: NetIo, skb: Skb, dev: Dev, hop: IpAddr): void {
  // neigh_direct_output: a device without a link header has no hardware address to ask for.
  if (driverOf(dev.type).l3 === true) return io.xmit(skb, dev);
  const fixed = fixedAddress(dev, hop, skb);
  if (fixed !== null) {
    writeEthernet(io, skb, fixed as Neigh['mac'] & number, dev.mac, etherType(skb));
    io.xmit(skb, dev);
    return;
  }
  const neigh = findNeigh(dev, hop) ?? createNeigh(dev.ns, dev, hop, io.rec.now);
  lookupEvent(io, neigh, skb);
  sendResolved(io, neigh, skb);
}

export function lookupEvent(io: NetIo, neigh: Neigh, skb: Skb): void {
  if (io.rec.silent) return;
  const known = VALID.has(neigh.state);
  io.rec.event('neigh.lookup', skb, neigh.dev.site, {
    ip: printAddr(neigh.ip),
    dev: neigh.dev.name,
    state: neigh.state,
    mac: known && neigh.mac !== null ? printMac(neigh.mac) : null,
    outcome: known ? 'found' : 'queued',
    origin: neigh.origin,
  });
}
