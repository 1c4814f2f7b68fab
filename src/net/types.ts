// What the kernel keeps in memory about a network namespace's links and addresses. Mutable, private to a run.
import type { Nanos } from '../base/queue.ts';
import type { CtBinding } from '../conntrack/types.ts';
import type { NamespaceSpec, Origin } from '../network/types.ts';
import type { NudState, PacketType, RouteType, Site } from '../trace/types.ts';
import type { IpAddr, Mac, Prefix } from '../wire/addr/types.ts';
import type { Layer, PacketId } from '../wire/types.ts';
import type { Fib } from './fib/types.ts';
import type { Sysctls } from './sysctl.ts';

/** A packet plus what the kernel remembers of it and the wire does not (struct sk_buff). */
export interface Skb {
  readonly id: PacketId;
  /** Replaced, never changed in place. Starts with the Ethernet header where one was received or written. */
  layers: readonly Layer[];
  dev: Dev | null;
  packetType: PacketType;
  mark: number;
  ct: CtBinding | null;
  /** NOTRACK, and what conntrack never looks at (neighbour discovery): state UNTRACKED. */
  untracked: boolean;
  /** Conntrack zone that -j CT --zone chose. */
  ctZone: number;
  /** nf_trace: the TRACE target saw it. */
  traced: boolean;
  dst: Dst | null;
  /** Set while a bridge shows the frame to IP netfilter (struct nf_bridge_info). */
  bridge: BridgeInfo | null;
  /** Wants an ICMP redirect when it is forwarded (IPSKB_DOREDIRECT). */
  redirect: boolean;
  /** Largest piece of a datagram that conntrack put together (IPCB frag_max_size), 0 if none. */
  fragMaxSize: number;
  /** Data of each piece that it was put together from, while they still hang together (frag_list): cut again, they come out the
   *  same. */
  fragList: readonly number[];
  /** Local fragmentation is allowed although DF is set (skb->ignore_df). */
  ignoreDf: boolean;
  /** What send() of its socket fails with: netfilter dropped it before it left. */
  sendError: string | null;
  /** Payload bytes of each segment that the device cuts it into, 0 if it is one (gso_size). */
  gso: number;
  /** Socket that made it, for `-m owner` and errors; null for what is forwarded. */
  socket: string | null;
  readonly flow: string | null;
  /** Devices crossed, for the hop budget. */
  hops: number;
  /** Hash that its socket chose for the flow, or null: computed from the headers. */
  hash: number | null;
  /** The driver did not take it (NET_XMIT_DROP): whoever sends knows at once. */
  refused: boolean;
  /** It waits for a neighbour's address. */
  waiting: boolean;
  /** Tunnels entered, one in another. */
  encaps: number;
  /** Set by a tunnel device for the packet that it is about to wrap. */
  tunnel: { readonly kind: 'vxlan' | 'ipip'; readonly remote: IpAddr } | null;
}

export interface BridgeInfo {
  physin: Dev;
  physout: Dev | null;
  /** The frame passed IP PREROUTING inside the bridge: not again on the bridge device (ip_sabotage_in). */
  sabotage: boolean;
  /** Source MAC to restore after the neighbour code wrote the bridge's own (bridged DNAT, slow path). */
  savedSource: Mac | null;
  /** Destination before PREROUTING, to see whether DNAT changed it. */
  daddr: IpAddr;
  /** The frame was for another host and shown to netfilter as if for us. */
  otherhost: boolean;
  fakeRoute: boolean;
}

/** A routing decision attached to a packet (struct dst_entry). */
export interface Dst {
  readonly kind: 'local' | 'forward' | 'output' | 'error';
  readonly dev: Dev;
  /** Next hop, or null where the destination itself is on the link. */
  readonly via: IpAddr | null;
  readonly type: RouteType;
  readonly mtu: number;
  /** errno of an error route: ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL. */
  readonly error: string | null;
}

