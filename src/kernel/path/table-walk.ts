// One table at one hook: gives the packet to the rule engine (netfilter/), lets its targets act, and records the walk.
import { walk } from '../../netfilter/index.ts';
import type { WalkResult } from '../../netfilter/types.ts';
import type { Skb } from '../../net/types.ts';
import type { Family, TableName } from '../../trace/types.ts';
import type { Netns } from '../types.ts';
import type { HookVerdict } from './hooks.ts';
import type { PacketView } from './packet-view.ts';
import { TableActions } from './table-actions.ts';

export const hasTable = (ns: Netns, family: Family, table: TableName): boolean =>
  ns.nf[family]?.tables.has(table) === true;

/** The packet of the view through one table. */
export function runTable(view: PacketView, table: TableName): HookVerdict {
  const { kernel: k, ns, skb, hook, devs } = view;
  const compiled = ns.nf[view.family];
  if (compiled?.tables.has(table) !== true) return 'accept';
  view.table = table;
  const tracedBefore = skb.traced;
  const actions = (view.actions ??= new TableActions(view));
  const result = walk(compiled, table, hook, view, actions, k.ruleBudget);
  if (k.ruleBudget.left <= 0) k.rec.exhaust(`${k.budgets.ruleEvaluations} rules were looked at`);
  record(view, result, tracedBefore);
  actions.tellLater();
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

function record(view: PacketView, result: WalkResult, tracedBefore: boolean): void {
  const { kernel: k, skb, devs } = view;
  if (k.rec.silent) return;
  const dev = (devs.in ?? devs.out)!;
  k.rec.writes(result.counted);
  k.rec.event('nf.walk', skb, dev.site, {
    in: view.in,
    out: view.out,
    // nfnetlink_log tells a bridge port only beside the device that it stands behind.
    physin: devs.in === null ? null : view.physin,
    physout: devs.out === null ? null : view.physout,
    family: view.family,
    hook: view.hook,
    table: view.table,
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
