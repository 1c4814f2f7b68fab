// What the kernel, or an appliance, knows of a packet and the cable does not: shown in [brackets], as Wireshark shows what it worked out itself.
import { tablesAt } from '../../trace/replay/tables.ts';
import type { Seq, Trace, TraceEvent } from '../../trace/types.ts';
import type { Step } from '../../trace/steps/index.ts';
import { walkSteps } from '../../trace/steps/walk.ts';
import type { Messages } from '../messages/en.ts';
import { entryText, ruleRow } from '../presenters/names.ts';

export interface Fact {
  readonly label: string;
  readonly text: string;
  /** The rule or command as somebody would type it. */
  readonly code: string | null;
}

/** From the step's events, the last of each kind; a mark only where there is one. */
export function factsOf(trace: Trace, step: Step, m: Messages): readonly Fact[] {
  const facts = new Map<string, Fact>();
  const put = (label: string, text: string, code: string | null = null): void =>
    void facts.set(label, { label, text, code });
  for (const seq of step.events) factOf(trace, trace.events[seq]!, m, put);
  const walk = trace.events[step.anchor];
  if (step.look !== null && walk?.kind === 'nf.walk') {
    const { table, chain, rule } = step.look.rule;
    const text = ruleRow(trace, walk, chain, step.look.outcome === 'policy' ? 'policy' : rule)?.[
      'text'
    ];
    put(m.packet.rule, `${table} ${chain} ${rule}`, typeof text === 'string' ? text : null);
  }
  if (!facts.has(m.packet.conntrack)) inherited(trace, step, m, put);
  return [...facts.values()];
}

type Put = (label: string, text: string, code?: string | null) => void;

function factOf(trace: Trace, event: TraceEvent, m: Messages, put: Put): void {
  for (const { table, after } of event.writes)
    if (table === 'neigh' && after !== null)
      put(
        m.packet.neighbour,
        [after['ip'], after['mac'], after['state']].filter(Boolean).join(' '),
      );
  switch (event.kind) {
    case 'ct.lookup': {
      const { state, entry, direction, created } = event.detail;
      const text =
        entry === null
          ? state
          : `${state}${created || direction === null ? '' : `, ${direction}`}: ${entryText(trace, event, entry)}`;
      put(m.packet.conntrack, text, rowText(trace, event.site.netns, entry, event.seq));
      break;
    }
    case 'ct.confirm':
      put(
        m.packet.conntrack,
        entryText(trace, event, event.detail.entry),
        rowText(trace, event.site.netns, event.detail.entry, event.seq),
      );
      break;
    case 'nf.walk': {
      if (event.detail.markAfter !== 0)
        put(m.packet.mark, `0x${event.detail.markAfter.toString(16)}`);
      const rule = walkSteps(trace, event).findLast(
        (s) => s.kind === 'rule' && s.target !== 'RETURN',
      );
      if (rule === undefined) break;
      const text = ruleRow(trace, event, rule.chain, rule.rule)?.['text'];
      put(
        m.packet.rule,
        `${event.detail.table} ${rule.chain} ${rule.rule}`,
        typeof text === 'string' ? text : null,
      );
      break;
    }
    case 'route.lookup':
      if (event.detail.choice.route !== null)
        put(m.packet.route, event.detail.choice.table, event.detail.choice.route);
      break;
    case 'appliance.route':
      if (event.detail.route !== null) put(m.packet.route, event.detail.table, event.detail.route);
      break;
    case 'neigh.lookup':
      put(
        m.packet.neighbour,
        `${event.detail.ip} ${event.detail.mac ?? '?'} ${event.detail.state}`,
      );
      break;
    default:
      break;
  }
}

/** A packet keeps its entry until it leaves the namespace, or a tunnel scrubs it (skb_scrub_packet). */
function inherited(trace: Trace, step: Step, m: Messages, put: Put): void {
  const last = trace.events[step.events.at(-1) ?? 0];
  const scrubs = step.tokens.includes('encap') || step.tokens.includes('decap');
  if (last === undefined || step.packet === null || step.topic === 'resolve' || scrubs) return;
  for (let i = step.events[0]! - 1, looked = 0; i >= 0 && looked < 60; i--, looked++) {
    const event = trace.events[i]!;
    if (event.packet !== step.packet) continue;
    if (
      event.site.netns !== last.site.netns ||
      event.kind === 'tunnel.encap' ||
      event.kind === 'tunnel.decap' ||
      event.kind === 'dev.tx'
    )
      return;
    if (event.kind === 'ct.lookup') return factOf(trace, event, m, put);
  }
}

function rowText(trace: Trace, netns: string, entry: string | null, seq: Seq): string | null {
  if (entry === null) return null;
  const row = tablesAt(trace, seq).row(netns, 'conntrack', entry);
  if (row === null) return null;
  const end = (p: string): string =>
    `src=${row[`${p}src`]} dst=${row[`${p}dst`]}${row[`${p}sport`] == null ? '' : ` sport=${row[`${p}sport`]} dport=${row[`${p}dport`]}`}`;
  const state = row['state'] === null || row['state'] === undefined ? '' : ` ${row['state']}`;
  const flags = `${row['unreplied'] === true ? ' [UNREPLIED]' : ''}${row['assured'] === true ? ' [ASSURED]' : ''}`;
  return row['reply_src'] === undefined
    ? null
    : `${row['proto']}${state} ${end('')}${row['unreplied'] === true ? ' [UNREPLIED]' : ''} ${end('reply_')}${flags.replace(' [UNREPLIED]', '')}`;
}
