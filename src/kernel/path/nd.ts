// Neighbour discovery (RFC 4861; net/ipv6/ndisc.c): what ARP is for IPv4, but in ICMPv6 and through the IP hooks.
import { neighUpdate, takeQueue } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { confDev } from '../../net/sysctl.ts';
import { fromL3 } from '../../net/skb.ts';
import type { Dev, Neigh, Skb } from '../../net/types.ts';
import { isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import { isLinkLocal6, solicitedNode } from '../../wire/addr/ipv6.ts';
import type { Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Icmpv6Body, Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { localOut } from './ip-output.ts';

type Solicitation = Extract<Icmpv6Body, { kind: 'neighbourSolicitation' }>;
type Advertisement = Extract<Icmpv6Body, { kind: 'neighbourAdvertisement' }>;

const NAMES: Readonly<Record<number, string>> = {
  135: 'neighbour solicitation',
  136: 'neighbour advertisement',
  137: 'ICMPv6 redirect',
};

const owns = (dev: Dev, addr: Ipv6): boolean => dev.addresses.some((a) => a.prefix.addr === addr);

/** ndisc_solicit: multicast to the solicited-node group while nothing is known, unicast to check what is known. */
export function ndSolicit(k: Kernel, neigh: Neigh, skb: Skb | null): void {
  const { dev } = neigh;
  const target = neigh.ip as Ipv6;
  const waiting = skb?.layers.find((l) => l.kind === 'ipv6');
  const own = waiting?.kind === 'ipv6' && owns(dev, waiting.header.src) ? waiting.header.src : null;
  const src = own ?? linkLocalOf(dev);
  if (src === null) return;
  const unicast = neigh.state === 'PROBE' && neigh.mac !== null;
  const body: Solicitation = { kind: 'neighbourSolicitation', target, lladdr: dev.mac };
  sendDiscovery(
    k,
    skb,
    dev,
    src,
    unicast ? target : solicitedNode(target),
    135,
    body,
    `who has ${printAddr(target)}`,
  );
}

export function linkLocalOf(dev: Dev): Ipv6 | null {
  for (const a of dev.addresses)
    if (typeof a.prefix.addr === 'bigint' && isLinkLocal6(a.prefix.addr as Ipv6))
      return a.prefix.addr as Ipv6;
  return null;
}

export function ndSolicitation(k: Kernel, skb: Skb, dev: Dev, body: Solicitation): void {
  const ip = fromL3(skb.layers)[0] as Layer<'ipv6'>;
  const say = (decision: 'answered' | 'ignored', why: string): void => {
    k.rec.event('arp.receive', skb, dev.site, { op: 'request', decision, why });
    if (decision === 'ignored') k.drop(skb, dev, 'IPV6_NDISC_NS_OTHERHOST', 'icmpv6_rcv', why);
    else k.consumed(skb, 'ND: answered');
  };
  if (!owns(dev, body.target))
    return say('ignored', `${printAddr(body.target)} is not on ${dev.name}`);
  const multicast = isMulticast(ip.header.dst);
  const src = ip.header.src;
  if (!isZero(src)) {
    const create = !multicast || body.lladdr !== null;
    const known = findNeigh(dev, src);
    const neigh = known ?? (create ? createNeigh(dev.ns, dev, src, k.rec.now) : undefined);
    if (neigh !== undefined)
      neighUpdate(
        k,
        neigh,
        { mac: body.lladdr, state: 'STALE', override: true, weakOverride: true },
        (n, w) => sendResolved(k, n, w),
      );
  }
  say('answered', `${printAddr(body.target)} is an address of ${dev.name}`);
  const router = confDev(dev.ns.sysctl, dev.name, 'forwarding', 'ipv6') !== 0;
  const answer: Advertisement = {
    kind: 'neighbourAdvertisement',
    target: body.target,
    router,
    solicited: !isZero(src),
    override: multicast,
    lladdr: multicast ? dev.mac : null,
  };
  sendDiscovery(k, skb, dev, body.target, src, 136, answer, `${printAddr(body.target)} is here`);
}

export function ndAdvertisement(k: Kernel, skb: Skb, dev: Dev, body: Advertisement): void {
  const neigh = findNeigh(dev, body.target);
  const say = (decision: 'learned' | 'ignored', why: string): void => {
    k.rec.event('arp.receive', skb, dev.site, { op: 'reply', decision, why });
    k.consumed(skb, `ND: ${decision}`);
  };
  if (neigh === undefined || neigh.state === 'FAILED') return say('ignored', 'nobody asked for it');
  const waiting = takeQueue(neigh);
  neighUpdate(
    k,
    neigh,
    {
      mac: body.lladdr,
      state: body.solicited ? 'REACHABLE' : 'STALE',
      override: body.override,
      weakOverride: true,
      router: body.router,
    },
    (n, w) => sendResolved(k, n, w),
  );
  say('learned', `${printAddr(body.target)} answered`);
  if (neigh.mac === null) neigh.queue.push(...waiting);
  else for (const packet of waiting) sendResolved(k, neigh, packet);
}

/** ndisc_send_skb: a message of neighbour discovery, from an address of the device. */
export function sendDiscovery(
  k: Kernel,
  because: Skb | null,
  dev: Dev,
  src: Ipv6,
  dst: Ipv6,
  type: number,
  body: Icmpv6Body,
  why: string,
): void {
  const skb = k.make(
    [
      {
        kind: 'ipv6',
        id: k.rec.layerId(),
        header: {
          src,
          dst,
          nextHeader: IPPROTO.icmpv6,
          hopLimit: 255,
          trafficClass: 0,
          flowLabel: 0,
        },
      },
      { kind: 'icmpv6', id: k.rec.layerId(), header: { type, code: 0, body } },
    ],
    because,
  );
  // ndisc_alloc_skb names the device already, so POSTROUTING sees it as the way in, too.
  skb.dev = dev;
  skb.dst = { kind: 'output', dev, via: null, type: 'unicast', mtu: dev.mtu, error: null };
  if (!k.rec.silent)
    k.rec.event('kernel.send', skb, dev.site, {
      what: NAMES[type]!,
      because: because?.id ?? null,
      why,
    });
  localOut(k, skb);
}
