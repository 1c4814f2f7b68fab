// NAT at its hooks (nf_nat_inet_fn, nf_nat_packet, net/netfilter/nf_nat_core.c; the IPv4 wrappers in nf_nat_proto.c). The nat
// table is walked for the first packet of a connection only; every packet is rewritten as its entry says.
import {
  manipulate,
  manipulateError,
  natDone,
  needsManip,
  nullRange,
  targetTuple,
} from '../../conntrack/nat.ts';
import type { Manip } from '../../conntrack/nat.ts';
import { tupleOf } from '../../conntrack/tuple.ts';
import type { CtBinding } from '../../conntrack/types.ts';
import { fromL3, l3Index } from '../../net/skb.ts';
import type { IpLayer } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { HookName } from '../../trace/types.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import type { Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import type { HookDevs, HookVerdict } from './hooks.ts';
import type { PacketView } from './packet-view.ts';
import { setupRange } from './nat-setup.ts';
import { rerouteAfterDnat } from './reroute.ts';
import { hasTable, runTable } from './table-walk.ts';

/** Destinations are rewritten where packets come in, sources where they leave. */
const MANIP: Partial<Record<HookName, Manip>> = {
  PREROUTING: 'dst',
  OUTPUT: 'dst',
  INPUT: 'src',
  POSTROUTING: 'src',
};

export function natHook(view: PacketView): HookVerdict {
  const { kernel: k, ns, skb, family, hook, devs } = view;
  const binding = skb.ct;
  const manip = MANIP[hook];
  if (binding === null || manip === undefined || !hasTable(ns, family, 'nat')) return 'accept';
  const l4 = skb.layers[l3Index(skb.layers) + 1];
  const error = (l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') && 'quoted' in l4.header.body;
  if (binding.state === 'RELATED' && error) {
    const { entry } = binding;
    const redirect = l4.header.type === (l4.kind === 'icmpv4' ? 5 : 137);
    const unfinished = !entry.srcNatDone || !entry.dstNatDone;
    if (redirect && (unfinished || entry.srcNat || entry.dstNat)) {
      // The two ends would talk past our translation (nf_nat_icmp_reply_translation, nf_nat_icmpv6_reply_translation).
      const why = 'a redirect for a connection with NAT';
      k.drop(skb, (devs.in ?? devs.out)!, 'NETFILTER_DROP', 'nf_hook_slow', why);
      return 'drop';
    }
    if (needsManip(binding.entry, manip, binding.direction))
      rewrite(k, skb, binding, manip, devs, (layers) =>
        manipulateError(layers, manip, binding.entry, binding.direction),
      );
    return 'accept';
  }
  const { entry } = binding;
  if (binding.state !== 'ESTABLISHED' && !natDone(entry, manip)) {
    const verdict = runTable(view, 'nat');
    if (verdict !== 'accept') return verdict;
    if (!natDone(entry, manip)) {
      const range = nullRange(entry, manip);
      const later: (() => void)[] = [];
      if (setupRange(k, ns, skb, range, devs, later) === 'drop') return 'drop';
      for (const tell of later) tell();
    }
  } else if (hook === 'POSTROUTING' && entry.masqIndex !== 0 && devs.out !== null) {
    // The way out changed since MASQUERADE chose the address (nf_nat_oif_changed).
    if (binding.direction === 'original' && entry.masqIndex !== devs.out.index) return 'drop';
  }
  const oldDst = ipOf(skb).dst;
  if (needsManip(entry, manip, binding.direction)) {
    const target = targetTuple(entry, binding.direction);
    rewrite(k, skb, binding, manip, devs, (layers) => manipulate(layers, manip, target));
  }
  if (hook === 'PREROUTING' && ipOf(skb).dst !== oldDst) skb.dst = null;
  if (hook === 'OUTPUT' && ipOf(skb).dst !== oldDst) return rerouteAfterDnat(k, ns, skb);
  return 'accept';
}

const ipOf = (skb: Skb): (Layer<'ipv4'> | Layer<'ipv6'>)['header'] =>
  (skb.layers[l3Index(skb.layers)] as Layer<'ipv4'> | Layer<'ipv6'>).header;

function endText(layers: readonly Layer[], manip: Manip): string {
  const ip = (layers[0] as Layer<'ipv4'> | Layer<'ipv6'>).header;
  const l4 = layers[1];
  const addr = printAddr(manip === 'src' ? ip.src : ip.dst);
  if (l4?.kind === 'tcp' || l4?.kind === 'udp')
    return `${addr}:${manip === 'src' ? l4.header.sport : l4.header.dport}`;
  if ((l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') && l4.header.body.kind === 'echo')
    return manip === 'src' ? `${addr} id ${l4.header.body.id}` : addr;
  return addr;
}

const quotes = (layers: readonly Layer[]): boolean => {
  const l4 = layers[1];
  return (l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') && l4.header.body.kind === 'error';
};

/** Addresses, and ports or the id of a ping: all that NAT rewrites. */
function sameEnds(a: readonly Layer[], b: readonly Layer[]): boolean {
  const from = (a[0] as IpLayer).header;
  const to = (b[0] as IpLayer).header;
  if (from.src !== to.src || from.dst !== to.dst) return false;
  const old = tupleOf(a);
  const now = tupleOf(b);
  return old === null || now === null || (old.sport === now.sport && old.dport === now.dport);
}

function rewrite(
  k: Kernel,
  skb: Skb,
  binding: CtBinding,
  manip: Manip,
  devs: HookDevs,
  change: (layers: readonly Layer[]) => readonly Layer[],
): void {
  const before = fromL3(skb.layers);
  const after = change(before);
  // A packet that came back by lo was rewritten on its way out.
  if (sameEnds(before, after) && !quotes(before)) return;
  skb.layers = l3Index(skb.layers) === 0 ? after : [skb.layers[0]!, ...after];
  if (k.rec.silent) return;
  k.rec.event('nat.rewrite', skb, (devs.in ?? devs.out)!.site, {
    manip,
    entry: binding.entry.id,
    direction: binding.direction,
    from: endText(before, manip),
    to: endText(after, manip),
    undo: binding.direction === 'reply',
  });
}
