// Neighbour discovery (RFC 4861; net/ipv6/ndisc.c): what ARP is for IPv4, but in ICMPv6 and through the IP hooks.
import { neighUpdate, takeQueue } from '../../net/neigh/machine.ts';
import { sendResolved } from '../../net/neigh/output.ts';
import { createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { confDev, confOr, neighConf } from '../../net/sysctl.ts';
import { fromL3 } from '../../net/skb.ts';
import type { Dev, Neigh, Skb } from '../../net/types.ts';
import { isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import { IPV6_ALL_NODES, isLinkLocal6, solicitedNode } from '../../wire/addr/ipv6.ts';
import type { Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Icmpv6Body, Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { localOut } from './ip-output.ts';
import { outputRoute } from './route.ts';

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

/** ndisc_recv_ns. `late`: a proxy's answer waits a random time, and then it is this again. */
export function ndSolicitation(
  k: Kernel,
  skb: Skb,
  dev: Dev,
  body: Solicitation,
  late = false,
): void {
  const ip = fromL3(skb.layers)[0] as Layer<'ipv6'>;
  const { target, lladdr } = body;
  const own = owns(dev, target);
  const say = (decision: 'answered' | 'ignored', why: string): void => {
    k.rec.event('arp.receive', skb, dev.site, { op: 'request', decision, why });
    if (decision === 'ignored') k.drop(skb, dev, 'IPV6_NDISC_NS_OTHERHOST', 'icmpv6_rcv', why);
    else k.consumed(skb, 'ND: answered');
  };
  if (!own && !isProxyFor(dev, target))
    return say('ignored', `${printAddr(target)} is not on ${dev.name}`);
  const multicast = isMulticast(ip.header.dst);
  const delay = neighConf(dev.ns.sysctl, dev.name, 'proxy_delay', 'ipv6') * 10_000_000;
  if (!own && multicast && skb.packetType !== 'host' && delay > 0 && !late)
    return k.after(k.rng('proxy_delay').u32() % delay, () =>
      ndSolicitation(k, skb, dev, body, true),
    );
  const src = ip.header.src;
  const asked = isZero(src) ? null : src;
  if (asked !== null) {
    const create = !multicast || lladdr !== null;
    const known = findNeigh(dev, asked);
    const neigh = known ?? (create ? createNeigh(dev.ns, dev, asked, k.rec.now) : undefined);
    if (neigh === undefined)
      return k.consumed(skb, 'ND: it does not say where its sender is, who is unknown');
    const update = { mac: lladdr, state: 'STALE', override: true, weakOverride: true } as const;
    neighUpdate(k, neigh, update, (n, w) => sendResolved(k, n, w));
  }
  const where = own ? `is an address of ${dev.name}` : `is answered for by ${dev.name} (proxy)`;
  say('answered', `${printAddr(target)} ${where}`);
  const from = own ? target : sourceOn(k, dev, src);
  if (from === null) return;
  const answer: Advertisement = {
    kind: 'neighbourAdvertisement',
    target,
    // A proxy speaks for an end (NTF_ROUTER of its entry would say otherwise).
    router: own && confDev(dev.ns.sysctl, dev.name, 'forwarding', 'ipv6') !== 0,
    solicited: asked !== null,
    override: own && (multicast || asked === null),
    lladdr: multicast || asked === null ? dev.mac : null,
  };
  const why = `${printAddr(target)} is ${own ? 'here' : 'reached through here'}`;
  sendDiscovery(k, skb, dev, from, asked ?? IPV6_ALL_NODES, 136, answer, why);
}

/** pndisc_is_router: `ip -6 neigh add proxy`, which only a router heeds. */
function isProxyFor(dev: Dev, target: Ipv6): boolean {
  const s = dev.ns.sysctl;
  return (
    confDev(s, dev.name, 'forwarding', 'ipv6') !== 0 &&
    confOr(s, dev.name, 'proxy_ndp', 'ipv6') &&
    dev.proxyNeigh.has(target)
  );
}

/** ipv6_dev_get_saddr */
function sourceOn(k: Kernel, dev: Dev, towards: Ipv6): Ipv6 | null {
  const want = { dst: towards, src: null, mark: 0, oif: dev.name };
  const route = outputRoute(k, dev.ns, want, null);
  return route.ok && typeof route.src === 'bigint' ? route.src : linkLocalOf(dev);
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
