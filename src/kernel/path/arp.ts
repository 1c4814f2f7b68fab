// ARP (RFC 826; net/ipv4/arp.c): who answers for an address, what is learned from a request or reply, and how a request is sent.
import { selectSource4 } from '../../net/fib/source.ts';
import { tableLookup } from '../../net/fib/lookup.ts';
import { contains, network } from '../../wire/addr/prefix.ts';
import { isLoopback, isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import { MAC_BROADCAST, MAC_ZERO, printMac } from '../../wire/addr/mac.ts';
import type { Ipv4, Mac } from '../../wire/addr/types.ts';
import { SECOND } from '../../base/queue.ts';
import { neighUpdate, takeQueue } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { confDev, confMax, confOr, neighConf } from '../../net/sysctl.ts';
import type { Dev, Neigh, Skb } from '../../net/types.ts';
import { ETH_P_ARP } from '../../wire/types.ts';
import type { Headers } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { addrType, inputRoute, ownsAddress } from './route.ts';

type Arp = Headers['arp'];

export function arpReceive(k: Kernel, skb: Skb, dev: Dev): void {
  if (skb.packetType === 'otherhost') {
    k.rec.fate(skb.id, { kind: 'ignored', why: 'the frame is for another host' });
    return;
  }
  const layer = skb.layers.find((l) => l.kind === 'arp');
  if (layer?.kind !== 'arp')
    return k.drop(skb, dev, 'PKT_TOO_SMALL', 'arp_rcv', 'not an ARP packet');
  process(k, skb, dev, layer.header);
}

function process(k: Kernel, skb: Skb, dev: Dev, arp: Arp): void {
  const s = dev.ns.sysctl;
  const op = arp.op === 1 ? 'request' : 'reply';
  const say = (decision: 'answered' | 'learned' | 'ignored', why: string): void => {
    k.rec.event('arp.receive', skb, dev.site, { op, decision, why });
    if (decision === 'ignored') k.rec.fate(skb.id, { kind: 'ignored', why });
    else k.consumed(skb, decision === 'answered' ? 'ARP: answered' : 'ARP: learned');
  };
  if (isMulticast(arp.tpa) || (isLoopback(arp.tpa) && !confOr(s, dev.name, 'route_localnet')))
    return say('ignored', 'not an address that ARP may ask for');
  if (arp.op === 1) {
    const route = isZero(arp.spa) ? null : inputRoute(k, dev, arp.spa, arp.tpa, 0, null);
    if (isZero(arp.spa)) {
      if (addrType(dev.ns, arp.tpa, null) === 'local' && !arpIgnore(dev, arp.spa, arp.tpa))
        reply(k, skb, dev, arp);
      return say('answered', 'duplicate address detection');
    }
    if (route?.kind === 'local' && addrType(dev.ns, arp.tpa, null) === 'local') {
      if (arpIgnore(dev, arp.spa, arp.tpa))
        return say('ignored', 'arp_ignore: the address is not on this device');
      if (confOr(s, dev.name, 'arp_filter') && !returnsBy(k, dev, arp))
        return say('ignored', 'arp_filter: the way back is another device');
      heard(k, dev, arp);
      say('answered', `${printAddr(arp.tpa)} is an address of ${dev.ns.name}`);
      return reply(k, skb, dev, arp);
    }
    const forwards = confDev(s, dev.name, 'forwarding') !== 0;
    if (forwards && route?.kind === 'forward') {
      const proxied = dev.proxyNeigh.has(arp.tpa);
      const proxy = confOr(s, dev.name, 'proxy_arp') && route.dev !== dev;
      if (proxy || (proxied && route.dev !== dev)) {
        heard(k, dev, arp);
        say('answered', `proxy_arp: the way to ${printAddr(arp.tpa)} is ${route.dev.name}`);
        const delay =
          skb.packetType === 'host' ? 0 : neighConf(s, dev.name, 'proxy_delay') * 10_000_000;
        if (delay === 0) return reply(k, skb, dev, arp);
        return k.after(k.rng('proxy_delay').u32() % delay, () => reply(k, skb, dev, arp));
      }
    }
  }
  // Learn only what is known already: a request for somebody else creates nothing.
  const known = findNeigh(dev, arp.spa) ?? accepted(k, dev, arp);
  if (known === undefined) return say('ignored', `${printAddr(arp.tpa)} is not ours`);
  const gratuitous = arp.op === 1 && arp.spa === arp.tpa;
  const override = k.rec.now > known.updated + SECOND || gratuitous;
  const state = arp.op === 2 && skb.packetType === 'host' ? 'REACHABLE' : 'STALE';
  const before = known.mac;
  k.consumed(skb, 'ARP: learned');
  const sender = printMac(arp.sha);
  const kept = before !== null && before !== arp.sha && !override;
  // The event comes first: packets that waited are sent by the update.
  const write = (): void =>
    neighUpdate(k, known, { mac: arp.sha, state, override }, (n, w) => sendResolved(k, n, w));
  learnThenSend(k, known, write, () =>
    say(
      kept ? 'ignored' : 'learned',
      kept
        ? 'a second answer within a second: the first one holds (locktime)'
        : `${printAddr(arp.spa)} is at ${sender}`,
    ),
  );
}

/** Runs an update and tells of it before the packets that waited for it go out. */
function learnThenSend(k: Kernel, neigh: Neigh, update: () => void, tell: () => void): void {
  const waiting = takeQueue(neigh);
  update();
  tell();
  const usable = neigh.mac !== null && neigh.state !== 'INCOMPLETE' && neigh.state !== 'FAILED';
  if (usable) for (const skb of waiting) sendResolved(k, neigh, skb);
  else neigh.queue.push(...waiting);
}

/** neigh_event_ns: the sender of a request that concerns us is learned at once. */
function heard(k: Kernel, dev: Dev, arp: Arp): void {
  const neigh = findNeigh(dev, arp.spa) ?? createNeigh(dev.ns, dev, arp.spa, k.rec.now);
  neighUpdate(k, neigh, { mac: arp.sha, state: 'STALE', override: true }, (n, w) =>
    sendResolved(k, n, w),
  );
}

/** arp_accept: gratuitous ARP may create an entry. */
function accepted(k: Kernel, dev: Dev, arp: Arp): Neigh | undefined {
  const accept = confMax(dev.ns.sysctl, dev.name, 'arp_accept');
  if (accept === 0 || arp.spa !== arp.tpa) return undefined;
  return createNeigh(dev.ns, dev, arp.spa, k.rec.now);
}

function arpIgnore(dev: Dev, sip: Ipv4, tip: Ipv4): boolean {
  const mode = confMax(dev.ns.sysctl, dev.name, 'arp_ignore');
  const own = dev.addresses.find((a) => a.prefix.addr === tip);
  if (mode === 1) return own === undefined;
  if (mode === 2) return own === undefined || !contains(network(own.prefix), sip);
  if (mode === 3) return own?.scope === 'link' || own?.scope === 'host';
  return mode === 8;
}

function returnsBy(k: Kernel, dev: Dev, arp: Arp): boolean {
  const key = { dst: arp.spa, src: arp.tpa, mark: 0, iif: 'lo', oif: null };
  const route = tableLookup(dev.ns.fib4, 'main', key);
  return k !== null && route?.dev === dev;
}

function reply(k: Kernel, because: Skb, dev: Dev, arp: Arp): void {
  send(k, because, dev, arp.sha, `${printAddr(arp.tpa)} is-at ${printMac(dev.mac)}`, {
    op: 2,
    sha: dev.mac,
    spa: arp.tpa,
    tha: arp.sha,
    tpa: arp.spa,
  });
}

function send(k: Kernel, because: Skb | null, dev: Dev, to: Mac, what: string, header: Arp): void {
  const skb = k.make(
    [
      {
        kind: 'ethernet',
        id: k.rec.layerId(),
        header: { dst: to, src: dev.mac, etherType: ETH_P_ARP },
      },
      { kind: 'arp', id: k.rec.layerId(), header },
    ],
    because,
  );
  if (!k.rec.silent)
    k.rec.event('kernel.send', skb, dev.site, {
      what: `ARP ${header.op === 1 ? 'request' : 'reply'}`,
      because: because?.id ?? null,
      why: what,
    });
  k.xmit(skb, dev);
}

/** arp_solicit: broadcast while nothing is known, unicast to check what is known. */
export function arpSolicit(k: Kernel, neigh: Neigh, skb: Skb | null): void {
  const { dev } = neigh;
  const target = neigh.ip as Ipv4;
  const unicast = neigh.state === 'PROBE' && neigh.mac !== null;
  const spa = senderAddress(k, dev, target, skb);
  if (spa === null) return;
  send(
    k,
    skb,
    dev,
    unicast ? neigh.mac! : MAC_BROADCAST,
    `who-has ${printAddr(target)} tell ${printAddr(spa)}`,
    {
      op: 1,
      sha: dev.mac,
      spa,
      tha: MAC_ZERO,
      tpa: target,
    },
  );
}

/** arp_announce: 0 takes the waiting packet's source if it is local, 2 always the best address of the device. */
function senderAddress(k: Kernel, dev: Dev, target: Ipv4, skb: Skb | null): Ipv4 | null {
  const mode = confMax(dev.ns.sysctl, dev.name, 'arp_announce');
  const ip = skb?.layers.find((l) => l.kind === 'ipv4');
  const source = ip?.kind === 'ipv4' ? ip.header.src : null;
  if (source !== null && mode < 2 && ownsAddress(dev.ns, source)) {
    const onLink = dev.addresses.some(
      (a) =>
        typeof a.prefix.addr === 'number' &&
        contains(network(a.prefix), target) &&
        contains(network(a.prefix), source),
    );
    if (mode === 0 || onLink) return source;
  }
  return k === null ? null : selectSource4(dev.ns, dev, target, 'link');
}
