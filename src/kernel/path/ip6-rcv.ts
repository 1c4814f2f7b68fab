// IPv6 receive and forwarding (net/ipv6/ip6_input.c, ip6_output.c): PREROUTING, the routing decision, delivery or FORWARD.
import { byteLength } from '../../wire/length.ts';
import { l3Index, withHeader } from '../../net/skb.ts';
import { confDev, sysctl } from '../../net/sysctl.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { isLoopback, isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  isLinkLocal6,
  solicitedNode,
} from '../../wire/addr/ipv6.ts';
import type { IpAddr, Ipv6 } from '../../wire/addr/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { runHook } from './hooks.ts';
import { sendError6 } from './icmp6-send.ts';
import { output } from './ip-output.ts';
import { localDeliver } from './local-deliver.ts';
import { sendRedirect6 } from './redirect6.ts';
import { inputRoute } from './route.ts';

const MIN_MTU = 1280;

const ipOf = (skb: Skb): Layer<'ipv6'> => skb.layers[l3Index(skb.layers)] as Layer<'ipv6'>;

/** Does the namespace speak IPv6 on this device? */
export const ipv6On = (dev: Dev): boolean => {
  const s = dev.ns.sysctl;
  const all = Number(s.get('net.ipv6.conf.all.disable_ipv6') ?? 0);
  const own =
    s.get(`net.ipv6.conf.${dev.name}.disable_ipv6`) ?? s.get('net.ipv6.conf.default.disable_ipv6');
  return all === 0 && Number(own ?? 0) === 0;
};

export function ip6Receive(k: Kernel, skb: Skb, dev: Dev): void {
  if (skb.packetType === 'otherhost') {
    const why = `the frame is for another MAC address than ${dev.name}’s`;
    return k.drop(skb, dev, 'OTHERHOST', 'ip6_rcv_core', why);
  }
  if (!ipv6On(dev)) {
    const why = `IPv6 is disabled on ${dev.name}`;
    if (skb.packetType === 'multicast') unwanted(k, skb, why);
    return k.drop(skb, dev, 'IPV6DISABLED', 'ip6_rcv_core', why);
  }
  if (ipOf(skb)?.kind !== 'ipv6')
    return k.drop(skb, dev, 'IP_INHDR', 'ip6_rcv_core', 'not an IPv6 header');
  // The control block starts empty: what a bridge put together is one datagram from here on.
  skb.fragMaxSize = 0;
  // br_netfilter may have routed it already; for IPv6 it then counts as having come in by its way out.
  const iif = skb.dst?.dev ?? dev;
  if (skb.bridge?.sabotage === true) return finish(k, skb, dev, iif);
  runHook(k, skb, 'ipv6', 'PREROUTING', { in: dev, out: null }, (packet) =>
    finish(k, packet, dev, iif),
  );
}

/** A copy that a switch flooded to everyone: nothing is lost where nobody waits for it. */
const unwanted = (k: Kernel, skb: Skb, why: string): void =>
  k.rec.fate(skb.id, { kind: 'ignored', why });

function finish(k: Kernel, skb: Skb, dev: Dev, iif: Dev): void {
  const { src, dst } = ipOf(skb).header;
  if (isMulticast(dst)) {
    if (!joined(dev, dst)) {
      const why = `${dev.name} did not join ${printAddr(dst)}`;
      unwanted(k, skb, why);
      return k.drop(skb, dev, 'NOT_SPECIFIED', 'ip6_mc_input', why);
    }
    return localDeliver(k, skb, dev);
  }
  if (skb.dst === null) {
    const route = inputRoute(k, dev, src, dst, skb.mark, skb);
    if (route.kind === 'drop') return k.drop(skb, dev, route.reason, 'ip6_rcv_finish', route.why);
    skb.dst = route;
  }
  if (skb.dst.kind === 'error') {
    const why = `no route to ${printAddr(dst)}`;
    sendError6(k, skb, 1, skb.dst.error === 'EACCES' ? 1 : 0, 0, why);
    return k.drop(skb, dev, 'IP_INNOROUTES', 'ip6_pkt_drop', why);
  }
  if (skb.dst.kind === 'local' || (skb.dst.kind === 'output' && skb.dst.dev.type === 'loopback'))
    return localDeliver(k, skb, dev);
  forward(k, skb, dev, iif);
}

/** The groups that the kernel joins by itself (RFC 4291 section 2.8). */
function joined(dev: Dev, group: Ipv6): boolean {
  if (group === IPV6_ALL_NODES) return true;
  if (group === IPV6_ALL_ROUTERS)
    return sysctl(dev.ns.sysctl, 'net.ipv6.conf.all.forwarding') !== 0;
  const solicits = (addr: IpAddr): boolean =>
    typeof addr === 'bigint' && solicitedNode(addr) === group;
  // A proxy listens for those it answers for, too (pndisc_constructor).
  return dev.addresses.some((a) => solicits(a.prefix.addr)) || [...dev.proxyNeigh].some(solicits);
}

/** Since 6.17 a device may forward by itself (force_forwarding); who writes it for `all` writes it for each. */
const forwards = ({ ns, name }: Dev): boolean =>
  sysctl(ns.sysctl, 'net.ipv6.conf.all.forwarding') !== 0 ||
  confDev(ns.sysctl, name, 'force_forwarding', 'ipv6') !== 0;

/** ip6_forward */
function forward(k: Kernel, skb: Skb, dev: Dev, iif: Dev): void {
  const ip = ipOf(skb).header;
  const out = skb.dst!.dev;
  if (!forwards(dev))
    return k.drop(skb, dev, 'IP_INADDRERRORS', 'ip6_forward', 'net.ipv6.conf.all.forwarding is 0');
  if (skb.packetType !== 'host')
    return k.drop(skb, dev, 'NOT_SPECIFIED', 'ip6_forward', 'a multicast is not forwarded');
  if (ip.hopLimit <= 1) {
    sendError6(k, skb, 3, 0, 0, `the hop limit is ${ip.hopLimit} and would become 0`);
    return k.drop(skb, dev, 'IP_INHDR', 'ip6_forward', 'hop limit exceeded in transit');
  }
  if (iif === out) sendRedirect6(k, skb, dev);
  else if (isLoopback(ip.src) || isMulticast(ip.src) || isZero(ip.src))
    return k.drop(skb, dev, 'IP_INADDRERRORS', 'ip6_forward', 'no source to forward for');
  else if (isLinkLocal6(ip.src)) {
    sendError6(k, skb, 1, 2, 0, `${printAddr(ip.src)} is good on its own link only`);
    return k.drop(skb, dev, 'IP_INADDRERRORS', 'ip6_forward', 'a link-local source');
  }
  const mtu = Math.max(skb.dst!.mtu, MIN_MTU);
  const length = byteLength(skb.layers, l3Index(skb.layers));
  if (length > mtu && (skb.fragMaxSize > mtu || !skb.ignoreDf)) {
    sendError6(k, skb, 2, 0, mtu, `${length} bytes, MTU ${mtu}`);
    return k.drop(skb, out, 'PKT_TOO_BIG', 'ip6_forward', `packet too big: MTU ${mtu}`);
  }
  skb.layers = withHeader(skb.layers, l3Index(skb.layers), {
    ...ip,
    hopLimit: ip.hopLimit - 1,
  });
  if (!k.rec.silent) k.rec.event('ip.forward', skb, dev.site, { ttl: ip.hopLimit - 1 });
  runHook(k, skb, 'ipv6', 'FORWARD', { in: dev, out }, (packet) => output(k, packet));
}
