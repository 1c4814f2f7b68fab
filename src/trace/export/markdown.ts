// The journey as a document: the steps of the overview in tables, with the packet and what changed in it, and how
// everything ended. For an issue, a wiki page or a print.
import { assertNever } from '../../base/assert.ts';
import { summarize } from '../../wire/summary.ts';
import { changesBetween, revisionOf } from '../replay/packets.ts';
import { stepsOf } from '../steps/index.ts';
import type { Step } from '../steps/index.ts';
import type { Fate, PacketRecord, Trace } from '../types.ts';
import { printTime } from './crossings.ts';
import type { Exporter } from './types.ts';

/** Text inside a table cell: nothing that Markdown or HTML would take for markup. */
const cell = (text: string): string =>
  text
    .replace(/[\\`*_[\]|~]/g, (c) => `\\${c}`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\s+/g, ' ');

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function changesText(trace: Trace, step: Step): string {
  if (step.packet === null || step.before === step.after) return '';
  return changesBetween(trace, step.packet, step.before, step.after)
    .map(({ label, field, before, after }) => {
      if (field === 'layer') return after === null ? `- ${before ?? ''}` : `+ ${after}`;
      return `${label} ${before ?? '(none)'} → ${after ?? '(none)'}`;
    })
    .join('; ');
}

function stepRow(trace: Trace, step: Step, number: number): string {
  const event = trace.events[step.anchor];
  const packet = step.packet === null ? '' : summarize(revisionOf(trace, step.packet, step.after));
  const time = event === undefined ? '' : printTime(event.at);
  return row([String(number), time, step.title, packet, changesText(trace, step)]);
}

function fateText(fate: Fate): string {
  switch (fate.kind) {
    case 'delivered':
      return `delivered to ${fate.to}`;
    case 'dropped':
      return `dropped: ${fate.reason}`;
    case 'consumed':
      return `consumed by ${fate.by}`;
    case 'replaced':
      return `goes on as ${fate.by.map((id) => `packet ${id}`).join(', ')}`;
    case 'ignored':
      return `ignored: ${fate.why}`;
    case 'unfinished':
      return `unfinished: ${fate.why}`;
    default:
      return assertNever(fate, 'fate');
  }
}

const packetRow = (record: PacketRecord): string =>
  row([
    String(record.id),
    record.flow ?? '',
    record.revisions[0] === undefined ? '' : summarize(record.revisions[0]),
    fateText(record.fate),
  ]);

function results(trace: Trace): string[] {
  const lines = trace.events.flatMap((event) => {
    if (event.kind !== 'process.result') return [];
    const { process, flow, result } = event.detail;
    const said = Object.entries(result)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => `${key} ${String(value)}`);
    return [`- ${cell(`${process} (${flow}): ${said.join(', ')}`)}`];
  });
  return lines.length === 0 ? [] : ['## Results', '', ...lines, ''];
}

export const markdown: Exporter = {
  id: 'markdown',
  title: 'Document (Markdown)',
  mime: 'text/markdown',
  extension: 'md',
  export({ trace }) {
    const steps = stepsOf(trace, 'overview');
    const notes = [
      ...trace.diagnostics.map((d) => `- ${cell(`${d.severity}: ${d.reason}`)}`),
      ...(trace.unfinished === null ? [] : [`- ${cell(`unfinished: ${trace.unfinished}`)}`]),
    ];
    return `${[
      '# Packet journey',
      '',
      '## Steps',
      '',
      '| # | Time | Step | Packet | Changes |',
      '| --: | --- | --- | --- | --- |',
      ...steps.map((step, i) => stepRow(trace, step, i + 1)),
      '',
      ...results(trace),
      '## Packets',
      '',
      '| Packet | Flow | Born as | Fate |',
      '| --: | --- | --- | --- |',
      ...trace.packets.map(packetRow),
      '',
      ...(notes.length === 0 ? [] : ['## Notes', '', ...notes, '']),
    ].join('\n')}`;
  },
};
