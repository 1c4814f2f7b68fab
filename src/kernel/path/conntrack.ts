// Conntrack at its hooks: look up or make the entry on the way in, confirm it on the way out (nf_conntrack_in, nf_confirm).
import { SECOND } from '../../base/queue.ts';
import {
  ctRow,
  entryOf,
  findEntry,
  insertEntry,
  insertReply,
  removeEntry,
} from '../../conntrack/table.ts';
import { trackPacket } from '../../conntrack/track.ts';
import { invertTuple, sameTuple } from '../../conntrack/tuple.ts';
import type { CtEntry } from '../../conntrack/types.ts';
import { fromL3 } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Skb } from '../../net/types.ts';
import type { CtState, HookName, Row, Site } from '../../trace/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Kernel, Netns } from '../types.ts';
import type { HookDevs, HookVerdict } from './hooks.ts';

/** Rows as last written, so that each write starts where the last one ended. */
const rows = new WeakMap<CtEntry, Row>();

function writeRow(k: Kernel, ns: Netns, entry: CtEntry): void {
  if (k.rec.silent) return;
  const before = rows.get(entry) ?? null;
  const visible = entry.confirmed && !entry.dying;
  const after = visible ? ctRow(entry) : null;
  if (before === null && after === null) return;
  if (after === null) rows.delete(entry);
  else rows.set(entry, after);
  k.rec.write({ netns: ns.name, table: 'conntrack', key: entry.id, before, after });
}

/** Entries whose time is over leave the table (the garbage collection of nf_conntrack_core.c). */
export function sweep(k: Kernel, ns: Netns): void {
  const over: CtEntry[] = [];
  for (const entry of ns.ct.entries) if (entry.expires <= k.rec.now) over.push(entry);
  if (over.length === 0) return;
  for (const entry of over) {
    removeEntry(ns.ct, entry);
    writeRow(k, ns, entry);
  }
  const text = `${over.length} ${over.length === 1 ? 'entry' : 'entries'} of conntrack expired`;
  k.rec.event('timer', null, ns.site, { timer: 'conntrack', text });
}

/** Runs `change` on an entry and records its new row. */
export function changedEntry(k: Kernel, ns: Netns, entry: CtEntry, change: () => void): void {
  change();
  writeRow(k, ns, entry);
}

export function conntrackIn(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  hook: HookName,
  devs: HookDevs,
): HookVerdict {
  // Seen already (it came back by lo), or NOTRACK.
  if (skb.ct !== null || skb.untracked) return 'accept';
  const s = ns.sysctl;
  const result = trackPacket(
    ns.ct,
    fromL3(skb.layers),
    {
      zone: skb.ctZone,
      now: k.rec.now,
      max: sysctl(s, 'net.netfilter.nf_conntrack_max'),
      loose: sysctl(s, 'net.netfilter.nf_conntrack_tcp_loose') !== 0,
      liberal: sysctl(s, 'net.netfilter.nf_conntrack_tcp_be_liberal') !== 0,
    },
    (entry) => writeRow(k, ns, entry),
  );
  const { site } = (devs.in ?? devs.out)!;
  switch (result.kind) {
    case 'bound':
      skb.ct = result.binding;
      tell(k, skb, site, hook, result.binding.state, result.why, result.created);
      return 'accept';
    case 'untracked':
      skb.untracked = true;
      tell(k, skb, site, hook, 'UNTRACKED', 'conntrack does not follow neighbour discovery');
      return 'accept';
    case 'invalid':
      tell(k, skb, site, hook, 'INVALID', result.why);
      return 'accept';
    case 'drop':
      tell(k, skb, site, hook, 'INVALID', result.why);
      k.drop(skb, (devs.in ?? devs.out)!, 'NETFILTER_DROP', 'nf_hook_slow', result.why);
      return 'drop';
  }
}

function tell(
  k: Kernel,
  skb: Skb,
  site: Site,
  hook: HookName,
  state: CtState,
  why: string | null,
  created = false,
): void {
  if (k.rec.silent) return;
  k.rec.event('ct.lookup', skb, site, {
    hook,
    entry: skb.ct?.entry.id ?? null,
    state,
    direction: skb.ct?.direction ?? null,
    created,
    why,
  });
}

/** nf_confirm: the first packet of a connection got through, so its entry goes into the table. */
export function confirm(k: Kernel, ns: Netns, skb: Skb, devs: HookDevs): HookVerdict {
  const binding = skb.ct;
  if (binding === null || binding.entry.confirmed || binding.direction !== 'original')
    return 'accept';
  const { entry } = binding;
  if (entry.dying) return 'accept';
  const now = k.rec.now;
  const clash =
    findEntry(ns.ct, entry.original, entry.zone, now) ??
    findEntry(ns.ct, entry.reply, entry.zone, now);
  if (clash !== null) return resolveClash(k, ns, skb, clash.entry, devs);
  for (const old of [entry.original, entry.reply]) forgetExpired(k, ns, old, entry.zone);
  insertEntry(ns.ct, entry);
  writeRow(k, ns, entry);
  k.rec.event('ct.confirm', skb, (devs.in ?? devs.out)!.site, { entry: entry.id });
  return 'accept';
}

function forgetExpired(k: Kernel, ns: Netns, tuple: CtEntry['original'], zone: number): void {
  const hit = entryOf(ns.ct, tuple, zone);
  if (hit === null || hit.entry.expires > k.rec.now) return;
  removeEntry(ns.ct, hit.entry);
  writeRow(k, ns, hit.entry);
}

/** nf_ct_resolve_clash: another packet of the same flow confirmed first. UDP and the like may share its entry. */
function resolveClash(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  winner: CtEntry,
  devs: HookDevs,
): HookVerdict {
  const loser = skb.ct!.entry;
  const shareable = loser.original.protocol !== IPPROTO.tcp;
  if (
    shareable &&
    sameTuple(loser.original, winner.original) &&
    sameTuple(loser.reply, winner.reply)
  ) {
    skb.ct = {
      entry: winner,
      direction: 'original',
      state: winner.seenReply ? 'ESTABLISHED' : 'NEW',
    };
    return 'accept';
  }
  if (shareable && sameTuple(loser.original, winner.original)) {
    // Same question, other NAT: the entry lives one second, only for the answer (nf_ct_resolve_clash_harder).
    const answer = findEntry(ns.ct, loser.reply, loser.zone, k.rec.now);
    if (answer === null && invertTuple(loser.original) !== null) {
      loser.timeout = 1;
      loser.expires = (k.rec.now + SECOND) as CtEntry['expires'];
      insertReply(ns.ct, loser);
      writeRow(k, ns, loser);
      return 'accept';
    }
  }
  const why = 'insert_failed: another connection with this tuple was confirmed first';
  k.drop(skb, (devs.in ?? devs.out)!, 'NETFILTER_DROP', 'nf_hook_slow', why);
  return 'drop';
}
