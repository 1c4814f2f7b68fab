// br_netfilter (net/bridge/br_netfilter_hooks.c): a bridge shows its frames to IP netfilter, as if they were routed. A DNAT to
// a host on the same bridge then rewrites a frame that is never routed at all.
import { finish } from '../../net/bridge/bridge.ts';
import type { NetIo } from '../../net/io.ts';
import { lookupEvent, sendResolved } from '../../net/neigh/output.ts';
import { CONNECTED, createNeigh, findNeigh } from '../../net/neigh/table.ts';
import { ethernet, ipLayer, l3Index, withHeader } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { BridgeInfo, Dev, Skb } from '../../net/types.ts';
import type { Mac } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';
import { byteLength } from '../../wire/length.ts';
import { fragment } from './fragment.ts';
import { runHook } from './hooks.ts';
import { sendError } from './icmp-send.ts';
import { inputRoute } from './route.ts';

const CALLS = {
  ipv4: 'net.bridge.bridge-nf-call-iptables',
  ipv6: 'net.bridge.bridge-nf-call-ip6tables',
} as const;

/** The IP family that a frame is shown as, or null if it is not shown. */
function shownAs(skb: Skb, bridge: Dev): 'ipv4' | 'ipv6' | null {
  const ip = ipLayer(skb.layers);
  if (ip === null) return null;
  return sysctl(bridge.ns.sysctl, CALLS[ip.kind]) === 0 ? null : ip.kind;
}

/** While a hook runs, a frame for another host counts as ours (pkt_otherhost). */
function asHost(skb: Skb): () => void {
  if (skb.packetType !== 'otherhost') return () => undefined;
  skb.packetType = 'host';
  return () => {
    skb.packetType = 'otherhost';
  };
}

const setDst = (skb: Skb, dst: Mac): void => {
  skb.layers = withHeader(skb.layers, 0, { ...ethernet(skb)!, dst });
};

export function bridgeHooks(kernel: () => Kernel): NetIo['bridgeHooks'] {
  return {
    preRouting(skb, port, bridge, next) {
      const kind = shownAs(skb, bridge);
      if (kind === null) return next(skb);
      const ip = ipLayer(skb.layers)!;
      skb.bridge = {
        physin: port,
        physout: null,
        sabotage: true,
        savedSource: null,
        daddr: ip.header.dst,
        otherhost: skb.packetType === 'otherhost',
        fakeRoute: false,
      };
      if (skb.bridge.otherhost) skb.packetType = 'host';
      runHook(kernel(), skb, kind, 'PREROUTING', { in: bridge, out: null }, (packet) =>
        afterPreRouting(kernel(), packet, port, bridge, next),
      );
    },
    localIn: (skb, next) => next(skb),
    forward(skb, _from, to, bridge, next) {
      const kind = skb.bridge === null ? null : shownAs(skb, bridge);
      if (skb.bridge === null || kind === null) return next(skb);
      const restore = asHost(skb);
      skb.bridge.physout = to;
      runHook(kernel(), skb, kind, 'FORWARD', { in: bridge, out: bridge }, (packet) => {
        restore();
        next(packet);
      });
    },
    postRouting(skb, to, bridge, next) {
      const kind = skb.bridge?.physout == null ? null : shownAs(skb, bridge);
      if (kind === null) return next(skb);
      const restore = asHost(skb);
      void to;
      runHook(kernel(), skb, kind, 'POSTROUTING', { in: null, out: bridge }, (packet) => {
        restore();
        packet.bridge = null;
        for (const piece of cutToFit(kernel(), packet, to, bridge)) next(piece);
      });
    },
    devXmit(skb, info) {
      if (info.savedSource === null) return false;
      skb.layers = withHeader(skb.layers, 0, { ...ethernet(skb)!, src: info.savedSource });
      info.savedSource = null;
      info.physout = null;
      skb.dev = info.physin;
      finish(kernel(), skb, info.physin);
      return true;
    },
  };
}

/** br_nf_dev_queue_xmit: what conntrack put together, and anything else without DF, is cut for the port. What may not be cut
 *  ends here; an IPv6 sender is told, an IPv4 one is not. */
function cutToFit(k: Kernel, skb: Skb, to: Dev, bridge: Dev): readonly Skb[] {
  const ip = ipLayer(skb.layers);
  const size = skb.gso > 0 ? 0 : byteLength(skb.layers, l3Index(skb.layers));
  if (ip === null || size <= to.mtu) return [skb];
  const reassembled = skb.fragMaxSize > 0;
  const whole = ip.kind === 'ipv6' || ip.header.df;
  if ((whole && !reassembled && !skb.ignoreDf) || skb.fragMaxSize > bridge.mtu) {
    skb.dev = to;
    const why = `${size} bytes, and the MTU of ${bridge.name} is ${bridge.mtu}`;
    if (ip.kind === 'ipv6') sendError(k, skb, 2, 0, bridge.mtu, why);
    k.drop(skb, to, 'NOT_SPECIFIED', 'br_nf_dev_queue_xmit', why);
    return [];
  }
  return fragment(k, skb, bridge.mtu);
}

/** br_nf_pre_routing_finish: was the destination rewritten, and where is it now? */
function afterPreRouting(
  k: Kernel,
  skb: Skb,
  port: Dev,
  bridge: Dev,
  next: (skb: Skb) => void,
): void {
  const info = skb.bridge!;
  if (info.otherhost) skb.packetType = 'otherhost';
  info.otherhost = false;
  const ip = ipLayer(skb.layers)!;
  if (ip.header.dst === info.daddr) {
    skb.dev = port;
    return next(skb);
  }
  const route = inputRoute(k, bridge, ip.header.src, ip.header.dst, skb.mark, skb);
  if (route.kind === 'drop')
    return k.drop(skb, bridge, route.reason, 'br_nf_pre_routing_finish', route.why);
  skb.dst = route;
  if (route.kind === 'forward' && route.dev === bridge) {
    skb.dev = port;
    return bridgedDnat(k, skb, port, bridge, info);
  }
  setDst(skb, bridge.mac);
  skb.packetType = 'host';
  skb.dev = port;
  k.rec.event('bridge.dnat', skb, bridge.site, { outcome: 'routed' });
  next(skb);
}

/** br_nf_pre_routing_finish_bridge: the new destination is on this very bridge, so the frame is bridged, not routed. */
function bridgedDnat(k: Kernel, skb: Skb, port: Dev, bridge: Dev, info: BridgeInfo): void {
  const hop = skb.dst!.via ?? ipLayer(skb.layers)!.header.dst;
  const neigh = findNeigh(bridge, hop) ?? createNeigh(bridge.ns, bridge, hop, k.rec.now);
  const fast = CONNECTED.has(neigh.state) && neigh.header;
  k.rec.event('bridge.dnat', skb, bridge.site, {
    outcome: fast ? 'bridged' : 'slow',
  });
  lookupEvent(k, neigh, skb);
  if (fast) {
    setDst(skb, neigh.mac!);
    return finish(k, skb, port);
  }
  // The neighbour code writes the bridge's own MAC as source; br_dev_xmit puts the client's back.
  info.savedSource = ethernet(skb)!.src;
  sendResolved(k, neigh, skb);
}
