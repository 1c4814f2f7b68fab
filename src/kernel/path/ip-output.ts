// IPv4 output (net/ipv4/ip_output.c): OUTPUT for what is made here, POSTROUTING for all, fragments where the MTU asks for
// them, then the neighbour.
import { byteLength } from '../../wire/length.ts';
import { neighOutput } from '../../net/neigh/output.ts';
import { fromL3, ipLayer } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';
import { fragment } from './fragment.ts';
import { runHook } from './hooks.ts';
import { sendError } from './icmp-send.ts';

/** ip_local_out: the packet has its route (skb.dst). */
export function localOut(k: Kernel, skb: Skb): void {
  const family = ipLayer(skb.layers)!.kind;
  runHook(k, skb, family, 'OUTPUT', { in: null, out: skb.dst!.dev }, (packet) => output(k, packet));
}

/** ip_output: POSTROUTING, then ip_finish_output. */
export function output(k: Kernel, skb: Skb): void {
  const family = ipLayer(skb.layers)!.kind;
  // A forwarded packet still names the device that it came in by.
  const from = skb.dev;
  skb.dev = skb.dst!.dev;
  runHook(k, skb, family, 'POSTROUTING', { in: from, out: skb.dst!.dev }, (packet) =>
    finish(k, packet),
  );
}

function finish(k: Kernel, skb: Skb): void {
  const { dev, mtu } = skb.dst!;
  const length = byteLength(fromL3(skb.layers));
  if (length <= mtu && skb.fragMaxSize === 0) return toNeighbour(k, skb);
  if (length <= mtu && skb.fragMaxSize >= length) return toNeighbour(k, skb);
  const ip = ipLayer(skb.layers)!;
  const df = ip.kind === 'ipv4' ? ip.header.df : true;
  const limit = skb.fragMaxSize === 0 ? mtu : Math.min(mtu, skb.fragMaxSize);
  if (df && !skb.ignoreDf && (skb.fragMaxSize === 0 || skb.fragMaxSize > mtu)) {
    if (ip.kind === 'ipv4')
      sendError(k, skb, 3, 4, mtu, `${length} bytes, MTU ${mtu} and DF is set`);
    else sendError(k, skb, 2, 0, mtu, `${length} bytes, MTU ${mtu}`);
    return k.drop(skb, dev, 'PKT_TOO_BIG', 'ip_fragment', `fragmentation needed: MTU ${mtu}`);
  }
  for (const piece of fragment(k, skb, limit)) toNeighbour(k, piece);
}

/** ip_finish_output2 */
function toNeighbour(k: Kernel, skb: Skb): void {
  const { dev, via } = skb.dst!;
  neighOutput(k, skb, dev, via ?? (ipLayer(skb.layers)!.header.dst as IpAddr));
}
