// IPv4 output (net/ipv4/ip_output.c): OUTPUT for what is made here, POSTROUTING for all, fragments where the MTU asks for
// them, then the neighbour.
import { neighOutput } from '../../net/neigh/output.ts';
import { ipLayer } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';
import { fragment } from './fragment.ts';
import { networkLength } from './gso.ts';
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
  const length = networkLength(skb);
  if (length <= mtu && skb.fragMaxSize === 0) return toNeighbour(k, skb);
  if (length <= mtu && skb.fragMaxSize >= length) return toNeighbour(k, skb);
  const ip = ipLayer(skb.layers)!;
  const df = ip.kind === 'ipv4' ? ip.header.df : true;
  if (df && (!skb.ignoreDf || skb.fragMaxSize > mtu)) {
    if (ip.kind === 'ipv4')
      sendError(k, skb, 3, 4, mtu, `${length} bytes, MTU ${mtu} and DF is set`);
    else sendError(k, skb, 2, 0, mtu, `${length} bytes, MTU ${mtu}`);
    return k.drop(skb, dev, 'PKT_TOO_BIG', 'ip_fragment', `fragmentation needed: MTU ${mtu}`);
  }
  const pieces = fragment(k, skb, mtu);
  for (const [i, piece] of pieces.entries()) {
    toNeighbour(k, piece);
    if (piece.refused) return giveUp(k, pieces.slice(i + 1), skb.ignoreDf);
  }
}

/** The device refused a piece, so the others are not even tried: freed one by one where they were separate packets before. */
function giveUp(k: Kernel, rest: readonly Skb[], separate: boolean): void {
  const why = 'an earlier piece was refused by the device';
  rest.forEach((piece, i) => {
    if (separate || i === 0) k.drop(piece, piece.dst!.dev, 'NOT_SPECIFIED', 'ip_do_fragment', why);
    else k.rec.fate(piece.id, { kind: 'ignored', why });
  });
}

/** ip_finish_output2 */
function toNeighbour(k: Kernel, skb: Skb): void {
  const { dev, via } = skb.dst!;
  neighOutput(k, skb, dev, via ?? (ipLayer(skb.layers)!.header.dst as IpAddr));
}
