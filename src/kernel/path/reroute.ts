// A locally made packet whose destination or mark changed in OUTPUT is routed again (ip_route_me_harder, net/ipv4/netfilter.c).
import { ipLayer } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Kernel, Netns } from '../types.ts';
import type { HookVerdict } from './hooks.ts';
import { outputRoute, ownsAddress } from './route.ts';

function again(k: Kernel, ns: Netns, skb: Skb): HookVerdict {
  const ip = ipLayer(skb.layers)!.header;
  const src: IpAddr = ip.src;
  const route = outputRoute(
    k,
    ns,
    { dst: ip.dst, src: ownsAddress(ns, src) ? src : null, mark: skb.mark, oif: null },
    skb,
  );
  if (!route.ok) {
    const why = `no route after the rewrite: ${route.errno}`;
    skb.sendError = route.errno;
    k.drop(skb, skb.dst!.dev, 'NETFILTER_DROP', 'nf_hook_slow', why);
    return 'drop';
  }
  skb.dst = route.dst;
  return 'accept';
}

export const rerouteAfterDnat = again;

/** mangle OUTPUT: source, destination, mark and TOS are what routing looks at. */
export function rerouteAfterMangle(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  walk: () => HookVerdict,
): HookVerdict {
  const before = ipLayer(skb.layers)!.header;
  const { mark } = skb;
  const verdict = walk();
  if (verdict !== 'accept') return verdict;
  const after = ipLayer(skb.layers)!.header;
  const same = before.src === after.src && before.dst === after.dst && mark === skb.mark;
  return same ? 'accept' : again(k, ns, skb);
}
