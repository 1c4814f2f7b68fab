// What all appliances do with frames: read the packet in it, answer ARP, send on, say no.
import { ethernet, ipLayer, writeEthernet } from '../net/skb.ts';
import type { Skb } from '../net/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { printMac } from '../wire/addr/mac.ts';
import type { Ipv4, Mac } from '../wire/addr/types.ts';
import { ETH_P_ARP, ETH_P_IP } from '../wire/types.ts';
import type { Layer } from '../wire/types.ts';
import type { Arrival } from './types.ts';

export const ipv4Of = (skb: Skb): Layer<'ipv4'> | null => {
  const layer = ipLayer(skb.layers);
  return layer?.kind === 'ipv4' ? layer : null;
};

export const isArp = (skb: Skb): boolean => ethernet(skb)?.etherType === ETH_P_ARP;

/** Who has an address, as the appliance answers; null: nobody, and the question stays without an answer. */
export type ArpAnswer = (
  tpa: Ipv4,
  asker: Mac,
) => { readonly mac: Mac; readonly why: string } | null;

/** Requests are answered from the table of the appliance; it never asks, and learns nothing from answers (RFC 826). */
export function answerArp({ io, skb, port }: Arrival, answer: ArpAnswer): void {
  const arp = skb.layers.find((layer) => layer.kind === 'arp');
  if (arp?.kind !== 'arp')
    return io.drop(skb, port, 'PKT_TOO_SMALL', 'arp_rcv', 'not an ARP packet');
  const { op, sha, spa, tpa } = arp.header;
  const word = op === 1 ? 'request' : 'reply';
  const found = op === 1 && spa !== tpa ? answer(tpa, sha) : null;
  if (found === null) {
    const why =
      op !== 1 || spa === tpa
        ? `${port.ns.name} knows its addresses and learns none`
        : `no address of ${port.ns.name}: ${printAddr(tpa)}`;
    io.rec.event('arp.receive', skb, port.site, { op: word, decision: 'ignored', why });
    return io.rec.fate(skb.id, { kind: 'ignored', why });
  }
  io.rec.event('arp.receive', skb, port.site, {
    op: word,
    decision: 'answered',
    why: found.why,
  });
  io.rec.fate(skb.id, { kind: 'consumed', by: 'ARP: answered' });
  const reply = io.make(
    [
      {
        kind: 'ethernet',
        id: io.rec.layerId(),
        header: { dst: sha, src: found.mac, etherType: ETH_P_ARP },
      },
      {
        kind: 'arp',
        id: io.rec.layerId(),
        header: { op: 2, sha: found.mac, spa: tpa, tha: sha, tpa: spa },
      },
    ],
    skb,
  );
  if (!io.rec.silent)
    io.rec.event('kernel.send', reply, port.site, {
      what: 'ARP reply',
      because: skb.id,
      why: `${printAddr(tpa)} is-at ${printMac(found.mac)}`,
    });
  io.xmit(reply, port);
}

/** Out of a port of the same appliance. Default: from this end of its cable to the other one. */
export function sendOut(
  at: Arrival,
  name: string,
  macs?: { readonly dst: Mac; readonly src: Mac },
): void {
  const { io, skb, port } = at;
  const out = port.ns.byName.get(name);
  if (out?.peer == null) return refuse(at, 'vpc:NO_ROUTE', `nothing is attached at ${name}`);
  writeEthernet(io, skb, macs?.dst ?? out.peer.mac, macs?.src ?? out.mac, ETH_P_IP);
  io.xmit(skb, out);
}

/** The packet ends in the appliance: a reason in our words (`vpc:NO_ROUTE`), told at the port where it came in. */
export const refuse = ({ io, skb, port }: Arrival, reason: string, why: string): void =>
  io.drop(skb, port, reason, port.ns.spec.kind, why);
