// A step is what a reader advances by. Steps are derived from a trace and never stored, so that links, lists and pictures agree.
// Three grains: `overview` (one packet at one station where something is decided or changed), `detail` (every event, a chain walk
// as one), `rules` (every rule that was looked at).
import type { PacketId } from '../../wire/types.ts';
import type { EventKind, HookName, RuleRef, Seq } from '../types.ts';

export type Grain = 'overview' | 'detail' | 'rules';

/** `request`: the first packet of a flow, to its end. `reply`: the first one back. `conversation`: the rest. `around`: no packet of a flow. */
export type PhaseKind = 'request' | 'reply' | 'conversation' | 'around';
export interface Phase {
  readonly kind: PhaseKind;
  /** The flow's id in the input, or null. */
  readonly flow: string | null;
}

/** A place where a packet can be drawn. */
export type Station =
  | { readonly kind: 'socket'; readonly netns: string }
  | { readonly kind: 'device'; readonly netns: string; readonly dev: string }
  | { readonly kind: 'hook'; readonly netns: string; readonly hook: HookName }
  | { readonly kind: 'route'; readonly netns: string; readonly direction: 'input' | 'output' };

/** What a step is about. Presenters map each topic to sentences: a new one without a sentence does not compile. */
export type Topic =
  /** A socket makes a packet. */
  | 'send'
  /** The kernel makes a packet of its own: an ICMP error, a RST. */
  | 'kernel-send'
  | 'route'
  /** ARP or neighbour discovery, question and answer as one. */
  | 'resolve'
  /** From device to device: veth pair, bridge port, cable. */
  | 'link'
  /** Over a cable between machines. */
  | 'wire'
  /** Arrival in a namespace that tracks connections or walks rules there: PREROUTING without a rewrite. */
  | 'prerouting'
  /** The same, and the routing decision after it. */
  | 'ingress'
  /** The choice that a chain walk makes. */
  | 'walk'
  | 'nat'
  | 'forward'
  | 'postrouting'
  /** FORWARD and POSTROUTING, where neither does anything new. */
  | 'egress'
  /** Who is next on this link: neighbour entry, FDB entry. */
  | 'next-hop'
  | 'encap'
  | 'decap'
  /** OUTPUT and POSTROUTING of a packet that this machine makes. */
  | 'local-out'
  /** PREROUTING and INPUT of a packet that is for this machine. */
  | 'local-in'
  | 'bridge'
  /** What decides is no Linux box: a VPC's router, a gateway. */
  | 'appliance'
  | 'fragment'
  | 'deliver'
  | 'drop'
  /** A whole packet as one step. */
  | 'packet'
  /** Several whole packets as one step. */
  | 'packets'
  | 'result'
  | 'process'
  | 'command'
  | 'timer'
  /** One event, at the grain `detail`. */
  | 'event'
  /** One rule, or a stretch of rules that did not match, at the grain `rules`. */
  | 'rule'
  | 'passed';

/** What kind of thing happens in it: for glyphs, ticks and search. */
export type Token =
  | 'socket'
  | 'route'
  | 'arp'
  | 'link'
  | 'wire'
  | 'hook'
  | 'conntrack'
  | 'nat'
  | 'encap'
  | 'decap'
  | 'drop'
  | 'fragment';

/** A rule that a walk looked at; `to` > `rule.rule` where a stretch of rules was passed over as one. */
export interface RuleLook {
  readonly rule: RuleRef;
  readonly to: number;
  readonly outcome: 'matched' | 'passed' | 'return' | 'policy';
  readonly target: string;
  readonly mark: number;
}

export interface Step {
  /** A readable slug, unique in its journey at every grain, e.g. `request.node-a.prerouting.dnat`. */
  readonly id: string;
  readonly grain: Grain;
  readonly topic: Topic;
  readonly phase: Phase;
  /** The packet goes the way of the one that opened the flow. */
  readonly forward: boolean;
  /** A label in the field's own terms: `node-a PREROUTING nat`. Sentences are the presenters' work. */
  readonly title: string;
  /** In order. Every event of the trace is in exactly one step of the overview, or in a bucket of the background. */
  readonly events: readonly Seq[];
  /** The event that the step is about. What panels show is the state after the last one. */
  readonly anchor: Seq;
  readonly kind: EventKind;
  readonly packet: PacketId | null;
  /** Revisions of the packet before the first event and after the last. */
  readonly before: number;
  readonly after: number;
  readonly netns: string | null;
  readonly dev: string | null;
  readonly hook: HookName | null;
  /** Where the packet goes in it, in order; the last one is where it rests. */
  readonly path: readonly Station[];
  readonly tokens: readonly Token[];
  readonly look: RuleLook | null;
  /** The next finer steps: stations of a folded packet, or events. */
  readonly children: readonly Step[];
  /** Its children may take its place in the list. */
  readonly expandable: boolean;
}

export interface Journey {
  readonly overview: readonly Step[];
  /** Events that no step of the overview tells: name of the bucket, and why it is apart. */
  readonly background: readonly Bucket[];
}
export interface Bucket {
  readonly name: 'setup' | 'timers' | 'neighbour upkeep' | 'other traffic';
  readonly events: readonly Seq[];
}
