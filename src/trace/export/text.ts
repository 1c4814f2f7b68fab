// The journey as `tcpdump -i any -nS` would print it, if it could listen in every namespace at once: time, interface,
// direction, packet. Losses stand between as comments, since no capture can show what is not there.
import { summarize } from '../../wire/summary.ts';
import type { TraceEvent } from '../types.ts';
import { crossingsOf, printTime } from './crossings.ts';
import type { Exporter } from './types.ts';

interface Line {
  readonly seq: number;
  readonly text: string;
}

function dropLine(event: TraceEvent): Line[] {
  if (event.kind !== 'drop' || !event.detail.fatal) return [];
  const { reason, at, why } = event.detail;
  const text = `# ${printTime(event.at)} ${event.site.netns} dropped in ${at}: ${reason}${why === '' ? '' : ` (${why})`}`;
  return [{ seq: event.seq, text }];
}

export const text: Exporter = {
  id: 'text',
  title: 'Text, as tcpdump prints it',
  mime: 'text/plain',
  extension: 'txt',
  export({ trace }) {
    const crossings = crossingsOf(trace);
    const place = (netns: string, dev: string): string => `${netns}:${dev}`;
    const width = Math.max(0, ...crossings.map((c) => place(c.netns, c.dev).length));
    const lines: Line[] = crossings.map((c) => ({
      seq: c.seq,
      text: `${printTime(c.at)} ${place(c.netns, c.dev).padEnd(width)} ${c.direction === 'in' ? 'In ' : 'Out'} ${summarize(c.packet)}`,
    }));
    const all = [...lines, ...trace.events.flatMap(dropLine)].sort((a, b) => a.seq - b.seq);
    return all.map((line) => `${line.text}\n`).join('');
  },
};
