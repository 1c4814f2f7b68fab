// THE CONTRACT between the engine and all that shows, checks or exports a journey. A trace is plain data: packets with their
// revisions, events in the order in which they happened, and reversible writes of every table that a reader can open.
// Steps, hops, field changes and tables at a moment are derived from it (steps/, replay/), never stored.
import type { Brand } from '../base/brand.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Nanos } from '../base/queue.ts';
import type { FlowResult, Origin } from '../network/types.ts';
import type { Packet, PacketId } from '../wire/types.ts';

export type Seq = Brand<number, 'Seq'>;
export type Family = 'ipv4' | 'ipv6';
export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';
export type HookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost';
export type NudState =
  | 'NONE'
  | 'INCOMPLETE'
  | 'REACHABLE'
  | 'STALE'
  | 'DELAY'
  | 'PROBE'
  | 'FAILED'
  | 'PERMANENT'
  | 'NOARP';
export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
export type CtDirection = 'original' | 'reply';

/** Where it happened: a network namespace, and a device of it where one is meant. */
export interface Site {
  readonly netns: string;
  readonly dev: string | null;
}

export interface RuleRef {
  readonly family: Family;
  readonly table: TableName;
  readonly chain: string;
  /** From 1, as `iptables -L --line-numbers` counts. */
  readonly rule: number;
}

/** One stretch of a chain walk: rules `from` .. `rule - 1` did not match, `rule` ended it. */
export interface WalkStep {
  readonly chain: string;
  readonly from: number;
  /** The rule that matched, or (number of rules + 1) where the chain ended. */
  readonly rule: number;
  /** As the kernel's TRACE target names it: a matching rule, the end of a user chain, the policy of a base chain. */
  readonly kind: 'rule' | 'return' | 'policy';
  /** What the rule did: `KUBE-SERVICES` (jump), `DNAT`, `ACCEPT`, `RETURN`, ...; '' where a rule has no target. */
  readonly target: string;
  /** skb mark when the rule was reached. */
  readonly mark: number;
}

export interface HookDevices {
  readonly in: string | null;
  readonly out: string | null;
  /** The bridge ports behind `in` and `out`, for a frame that a bridge carries (br_netfilter). */
  readonly physin: string | null;
  readonly physout: string | null;
}

export interface RouteChoice {
  /** Priority of the policy rule that pointed to the table. */
  readonly rule: number;
  readonly table: string;
  /** As `ip route` prints it, or null where nothing matched. */
  readonly route: string | null;
  readonly type: RouteType;
  readonly via: string | null;
  readonly dev: string | null;
  readonly origin: Origin | null;
}
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'none';

/** kind -> detail. Adding a kind is one line here; every presenter and exporter that lacks it then fails to compile. */
export interface EventDetails {
  /** A process did something that concerns the network: `listen`, `connect`, `accept`, `send`, `receive`, `close`. */
  readonly 'process.call': {
    readonly process: string;
    readonly call: string;
    readonly text: string;
  };
  /** The client of a flow has its result. */
  readonly 'process.result': {
    readonly process: string;
    readonly flow: string;
    readonly result: FlowResult;
  };
  /** A person or controller typed a command. */
  readonly command: { readonly text: string };
  readonly timer: { readonly timer: string; readonly text: string };

  /** A packet is born in a socket. */
  readonly 'socket.send': {
    readonly process: string;
    readonly protocol: string;
    readonly socket: string;
  };
  readonly 'socket.receive': {
    readonly process: string;
    readonly protocol: string;
    readonly socket: string;
  };
  /** The kernel itself makes a packet: an ICMP error, a RST, an ARP request. `because` is the packet that caused it. */
  readonly 'kernel.send': {
    readonly what: string;
    readonly because: PacketId | null;
    readonly why: string;
  };

