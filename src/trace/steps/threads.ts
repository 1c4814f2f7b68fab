// Which packet plays which part: the first one of a flow is its request, the first one back its reply, the rest is conversation.
// ARP and neighbour discovery belong to the packet that had to wait for them.
import type { Layer, PacketId } from '../../wire/types.ts';
import type { PacketRecord, Trace, TraceEvent } from '../types.ts';
import { eventsByPacket } from './place.ts';
import type { Phase } from './types.ts';

/** A packet with all that became of it: copies, pieces, and what they became again. */
export interface Thread {
  readonly root: PacketRecord;
  readonly members: readonly PacketId[];
  readonly phase: Phase;
  /** Sent by the side that opened the flow. */
  readonly forward: boolean;
  /** `client` or `server` side and what it carries: `syn-ack`, `data`, `echo-request`. */
  readonly word: string;
  /** ARP or ND: the packet that needs it, or null. */
  readonly resolves: PacketId | null;
  readonly isResolution: boolean;
}

const layersOf = (p: PacketRecord): readonly Layer[] => p.revisions[0]?.layers ?? [];

export const isResolution = (p: PacketRecord): boolean =>
  layersOf(p).some(
    (l) =>
      l.kind === 'arp' || (l.kind === 'icmpv6' && (l.header.type === 135 || l.header.type === 136)),
  );

/** The end points of a packet as it was made: `from` identifies the side that sent it. */
function endsOf(p: PacketRecord): { readonly from: string; readonly word: string } {
  let from = '';
  let word = 'packet';
  for (const layer of layersOf(p)) {
    if (layer.kind === 'ipv4' || layer.kind === 'ipv6') from = `${layer.header.src}`;
    if (layer.kind === 'tcp') {
      from += `:${layer.header.sport}`;
      const { syn, ack, fin, rst } = layer.header.flags;
      const data = layersOf(p).some((l) => l.kind === 'payload' && l.header.length > 0);
      word = rst ? 'rst' : syn ? (ack ? 'syn-ack' : 'syn') : fin ? 'fin' : data ? 'data' : 'ack';
    }
    if (layer.kind === 'udp') {
      from += `:${layer.header.sport}`;
      word = 'datagram';
    }
    if (layer.kind === 'icmpv4' || layer.kind === 'icmpv6') {
      const echo = layer.header.body.kind === 'echo';
      const isReply = layer.header.type === 0 || layer.header.type === 129;
      from += echo ? (isReply ? ':reply' : ':echo') : ':error';
      word = echo ? (isReply ? 'echo-reply' : 'echo-request') : 'icmp-error';
    }
  }
  return { from, word };
}

/** The packet that each packet was made because of: a clone's origin, or what the kernel answers. */
function causes(trace: Trace, first: ReadonlyMap<PacketId, readonly TraceEvent[]>) {
  const because = new Map<PacketId, PacketId>();
  for (const p of trace.packets) {
    const made = first.get(p.id)?.find((e) => e.kind === 'kernel.send');
    const cause = p.parent ?? (made?.kind === 'kernel.send' ? made.detail.because : null);
    if (cause !== null && cause !== undefined) because.set(p.id, cause);
  }
  return because;
}

export function threadsOf(trace: Trace): readonly Thread[] {
  const events = eventsByPacket(trace);
  const because = causes(trace, events);
  const roots = new Map<PacketId, PacketId>();
  const rootOf = (id: PacketId): PacketId => {
    const known = roots.get(id);
    if (known !== undefined) return known;
    const parent = trace.packets[id - 1]?.parent ?? null;
    const root = parent === null ? id : rootOf(parent);
    roots.set(id, root);
    return root;
  };
  // What pieces were put together to goes on as the first piece's packet did.
  for (const p of trace.packets)
    if (p.fate.kind === 'replaced')
      for (const next of p.fate.by)
        if (next !== p.id && !roots.has(next)) roots.set(next, rootOf(p.id));
  const members = new Map<PacketId, PacketId[]>();
  for (const p of trace.packets) {
    const root = rootOf(p.id);
    members.set(root, [...(members.get(root) ?? []), p.id]);
  }
  const opener = new Map<string, string>();
  const answered = new Set<string>();
  const threads: Thread[] = [];
  for (const [id, list] of members) {
    const root = trace.packets[id - 1]!;
    const resolution = isResolution(root);
    const { from, word } = endsOf(root);
    const base = { root, members: list, word, isResolution: resolution };
    if (root.flow === null || resolution) {
      const resolves = resolution ? needed(trace, because, id) : null;
      threads.push({
        ...base,
        phase: { kind: 'around', flow: root.flow },
        forward: true,
        resolves,
      });
      continue;
    }
    const opened = opener.get(root.flow);
    if (opened === undefined) opener.set(root.flow, from);
    const forward = opened === undefined || opened === from;
    const isReply = !forward && !answered.has(root.flow);
    if (isReply) answered.add(root.flow);
    const kind = opened === undefined ? 'request' : isReply ? 'reply' : 'conversation';
    threads.push({ ...base, phase: { kind, flow: root.flow }, forward, resolves: null });
  }
  return threads;
}

/** Follows answer to question to the packet that waits. */
function needed(
  trace: Trace,
  because: ReadonlyMap<PacketId, PacketId>,
  from: PacketId,
): PacketId | null {
  let id: PacketId | undefined = from;
  for (let i = 0; id !== undefined && i < trace.packets.length; i++) {
    id = because.get(id);
    if (id !== undefined && !isResolution(trace.packets[id - 1]!)) return id;
  }
  return null;
}
