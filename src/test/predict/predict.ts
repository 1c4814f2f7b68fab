// A trace, told in the form of a recording's `runs[]`, so that compare-kernel.mjs can judge it.
import { runFlows } from '../../kernel/run.ts';
import type { FlowSpec } from '../../network/types.ts';
import type { Trace, TraceEvent } from '../../trace/types.ts';
import type { Layer } from '../../wire/types.ts';
import { renameChosen } from './chosen.ts';
import { observe } from './crossings.ts';
import type { Crossing } from './crossings.ts';
import { decodeFrame } from './observe.ts';
import type { Decoded, Json } from './observe.ts';
import { inputOf, instrument } from './recording.ts';
import type { Prediction, RecordingInput } from './recording.ts';
import { conntrackAfter, fdbAfter, movedRules, neighAfter, tablesAt } from './tables.ts';

/** `seed`: of the engine's own draws; `traced`: the recorder put its TRACE rules in. */
export function predict(recording: RecordingInput, seed = 1, traced = true): readonly Prediction[] {
  const input = inputOf(recording);
  const { trace, results } = runFlows({
    network: traced ? instrument(input.topology) : input.topology,
    steps: input.steps,
    seed,
    wantServedBy: input.want_served_by ?? null,
  });
  const predictions: Prediction[] = [];
  let run = 0;
  input.steps.forEach((step, i) => {
    if (step.do !== 'flow') return;
    const from = trace.marks[2 * i]?.seq ?? trace.events.length;
    const to = trace.marks[2 * i + 1]?.seq ?? trace.events.length;
    const seen = results[i] ?? [];
    const one = predictFlow(input, trace, step, from, to, seen.length === 1 ? seen[0]! : seen);
    predictions.push(renameChosen(input, { id: input.id, run: run++, ...one }));
  });
  return predictions;
}

function predictFlow(
  input: RecordingInput,
  trace: Trace,
  step: FlowSpec,
  from: number,
  to: number,
  result: unknown,
): Record<string, Json> {
  // What stands in for an appliance is not what is told: only Linux's own is compared.
  const linux = new Set(input.topology.namespaces.map(({ name }) => name));
  const events = trace.events.slice(from, to).filter((event) => linux.has(event.site.netns));
  const layersAt = (event: TraceEvent): readonly Layer[] =>
    trace.packets[event.packet! - 1]!.revisions[event.revision]!.layers;
  const { observations, packets } = observe(
    events.flatMap((event): readonly Crossing[] => {
      if (event.kind !== 'dev.tx' && event.kind !== 'dev.rx') return [];
      const { netns, dev } = event.site;
      const packetType = event.kind === 'dev.rx' ? event.detail.packetType : null;
      return [{ netns, dev: dev ?? '', packetType, layers: layersAt(event) }];
    }),
  );
  const before = tablesAt(trace, from);
  const after = tablesAt(trace, to);
  void step;
  return {
    observations,
    packets,
    conntrack: conntrackAfter(after),
    rules_moved: movedRules(input.topology, before, after),
    drops: events.flatMap((e) =>
      // The recorder's tracepoint names the namespace by skb->dev, which a segment in a socket's hands has not.
      e.kind === 'drop' && e.site.dev !== null
        ? [{ ns: e.site.netns, dev: e.site.dev, reason: e.detail.reason, at: e.detail.at }]
        : [],
    ),
    result: result as Json,
    trace: traceOf(events, layersAt),
    neigh_after: neighAfter(after),
    fdb_after: fdbAfter(after),
  };
}

/** What the TRACE target would have said: a line a rule, grouped by packet, hook and what the header said then. */
function traceOf(
  events: readonly TraceEvent[],
  layersAt: (event: TraceEvent) => readonly Layer[],
): Json[] {
  const groups: { key: string; value: Record<string, Json>; steps: string[] }[] = [];
  const open = new Map<string, (typeof groups)[number]>();
  for (const event of events) {
    if (event.kind !== 'nf.walk' || event.detail.tracedFrom === null) continue;
    const d = event.detail;
    const layers = layersAt(event);
    const ip = layers[layers[0]?.kind === 'ethernet' ? 1 : 0];
    if (ip?.kind !== 'ipv4' && ip?.kind !== 'ipv6') continue;
    const { out } = decodeFrame([ip], { relative: (n) => n });
    const head = (out['ip'] ?? out['ip6']) as Decoded;
    const value: Record<string, Json> = { ns: event.site.netns, hook: d.hook };
    for (const name of ['in', 'out', 'physin', 'physout'] as const)
      if (d[name] !== null) value[name] = d[name];
    value['src'] = head['src']!;
    value['dst'] = head['dst']!;
    const key = JSON.stringify([value, event.packet]);
    const lines = d.steps.slice(d.tracedFrom!).map((s) => {
      const mark = s.mark === 0 ? '' : ` mark=0x${s.mark.toString(16)}`;
      return `${d.table}:${s.chain}:${s.kind}:${s.rule}${mark}`;
    });
    const last = open.get(event.site.netns);
    if (last !== undefined && last.key === key && d.table !== 'raw') last.steps.push(...lines);
    else {
      const group = { key, value, steps: lines };
      groups.push(group);
      open.set(event.site.netns, group);
    }
  }
  return groups.map((g) => ({ ...g.value, steps: g.steps }));
}