  /** Handed to the driver (what tcpdump shows as outgoing). Where site.dev is a cable's end, the peer comes next. */
  readonly 'dev.tx': { readonly peer: Site | null };
  /** Received by the device, before any hook of that namespace. */
  readonly 'dev.rx': { readonly packetType: PacketType };
  readonly 'bridge.forward': {
    readonly bridge: string;
    readonly decision: 'forward' | 'flood' | 'local' | 'drop';
    readonly ports: readonly string[];
    /** The bridge itself takes a copy (or the frame). */
    readonly local: boolean;
    readonly why: string;
  };
  /** br_netfilter showed a bridged frame to IP netfilter and its destination changed: `bridged` = same bridge, no routing. */
  readonly 'bridge.dnat': { readonly outcome: 'bridged' | 'routed' | 'slow' };
  readonly 'arp.receive': {
    readonly op: 'request' | 'reply';
    readonly decision: 'answered' | 'learned' | 'ignored';
    readonly why: string;
  };
  readonly 'neigh.lookup': {
    readonly ip: string;
    readonly dev: string;
    readonly state: NudState;
    readonly mac: string | null;
    readonly outcome: 'found' | 'queued' | 'failed';
    readonly origin: Origin | null;
  };
  readonly 'fdb.lookup': {
    readonly mac: string;
    readonly dst: string | null;
    readonly origin: Origin | null;
  };

  readonly 'route.lookup': {
    readonly direction: 'input' | 'output';
    readonly dst: string;
    readonly src: string | null;
    readonly mark: number;
    readonly iif: string | null;
    readonly choice: RouteChoice;
    /** Source address that the route prefers, for locally made packets. */
    readonly prefsrc: string | null;
    /** Rules and routes that were looked at and passed over, in order, with the reason. */
    readonly passed: readonly string[];
  };
  readonly 'ip.forward': { readonly ttl: number };
  readonly 'ip.deliver': { readonly protocol: string };
  readonly 'ip.fragment': { readonly mtu: number; readonly pieces: readonly PacketId[] };
  readonly 'ip.reassemble': { readonly pieces: readonly PacketId[] };

  /** One table's base chain at one hook, walked to its verdict. */
  readonly 'nf.walk': HookDevices & {
    readonly family: Family;
    readonly hook: HookName;
    readonly table: TableName;
    readonly steps: readonly WalkStep[];
    readonly verdict: 'accept' | 'drop' | 'stolen';
    readonly markAfter: number;
    /** First step that `xtables-monitor` shows, because a TRACE rule set skb->nf_trace; null: none. */
    readonly tracedFrom: number | null;
  };
  readonly 'ct.lookup': {
    readonly hook: HookName;
    readonly entry: string | null;
    readonly state: CtState;
    readonly direction: CtDirection | null;
    /** The entry was made by this packet (not yet confirmed). */
    readonly created: boolean;
    readonly why: string | null;
  };
  readonly 'ct.confirm': { readonly entry: string };
  readonly 'nat.setup': {
    readonly manip: 'src' | 'dst';
    readonly entry: string;
    readonly from: string;
    readonly to: string;
    /** `null` binding: NAT looked at it and left it as it is, or only had to avoid a collision. */
    readonly by: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT' | 'null';
    readonly why: string | null;
  };
  readonly 'nat.rewrite': {
    readonly manip: 'src' | 'dst';
    readonly entry: string;
    readonly direction: CtDirection;
    readonly from: string;
    readonly to: string;
    /** Undoing what was done to the other direction. */
    readonly undo: boolean;
  };

  readonly 'tunnel.encap': {
    readonly kind: 'vxlan' | 'ipip';
    readonly vni: number | null;
    readonly remote: string;
  };
  readonly 'tunnel.decap': { readonly kind: 'vxlan' | 'ipip'; readonly vni: number | null };

  /** What an interface of a VPC lets pass: `source check`, `destination check`. */
  readonly 'appliance.check': {
    readonly check: string;
    readonly eni: string;
    readonly passed: boolean;
    readonly why: string;
  };
  /** A route table that is no Linux one. `target`: `local`, `blackhole`, or what the route names; null: no route. */
  readonly 'appliance.route': {
    readonly table: string;
    readonly dst: string;
    readonly route: string | null;
    readonly target: string | null;
  };
  /** A gateway put another address, or address and port, in the place of one. */
  readonly 'appliance.translate': {
    readonly manip: 'src' | 'dst';
    readonly from: string;
    readonly to: string;
    readonly why: string;
  };

  /** The kernel freed the packet: kfree_skb's reason and place. `fatal` false: bookkeeping of a packet that did its work. */
  readonly drop: {
    readonly reason: DropReason;
    /** The kernel function: `nf_hook_slow`, `ip_forward`. */
    readonly at: string;
    readonly why: string;
    readonly fatal: boolean;
  };
}
export type EventKind = keyof EventDetails;

