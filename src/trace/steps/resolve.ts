// ARP (RFC 826) and neighbour discovery (RFC 4861) as one step: question, copies of it, answer, and the packet that waits.
import type { PacketId } from '../../wire/types.ts';
import type { Site, Topology, Trace, TraceEvent } from '../types.ts';
import { eventsByPacket } from './place.ts';
import type { Thread } from './threads.ts';
import type { Station } from './types.ts';

export interface Resolution {
  /** The packet that waits, or null: the kernel checks an entry by itself. */
  readonly waiting: PacketId | null;
  readonly ip: string;
  /** `arp` or `nd`. */
  readonly word: 'arp' | 'nd';
  readonly events: readonly TraceEvent[];
  readonly anchor: TraceEvent;
  readonly path: readonly Station[];
}

/** Groups resolution threads: an answer goes with its question, a repeated question with the first. */
export function resolutionsOf(trace: Trace, threads: readonly Thread[]): readonly Resolution[] {
  const events = eventsByPacket(trace);
  const groups = new Map<string, { threads: Thread[]; waiting: PacketId | null }>();
  const groupOfPacket = new Map<PacketId, string>();
  for (const thread of threads) {
    if (!thread.isResolution || !events.has(thread.root.id)) continue;
    const made = events.get(thread.root.id)?.find((e) => e.kind === 'kernel.send');
    const question = made?.kind === 'kernel.send' ? made.detail.because : null;
    const known = question === null ? undefined : groupOfPacket.get(question);
    const key = known ?? `${thread.resolves ?? `own ${thread.root.id}`}|${targetOf(trace, thread)}`;
    const group = groups.get(key) ?? { threads: [], waiting: thread.resolves };
    group.threads.push(thread);
    groups.set(key, group);
    for (const id of thread.members) groupOfPacket.set(id, key);
  }
  return [...groups.values()].map((g) => resolve(trace, events, g.threads, g.waiting));
}

/** What a question asks for. */
function targetOf(trace: Trace, thread: Thread): string {
  const sent = eventsByPacketFirst(trace, thread);
  for (const layer of thread.root.revisions[0]?.layers ?? []) {
    if (layer.kind === 'arp')
      return `${sent}${layer.header.op === 1 ? layer.header.tpa : layer.header.spa}`;
    if (layer.kind === 'icmpv6' && 'target' in layer.header.body)
      return `${sent}${layer.header.body.target}`;
  }
  return sent;
}
const eventsByPacketFirst = (trace: Trace, thread: Thread): string =>
  trace.events.find((e) => e.packet === thread.root.id)?.site.netns ?? '';

function resolve(
  trace: Trace,
  byPacket: ReadonlyMap<PacketId, readonly TraceEvent[]>,
  threads: readonly Thread[],
  waiting: PacketId | null,
): Resolution {
  const own = threads.flatMap((t) => t.members.flatMap((id) => byPacket.get(id) ?? []));
  own.sort((a, b) => a.seq - b.seq);
  const first = own[0]!;
  const question =
    waiting === null
      ? undefined
      : byPacket
          .get(waiting)
          ?.filter(
            (e) => e.kind === 'neigh.lookup' && e.detail.outcome === 'queued' && e.seq < first.seq,
          )
          .at(-1);
  const learned = own
    .filter((e) => e.kind === 'arp.receive' && e.detail.decision === 'learned')
    .at(-1);
  const answer = threads
    .slice(1)
    .map((t) => byPacket.get(t.root.id)?.[0])
    .find((e) => e !== undefined && e.site.netns !== first.site.netns);
  const anchor = learned ?? own.filter((e) => e.kind === 'arp.receive').at(-1) ?? own.at(-1)!;
  const there = answer === undefined ? null : l2Path(trace.topology, first.site, answer.site);
  const back = there === null ? [] : [...there].reverse().slice(1);
  const here: Station = { kind: 'device', netns: first.site.netns, dev: first.site.dev ?? 'lo' };
  return {
    waiting,
    ip: question?.kind === 'neigh.lookup' ? question.detail.ip : '',
    word:
      threads[0]!.root.revisions[0]?.layers.some((l) => l.kind === 'arp') === true ? 'arp' : 'nd',
    events: question === undefined ? own : [question, ...own],
    anchor,
    path: there === null ? [here] : [...there, ...back],
  };
}

/** The devices between two ends of one Ethernet segment: veth peers, cables, bridges and their ports. */
export function l2Path(topology: Topology, from: Site, to: Site): readonly Station[] | null {
  const key = (s: Site): string => `${s.netns}|${s.dev}`;
  const next = (s: Site): readonly Site[] => {
    const namespace = topology.namespaces.find((n) => n.name === s.netns);
    const device = namespace?.devices.find((d) => d.name === s.dev);
    if (namespace === undefined || device === undefined) return [];
    const at = (dev: string): Site => ({ netns: s.netns, dev });
    return [
      ...(device.peer === null ? [] : [device.peer]),
      ...(device.master === null ? [] : [at(device.master)]),
      ...namespace.devices.filter((d) => d.master === device.name).map((d) => at(d.name)),
    ];
  };
  const before = new Map<string, Site | null>([[key(from), null]]);
  const queue: Site[] = [from];
  for (let i = 0; i < queue.length; i++) {
    const here = queue[i]!;
    if (key(here) === key(to)) {
      const path: Station[] = [];
      for (let s: Site | null = here; s !== null; s = before.get(key(s)) ?? null)
        path.unshift({ kind: 'device', netns: s.netns, dev: s.dev ?? 'lo' });
      return path;
    }
    for (const site of next(here))
      if (!before.has(key(site))) {
        before.set(key(site), here);
        queue.push(site);
      }
  }
  return null;
}
