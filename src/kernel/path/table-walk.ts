// One table at one hook: gives the packet to the rule engine (netfilter/), lets its targets act, and records the walk.
import { byteLength } from '../../wire/length.ts';
import { walk } from '../../netfilter/index.ts';
import type { CounterMove, NatRange, NfActions, WalkResult } from '../../netfilter/types.ts';
import { fromL3, l3Index } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { Family, HookDevices, HookName, TableName } from '../../trace/types.ts';
import type { Kernel, Netns } from '../types.ts';
import { changedEntry } from './conntrack.ts';
import type { HookDevs, HookVerdict } from './hooks.ts';
import { setupRange } from './nat-setup.ts';
import { PacketView } from './packet-view.ts';
import { reject } from './reject.ts';

export const hasTable = (ns: Netns, family: Family, table: TableName): boolean =>
  ns.nf[family]?.ruleset.tables.some((t) => t.name === table) === true;

const names = (skb: Skb, devs: HookDevs): HookDevices => ({
  in: devs.in?.name ?? null,
  out: devs.out?.name ?? null,
  physin: skb.bridge?.physin.name ?? null,
  physout: skb.bridge?.physout?.name ?? null,
});

/** nfnetlink_log tells a bridge port only beside the device that it stands behind. */
function shownNames(skb: Skb, devs: HookDevs): HookDevices {
  const all = names(skb, devs);
  return {
    ...all,
    physin: devs.in === null ? null : all.physin,
    physout: devs.out === null ? null : all.physout,
  };
}

export function runTable(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  family: Family,
  table: TableName,
  hook: HookName,
  devs: HookDevs,
): HookVerdict {
  const compiled = ns.nf[family];
  if (compiled === null || !hasTable(ns, family, table)) return 'accept';
  const view = new PacketView(k, ns, skb, family, table, hook, devs, names(skb, devs));
  const later: (() => void)[] = [];
  const tracedBefore = skb.traced;
  const actions = createActions(k, ns, skb, family, hook, devs, later);
  const result = walk(compiled, table, hook, view, actions, k.ruleBudget);
  if (k.ruleBudget.left <= 0) k.rec.exhaust(`${k.budgets.ruleEvaluations} rules were looked at`);
  record(k, ns, skb, family, table, hook, devs, result, tracedBefore);
  // What a target sent or chose is told after the walk that led to it.
  for (const tell of later) tell();
  if (result.verdict === 'accept') return 'accept';
  if (result.verdict === 'drop') {
    const dev =
      hook === 'FORWARD' && skb.bridge?.physout
        ? skb.bridge.physout
        : // A tunnel's packet is still named after the tunnel in OUTPUT.
          ((hook === 'OUTPUT' ? skb.dev : null) ?? devs.in ?? devs.out)!;
    k.drop(skb, dev, 'NETFILTER_DROP', 'nf_hook_slow', `${table} ${hook}: ${result.by ?? 'DROP'}`);
  }
  return 'stolen';
}

function createActions(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  family: Family,
  hook: HookName,
  devs: HookDevs,
  later: (() => void)[],
): NfActions {
  return {
    setMark: (mark) => {
      skb.mark = mark >>> 0;
    },
    setCtMark: (mark) => {
      if (skb.ct === null || skb.ct.entry.mark === mark >>> 0) return;
      changedEntry(k, ns, skb.ct.entry, () => {
        skb.ct!.entry.mark = mark >>> 0;
      });
    },
    untrack: () => {
      skb.ct = null;
      skb.untracked = true;
    },
    ctZone: (zone) => {
      skb.ctZone = zone;
    },
    nat: (range: NatRange) => setupRange(k, ns, skb, range, devs, later),
    reject: (kind) => {
      later.push(() => reject(k, ns, skb, family, hook, kind, devs));
    },
    mangle: (layers) => {
      const at = l3Index(skb.layers);
      skb.layers = at === 0 ? layers : [skb.layers[0]!, ...layers];
    },
    trace: () => {
      skb.traced = true;
    },
    log: () => undefined,
  };
}

function record(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  family: Family,
  table: TableName,
  hook: HookName,
  devs: HookDevs,
  result: WalkResult,
  tracedBefore: boolean,
): void {
  if (k.rec.silent) return;
  const length = byteLength(fromL3(skb.layers));
  for (const move of result.counted) writeCounter(k, ns, family, table, move, length);
  k.rec.event('nf.walk', skb, (devs.in ?? devs.out)!.site, {
    ...shownNames(skb, devs),
    family,
    hook,
    table,
    steps: result.steps,
    verdict: result.verdict,
    markAfter: skb.mark,
    tracedFrom: tracedFrom(skb, result, tracedBefore),
  });
}

/** The TRACE target shows what comes after it. */
function tracedFrom(skb: Skb, result: WalkResult, before: boolean): number | null {
  if (before) return 0;
  if (!skb.traced) return null;
  return result.steps.findIndex((s) => s.target === 'TRACE') + 1;
}

export const ruleKey = (
  family: Family,
  table: string,
  chain: string,
  rule: number | string,
): string => `${family} ${table} ${chain} ${rule}`;

function writeCounter(
  k: Kernel,
  ns: Netns,
  family: Family,
  table: TableName,
  move: CounterMove,
  length: number,
): void {
  const key = ruleKey(family, table, move.chain, move.rule);
  const { packets, bytes } = move;
  k.rec.write({
    netns: ns.name,
    table: 'counter',
    key,
    before: packets === 0 ? null : { packets, bytes },
    after: { packets: packets + 1, bytes: bytes + length },
  });
}
