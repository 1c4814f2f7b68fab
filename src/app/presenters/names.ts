// How places, walks and entries are called in sentences.
import { tablesAt } from '../../trace/replay/tables.ts';
import type { Row, Seq, Trace, TraceEvent, WalkStep } from '../../trace/types.ts';
import type { Step } from '../../trace/steps/types.ts';
import { walkSteps } from '../../trace/steps/walk.ts';
import { namespaceOf, packetOf, sayingOf } from './facts.ts';

/** What a namespace is called inside a sentence. */
export const placeName = (trace: Trace, netns: string): string =>
  namespaceOf(trace.topology, netns)?.name ?? netns;

/** `node-a · PREROUTING`, `client · eth0`. */
export function whereOf(trace: Trace, step: Step): string {
  if (step.topic === 'wire' || step.topic === 'packet') {
    const first = step.path[0];
    const last = step.path.at(-1);
    if (first !== undefined && last !== undefined && first.netns !== last.netns)
      return `${first.netns} → ${last.netns}`;
  }
  const end = step.path.at(-1);
  const netns = step.netns ?? end?.netns ?? '';
  const place = placeName(trace, netns);
  if (step.hook !== null) return `${place} · ${step.hook}`;
  if (step.dev !== null && step.topic !== 'route' && step.topic !== 'packet')
    return `${place} · ${step.dev}`;
  return place;
}

const rowsByTrace = new WeakMap<Trace, Map<string, Row>>();

/** The row of a conntrack entry, from whenever it first was in the table. */
function entryRow(trace: Trace, netns: string, entry: string): Row | undefined {
  let rows = rowsByTrace.get(trace);
  if (rows === undefined) {
    rows = new Map();
    for (const event of trace.events)
      for (const w of event.writes) {
        const row = w.after ?? w.before;
        const key = `${w.netns} ${w.key}`;
        if (w.table === 'conntrack' && row !== null && !rows.has(key)) rows.set(key, row);
      }
    rowsByTrace.set(trace, rows);
  }
  return rows.get(`${netns} ${entry}`);
}

/** A protocol without ports has 0 there. */
const end = (addr: Row[string] | undefined, port: Row[string] | undefined): string =>
  port === undefined || port === null || port === 0 ? `${addr}` : `${addr}:${port}`;

/** `tcp 10.244.1.5:40001 → 10.96.0.20:80`: the original direction, as the entry has it. */
export function entryText(trace: Trace, event: TraceEvent, entry: string): string {
  const row = entryRow(trace, event.site.netns, entry);
  if (row !== undefined)
    return `${row['proto']} ${end(row['src'], row['sport'])} → ${end(row['dst'], row['dport'])}`;
  const packet = packetOf(trace, event.packet, event.revision);
  if (packet === null) return entry;
  const said = sayingOf(packet);
  return `${said.protocol.toLowerCase()} ${said.src} → ${said.dst}`;
}

/** Rules that a walk jumped along, as `KUBE-SERVICES 1 → KUBE-SVC-X 2`. Chains that were left without effect are not told. */
export function walkText(steps: readonly WalkStep[]): string {
  return taken(steps)
    .map((s) => `${s.chain} ${s.kind === 'rule' ? s.rule : s.kind}`)
    .join(' → ');
}

/** The steps that led to the end: a jump into a chain that returned is undone. */
export function taken(steps: readonly WalkStep[]): readonly WalkStep[] {
  const path: WalkStep[] = [];
  for (const step of steps) {
    const back = path.findIndex((s) => s.chain === step.chain);
    if (back >= 0) path.splice(back);
    path.push(step);
    if (step.kind === 'return' || step.target === 'RETURN') path.pop();
  }
  return path;
}

/** The last rule that matched with an effect. */
export const lastRule = (steps: readonly WalkStep[]): WalkStep | undefined =>
  steps.findLast((s) => s.kind === 'rule' && s.target !== '' && s.target !== 'RETURN');

/** What is known of a rule: its text, and who put it there. */
export function ruleRow(
  trace: Trace,
  event: TraceEvent<'nf.walk'>,
  chain: string,
  rule: number | 'policy',
): Row | null {
  const { family, table } = event.detail;
  return tablesAt(trace, -1 as Seq).row(
    event.site.netns,
    'iptables',
    `${family} ${table} ${chain} ${rule}`,
  );
}

/** `Service default/web`, if a rule on the way stands for an object. */
export function objectOf(trace: Trace, event: TraceEvent<'nf.walk'>): string | null {
  for (const step of walkSteps(trace, event)) {
    if (step.kind !== 'rule') continue;
    const object = ruleRow(trace, event, step.chain, step.rule)?.['object'];
    if (typeof object === 'string' && object !== '') return object;
  }
  return null;
}

/** Out of how many a `statistic` match picked at random on the way. */
export function choicesOf(trace: Trace, event: TraceEvent<'nf.walk'>): number {
  const rows = tablesAt(trace, -1 as Seq).rows(event.site.netns, 'iptables');
  const chains = new Set(event.detail.steps.map((s) => s.chain));
  let random = 0;
  for (const row of rows.values())
    if (
      row['table'] === event.detail.table &&
      row['family'] === event.detail.family &&
      chains.has(`${row['chain']}`) &&
      `${row['text']}`.includes('--mode random')
    )
      random++;
  return random + 1;
}

/** The object whose rules match this destination address: `Service default/web`. */
export function objectAt(trace: Trace, host: string): string | null {
  for (const { table, after } of trace.tables) {
    if (table !== 'iptables' || after === null) continue;
    const object = after['object'];
    if (
      typeof object === 'string' &&
      object !== '' &&
      new RegExp(` -d ${host.replaceAll('.', '\\.')}(/32|/128)? `).test(`${after['text']} `)
    )
      return object;
  }
  return null;
}
