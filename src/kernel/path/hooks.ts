// The five netfilter hooks. What runs at a hook, and in which order, is data (include/uapi/linux/netfilter_ipv4.h priorities):
//
//   -400 defrag   -300 raw   -200 conntrack   -150 mangle   -100 nat (dst)   0 filter   100 nat (src)   MAX confirm
//
import type { Dev, Skb } from '../../net/types.ts';
import type { Family, HookName } from '../../trace/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { confirm, conntrackIn } from './conntrack.ts';
import { defragment, isFragment } from './fragment.ts';
import { natHook } from './nat.ts';
import { PacketView } from './packet-view.ts';
import { rerouteAfterMangle } from './reroute.ts';
import { runTable } from './table-walk.ts';

export interface HookDevs {
  readonly in: Dev | null;
  readonly out: Dev | null;
}
/** `stolen`: somebody else has the packet now. */
export type HookVerdict = 'accept' | 'drop' | 'stolen';
type Stage = 'defrag' | 'raw' | 'conntrack' | 'mangle' | 'nat' | 'filter' | 'security' | 'confirm';

export const STAGES: Readonly<Record<HookName, readonly Stage[]>> = {
  PREROUTING: ['defrag', 'raw', 'conntrack', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat', 'confirm'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['defrag', 'raw', 'conntrack', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat', 'confirm'],
};

/** NF_HOOK: runs what is registered, then `ok` with the packet (another one, if fragments were put together). */
export function runHook(
  k: Kernel,
  skb: Skb,
  kind: 'ipv4' | 'ipv6',
  hook: HookName,
  devs: HookDevs,
  ok: (skb: Skb) => void,
): void {
  const dev = (devs.in ?? devs.out)!;
  const ns = nsOf(dev);
  const family: Family = kind;
  // Nobody registered here, as in most pods.
  if (ns.nf[family] === null && !ns.ctOn[family]) return ok(skb);
  let packet = skb;
  let view: PacketView | null = null;
  for (const stage of STAGES[hook]) {
    if (stage === 'defrag') {
      if (!ns.ctOn[family] || !isFragment(packet)) continue;
      const whole = defragment(k, packet, ns, dev, `conntrack ${hook} ${devs.in?.index ?? 0}`);
      if (whole === null) return;
      packet = whole;
      continue;
    }
    view ??= new PacketView(k, ns, packet, family, hook, devs);
    const verdict = runStage(view, stage);
    if (verdict === 'accept') continue;
    // Who sends from here is told at once: the call chain is one (nf_hook_slow gives EPERM).
    if (packet.hops === 0) packet.sendError ??= 'EPERM';
    if (verdict === 'drop' && !k.rec.hasFate(packet.id))
      k.drop(packet, dev, 'NETFILTER_DROP', 'nf_hook_slow', `netfilter ${hook}`);
    return;
  }
  ok(packet);
}

function runStage(view: PacketView, stage: Exclude<Stage, 'defrag'>): HookVerdict {
  const { kernel: k, ns, skb, family, hook, devs } = view;
  switch (stage) {
    case 'conntrack':
      return ns.ctOn[family] ? conntrackIn(k, ns, skb, hook, devs) : 'accept';
    case 'confirm':
      return ns.ctOn[family] ? confirm(k, ns, skb, devs) : 'accept';
    case 'nat':
      return natHook(view);
    case 'mangle':
      if (hook !== 'OUTPUT') return runTable(view, 'mangle');
      return rerouteAfterMangle(k, ns, skb, () => runTable(view, 'mangle'));
    case 'raw':
    case 'filter':
    case 'security':
      return runTable(view, stage);
  }
}