export interface IfAddr {
  readonly prefix: Prefix;
  readonly scope: 'global' | 'link' | 'host';
  /** Another address of the same network came first on this device. */
  readonly secondary: boolean;
  /** IFA_F_NOPREFIXROUTE: no route to its network comes with it. */
  readonly noprefixroute: boolean;
  readonly origin: Origin | null;
}

export interface Dev {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  mac: Mac;
  mtu: number;
  up: boolean;
  readonly ns: NetnsBase;
  /** Where events on this device happen. */
  readonly site: Site;
  master: Dev | null;
  peer: Dev | null;
  readonly addresses: IfAddr[];
  readonly bridge: BridgeState | null;
  port: PortState | null;
  readonly vxlan: VxlanState | null;
  readonly macvlan: { readonly lower: Dev; readonly mode: string } | null;
  readonly ipip: {
    readonly local: IpAddr | null;
    readonly remote: IpAddr | null;
    readonly lower: string | null;
  } | null;
  /** macvlan devices on top of this one. */
  readonly uppers: Dev[];
  /** Addresses of others that it answers for (ip neigh add proxy). */
  readonly proxyNeigh: Set<IpAddr>;
  /** Its neighbours by address, to be found; in order they stand in the namespace. */
  readonly neigh: Map<IpAddr, Neigh>;
  readonly origin: Origin | null;
}

export interface PortState {
  hairpin: boolean;
  isolated: boolean;
  /** It learns from what comes in. */
  learning: boolean;
  /** It takes frames for addresses that nobody knows. */
  flood: boolean;
}

export interface FdbEntry {
  readonly mac: Mac;
  port: Dev;
  /** One of the bridge's or a port's own addresses. */
  readonly local: boolean;
  /** Somebody put it there: it never ages and never moves. */
  readonly fixed?: boolean;
  updated: Nanos;
}
export interface BridgeState {
  /** Newest first: the order in which the kernel floods. */
  readonly ports: Dev[];
  readonly fdb: Map<Mac, FdbEntry>;
  ageing: number;
  /** Its MTU was set by hand; else it follows its ports. */
  mtuByUser: boolean;
}

export interface VxlanFdbEntry {
  readonly mac: Mac;
  readonly dst: IpAddr;
  readonly origin: Origin | null;
}
export interface VxlanState {
  readonly vni: number;
  readonly dstport: number;
  readonly local: IpAddr | null;
  readonly lower: string | null;
  readonly learning: boolean;
  readonly df: 'unset' | 'set' | 'inherit';
  readonly fdb: Map<Mac, VxlanFdbEntry[]>;
}

export interface Neigh {
  readonly ip: IpAddr;
  readonly dev: Dev;
  mac: Mac | null;
  state: NudState;
  updated: Nanos;
  confirmed: Nanos;
  used: Nanos;
  probes: number;
  queue: Skb[];
  /** A cached hardware header exists: the entry was used for output while it resolved (neigh->hh). */
  header: boolean;
  router: boolean;
  /** Timers of an older generation do nothing. */
  generation: number;
  armed: boolean;
  readonly origin: Origin | null;
}

export interface NetnsBase {
  readonly name: string;
  /** Where events that concern no device happen. */
  readonly site: Site;
  readonly spec: NamespaceSpec;
  readonly sysctl: Sysctls;
  readonly devices: Dev[];
  readonly byName: Map<string, Dev>;
  lo: Dev;
  readonly fib4: Fib;
  readonly fib6: Fib;
  /** Key: device index and address. */
  readonly neigh: Map<string, Neigh>;
  /** Learned path MTUs by destination (next-hop exceptions). */
  readonly pmtu: Map<IpAddr, number>;
  /** Better next hops that a router told of, by destination; good while the route still names the old one. Null: the destination
   *  itself is on the link. */
  readonly redirects: Map<IpAddr, { readonly from: IpAddr | null; readonly to: IpAddr | null }>;
}
