// Events that concern no packet: what processes, timers and people do. Most explain the packet that follows or came before.
import type { Seq, Trace, TraceEvent } from '../types.ts';

export interface Loose {
  /** Told in the step of that event. */
  readonly attached: ReadonlyMap<Seq, readonly TraceEvent[]>;
  /** Steps of their own. */
  readonly alone: readonly TraceEvent[];
  readonly setup: readonly TraceEvent[];
  readonly timers: readonly TraceEvent[];
}

const AFTER = new Set(['accept', 'receive', 'recv', 'read']);
const SETUP = new Set(['listen', 'bind']);

export function looseEvents(trace: Trace): Loose {
  const attached = new Map<Seq, TraceEvent[]>();
  const alone: TraceEvent[] = [];
  const setup: TraceEvent[] = [];
  const timers: TraceEvent[] = [];
  const { events } = trace;
  const attach = (to: TraceEvent, event: TraceEvent): void => {
    attached.set(to.seq, [...(attached.get(to.seq) ?? []), event]);
  };
  for (const event of events) {
    if (event.packet !== null) continue;
    const here = (e: TraceEvent | undefined): e is TraceEvent =>
      e !== undefined && e.site.netns === event.site.netns;
    switch (event.kind) {
      case 'process.call': {
        if (SETUP.has(event.detail.call)) {
          setup.push(event);
          break;
        }
        const back = AFTER.has(event.detail.call);
        const kind = back ? 'socket.receive' : 'socket.send';
        let target: TraceEvent | undefined;
        for (let i: number = event.seq, step = back ? -1 : 1; events[i] !== undefined; i += step) {
          const other = events[i]!;
          if (other.kind !== kind || !here(other)) continue;
          target = other;
          break;
        }
        if (target === undefined) alone.push(event);
        else attach(target, event);
        break;
      }
      case 'timer': {
        const next = events[event.seq + 1];
        if (next?.kind === 'socket.send' && here(next)) attach(next, event);
        else timers.push(event);
        break;
      }
      default:
        alone.push(event);
    }
  }
  return { attached, alone, setup, timers };
}
