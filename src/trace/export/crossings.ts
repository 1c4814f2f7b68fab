// A packet crosses an interface: what a tcpdump on every interface of every namespace would show, in order.
import type { Packet, PacketId } from '../../wire/types.ts';
import type { Nanos } from '../../base/queue.ts';
import { revisionOf } from '../replay/packets.ts';
import type { PacketType, Seq, Trace } from '../types.ts';

export interface Crossing {
  readonly seq: Seq;
  readonly at: Nanos;
  readonly netns: string;
  readonly dev: string;
  readonly direction: 'in' | 'out';
  /** Of a received packet; null for a sent one. */
  readonly packetType: PacketType | null;
  readonly id: PacketId;
  readonly packet: Packet;
}

export function crossingsOf(trace: Trace): readonly Crossing[] {
  const crossings: Crossing[] = [];
  for (const event of trace.events) {
    if (event.kind !== 'dev.tx' && event.kind !== 'dev.rx') continue;
    const { packet: id, seq, at, site } = event;
    if (id === null || site.dev === null) continue;
    crossings.push({
      seq,
      at,
      netns: site.netns,
      dev: site.dev,
      direction: event.kind === 'dev.tx' ? 'out' : 'in',
      packetType: event.kind === 'dev.rx' ? event.detail.packetType : null,
      id,
      packet: revisionOf(trace, id, event.revision),
    });
  }
  return crossings;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** Virtual time since the start as `hh:mm:ss.nnnnnnnnn`. */
export function printTime(at: Nanos): string {
  const seconds = Math.floor(at / 1e9);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  return `${clock.map((part) => pad(Math.floor(part), 2)).join(':')}.${pad(at % 1e9, 9)}`;
}
