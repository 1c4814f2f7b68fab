// IPv4 receive (net/ipv4/ip_input.c): header checks, PREROUTING, the routing decision, then local delivery or forwarding.
import { l3Index } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { runHook } from './hooks.ts';
import { routeErrorAllowed } from './icmp-limit.ts';
import { sendError } from './icmp-send.ts';
import { localDeliver } from './local-deliver.ts';
import { forward } from './ip-forward.ts';
import { inputRoute } from './route.ts';

export function ipReceive(k: Kernel, skb: Skb, dev: Dev): void {
  if (skb.packetType === 'otherhost') {
    const why = `the frame is for another MAC address than ${dev.name}’s`;
    return k.drop(skb, dev, 'OTHERHOST', 'ip_rcv_core', why);
  }
  const ip = skb.layers[l3Index(skb.layers)];
  if (ip?.kind !== 'ipv4') return k.drop(skb, dev, 'IP_INHDR', 'ip_rcv_core', 'not an IPv4 header');
  const devices = { in: dev, out: null };
  // The control block starts empty: what a bridge put together is one datagram from here on.
  skb.fragMaxSize = 0;
  // br_netfilter showed the frame to PREROUTING already (ip_sabotage_in).
  if (skb.bridge?.sabotage === true) return finish(k, skb, dev);
  runHook(k, skb, 'ipv4', 'PREROUTING', devices, (packet) => finish(k, packet, dev));
}

/** ip_rcv_finish: route it, unless the output side or the bridge did. */
function finish(k: Kernel, skb: Skb, dev: Dev): void {
  if (skb.dst === null) {
    const ip = skb.layers[l3Index(skb.layers)] as Layer<'ipv4'>;
    const route = inputRoute(k, dev, ip.header.src, ip.header.dst, skb.mark, skb);
    if (route.kind === 'drop') return k.drop(skb, dev, route.reason, route.at, route.why);
    skb.dst = route;
    skb.redirect = route.redirect;
  }
  const { dst } = skb;
  if (dst.kind === 'error') return ipError(k, skb, dev, dst.error ?? 'ENETUNREACH');
  if (dst.kind === 'local' || (dst.kind === 'output' && dst.dev.type === 'loopback'))
    return localDeliver(k, skb, dev);
  forward(k, skb, dev);
}

/** ip_error: no route for it. Who cannot forward says nothing. */
function ipError(k: Kernel, skb: Skb, dev: Dev, errno: string): void {
  const codes: Readonly<Record<string, number>> = { ENETUNREACH: 0, EHOSTUNREACH: 1, EACCES: 13 };
  const forwards = Number(dev.ns.sysctl.get('net.ipv4.ip_forward') ?? 0) !== 0;
  if (!forwards)
    return k.drop(
      skb,
      dev,
      'IP_INADDRERRORS',
      'ip_error',
      'ip_forward is 0: this host is no router',
    );
  const code = codes[errno] ?? 0;
  const why = {
    ENETUNREACH: 'no route to the destination',
    EHOSTUNREACH: 'the route is `unreachable`',
    EACCES: 'the route is `prohibit`',
  }[errno];
  const { src } = (skb.layers[l3Index(skb.layers)] as Layer<'ipv4'>).header;
  if (routeErrorAllowed(k, dev, src)) sendError(k, skb, 3, code, 0, why ?? errno);
  k.drop(
    skb,
    dev,
    errno === 'ENETUNREACH' ? 'IP_INNOROUTES' : 'NOT_SPECIFIED',
    'ip_error',
    why ?? errno,
  );
}