/** Words of the kernel's `enum skb_drop_reason` (include/net/dropreason-core.h), so that dropwatch and this page agree. What is no
 *  kernel has reasons with a prefix: `vpc:NO_ROUTE`. */
export type DropReason = string;

export type TraceEvent<K extends EventKind = EventKind> = {
  [P in K]: {
    readonly kind: P;
    readonly seq: Seq;
    readonly at: Nanos;
    /** What made this happen: the previous event of the same packet, or of the packet it answers. */
    readonly cause: Seq | null;
    /** null: no packet is concerned (a timer, a command). */
    readonly packet: PacketId | null;
    /** Index into PacketRecord.revisions after this event. */
    readonly revision: number;
    readonly site: Site;
    readonly writes: readonly TableWrite[];
    readonly detail: EventDetails[P];
  };
}[K];

export type TableId =
  | 'device'
  | 'address'
  | 'route'
  | 'rule'
  | 'neigh'
  | 'fdb'
  | 'iptables'
  /** Packets and bytes of a rule, by the key of its row in `iptables`; no row: zero. */
  | 'counter'
  | 'ipset'
  | 'conntrack'
  | 'socket'
  | 'sysctl'
  /** What an appliance decides by; `section` says which part of its table. */
  | 'appliance';
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** A reversible change of one row: `before` to `after`, and back. `null`: the row does not exist. */
export interface TableWrite {
  readonly netns: string;
  readonly table: TableId;
  readonly key: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

/** A packet has exactly one. Bookkeeping drops are events without a fate. */
export type Fate =
  | { readonly kind: 'delivered'; readonly to: string }
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly seq: Seq }
  /** It did its work in the kernel: an ARP request that was answered, a reply that was learned, an echo request. */
  | { readonly kind: 'consumed'; readonly by: string }
  /** It goes on as others: fragments, or the datagram that they made. */
  | { readonly kind: 'replaced'; readonly by: readonly PacketId[] }
  /** Nobody wanted this copy (a flooded frame for somebody else). */
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'unfinished'; readonly why: string };

export interface PacketRecord {
  readonly id: PacketId;
  /** The flow of the scenario that it belongs to (its step's id), or null. */
  readonly flow: string | null;
  /** A clone's or fragment's origin. */
  readonly parent: PacketId | null;
  readonly revisions: readonly Packet[];
  readonly fate: Fate;
}

/** What there is to draw. Places of packets are (netns, dev). An appliance is among the namespaces, and its ports
 *  are its devices. */
export interface Topology {
  readonly namespaces: readonly TopologyNamespace[];
}
export interface TopologyNamespace {
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  /** The namespace of the machine it lives on, or null. */
  readonly host: string | null;
  /** It is no Linux box. */
  readonly appliance?: true;
  readonly devices: readonly TopologyDevice[];
  readonly processes: readonly string[];
  readonly origin: Origin | null;
}
export interface TopologyDevice {
  readonly name: string;
  readonly type: string;
  readonly index: number;
  readonly mac: string | null;
  readonly mtu: number;
  readonly master: string | null;
  readonly peer: Site | null;
  readonly addresses: readonly string[];
  readonly origin: Origin | null;
}

export interface Trace {
  readonly version: 1;
  readonly seed: number;
  readonly topology: Topology;
  /** State before the first event, as writes from nothing. */
  readonly tables: readonly TableWrite[];
  readonly packets: readonly PacketRecord[];
  readonly events: readonly TraceEvent[];
  /** First event of each step of the input, in order: where a flow begins. */
  readonly marks: readonly { readonly step: string; readonly seq: Seq }[];
  readonly diagnostics: readonly Diagnostic[];
  /** A budget ended the run before its work was done: which one, in a sentence. */
  readonly unfinished: string | null;
}

/** How a run is bounded. Reaching one is a fate or a diagnostic that the reader sees, never an exception or a hang. */
export interface Budgets {
  /** Devices that one packet crosses. */
  readonly hopsPerPacket: number;
  readonly eventsPerRun: number;
  readonly packetsPerRun: number;
  /** Rules looked at in the whole run. */
  readonly ruleEvaluations: number;
  /** Virtual seconds. */
  readonly seconds: number;
}
export const DEFAULT_BUDGETS: Budgets = {
  hopsPerPacket: 512,
  eventsPerRun: 100_000,
  packetsPerRun: 20_000,
  ruleEvaluations: 20_000_000,
  seconds: 600,
};
