// From a list of events to a Step: everything about a step that follows from its events.
import type { PacketId } from '../../wire/types.ts';
import type { Seq, Trace, TraceEvent } from '../types.ts';
import type { Placed } from './place.ts';
import { hookOf } from './slug.ts';
import type { Grain, Phase, RuleLook, Station, Step, Token, Topic } from './types.ts';

export interface Draft {
  readonly topic: Topic;
  readonly phase: Phase;
  readonly forward?: boolean;
  readonly title: string;
  readonly placed: readonly Placed[];
  readonly path: readonly Station[];
  readonly anchor: TraceEvent;
  /** The packet that it is about where the anchor names none: its last event. */
  readonly about?: TraceEvent | undefined;
  readonly extra?: readonly TraceEvent[];
  readonly children?: readonly Step[];
  readonly expandable?: boolean;
  readonly look?: RuleLook;
}

const TOKENS: Readonly<Record<TraceEvent['kind'], Token | null>> = {
  'process.call': 'socket',
  'process.result': 'socket',
  command: null,
  timer: null,
  'socket.send': 'socket',
  'socket.receive': 'socket',
  'kernel.send': null,
  'dev.tx': 'link',
  'dev.rx': 'link',
  'bridge.forward': 'link',
  'bridge.dnat': null,
  'arp.receive': 'arp',
  'neigh.lookup': null,
  'fdb.lookup': 'route',
  'route.lookup': 'route',
  'ip.forward': null,
  'ip.deliver': null,
  'ip.fragment': 'fragment',
  'ip.reassemble': 'fragment',
  'nf.walk': 'hook',
  'ct.lookup': 'conntrack',
  'ct.confirm': 'conntrack',
  'nat.setup': null,
  'nat.rewrite': 'nat',
  'tunnel.encap': 'encap',
  'tunnel.decap': 'decap',
  'appliance.check': null,
  'appliance.route': 'route',
  'appliance.translate': 'nat',
  drop: 'drop',
};

/** Strongest first: the first one is the step's glyph. */
const RANK: readonly Token[] = [
  'drop',
  'nat',
  'encap',
  'decap',
  'fragment',
  'arp',
  'wire',
  'socket',
  'route',
  'hook',
  'conntrack',
  'link',
];

const BY_TOPIC: Readonly<Partial<Record<Topic, Token>>> = {
  resolve: 'arp',
  wire: 'wire',
  route: 'route',
  walk: 'hook',
  prerouting: 'conntrack',
  encap: 'encap',
  nat: 'nat',
};

function tokensOf(topic: Topic, events: readonly TraceEvent[]): readonly Token[] {
  const found = new Set<Token>();
  for (const event of events) {
    const token = event.kind === 'drop' && !event.detail.fatal ? null : TOKENS[event.kind];
    if (token !== null) found.add(token);
  }
  if (topic === 'packet' || topic === 'packets') return found.has('drop') ? ['drop'] : [];
  const first = BY_TOPIC[topic];
  if (first !== undefined) found.add(first);
  if (topic !== 'resolve' && topic !== 'event') found.delete('arp');
  const sorted = RANK.filter((t) => found.has(t));
  const loud = sorted.includes('drop') ? 'drop' : first;
  return loud === undefined ? sorted : [loud, ...sorted.filter((t) => t !== loud)];
}

function packetOf(
  trace: Trace,
  anchor: TraceEvent,
  events: readonly TraceEvent[],
  about: TraceEvent | undefined,
) {
  if (anchor.packet === null && about !== undefined)
    return { packet: about.packet, before: about.revision, after: about.revision };
  return { packet: anchor.packet, ...revisions(trace, anchor.packet, events) };
}

/** Revisions of the packet around a set of its events. */
function revisions(trace: Trace, packet: PacketId | null, events: readonly TraceEvent[]) {
  const own = events.filter((e) => e.packet === packet);
  const first = own[0];
  const last = own.at(-1);
  if (first === undefined || last === undefined) return { before: 0, after: 0 };
  const cause = first.cause === null ? undefined : trace.events[first.cause];
  const before = cause !== undefined && cause.packet === packet ? cause.revision : first.revision;
  return { before: cause?.packet === packet ? before : 0, after: last.revision };
}

export function makeStep(trace: Trace, grain: Grain, id: string, draft: Draft): Step {
  const { anchor, topic, placed } = draft;
  const events = [...placed.map((p) => p.event), ...(draft.extra ?? [])].sort(
    (a, b) => a.seq - b.seq,
  );
  return {
    id,
    grain,
    topic,
    phase: draft.phase,
    forward: draft.forward ?? true,
    title: draft.title,
    events: events.map((e): Seq => e.seq),
    anchor: anchor.seq,
    kind: anchor.kind,
    ...packetOf(trace, anchor, events, draft.about),
    netns: anchor.site.netns,
    dev: anchor.site.dev,
    hook: hookOf(placed.find((p) => p.event === anchor)),
    path: draft.path,
    tokens: tokensOf(topic, events),
    look: draft.look ?? null,
    children: draft.children ?? [],
    expandable: draft.expandable ?? false,
  };
}
