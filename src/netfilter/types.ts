// The contract of the rule engine. Rules are values parsed from iptables-save text; a walk of one base chain is a pure-looking
// function of (table, view): it reads the packet through NfView and acts on it through NfActions, which the kernel layer provides.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Nanos } from '../base/queue.ts';
import type { CtBinding } from '../conntrack/types.ts';
import type { Origin } from '../network/types.ts';
import type {
  Family,
  HookDevices,
  HookName,
  PacketType,
  RouteType,
  TableName,
  TableWrite,
  WalkStep,
} from '../trace/types.ts';
import type { IpAddr, Mac, Prefix } from '../wire/addr/types.ts';
import type { Layer } from '../wire/types.ts';
import type { Facts } from './facts.ts';

/** Everything a match may look at. Nothing here can be written through it. */
export interface NfView extends HookDevices {
  /** The namespace whose rules these are. */
  readonly netns: string;
  readonly family: Family;
  readonly hook: HookName;
  readonly table: TableName;
  /** From the IP header inward: `layers[0]` is ipv4 or ipv6. */
  readonly layers: readonly Layer[];
  /** The same, read into plain numbers. */
  readonly facts: Facts;
  /** Bytes from the IP header on (skb->len), what byte counters count. */
  readonly length: number;
  /** Source of the Ethernet header that brought it, or null for a locally made packet. */
  readonly srcMac: Mac | null;
  /** skb->pkt_type; `loopback` for a packet that came over lo. */
  readonly packetType: PacketType | 'loopback';
  readonly mark: number;
  /** null: not tracked (no conntrack in this namespace, INVALID, or NOTRACK; `ctState` tells which). */
  readonly ct: CtBinding | null;
  /** What `-m conntrack --ctstate` sees. */
  readonly ctState: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';
  readonly now: Nanos;
  /** Route type of an address for `-m addrtype`; `dev` limits LOCAL to that device's addresses. */
  addrType(addr: IpAddr, dev: string | null): RouteType;
  /** Does the reverse path of the packet lead out of its ingress device? (`-m rpfilter`) */
  reversePath(options: {
    readonly loose: boolean;
    readonly validMark: boolean;
    readonly acceptLocal: boolean;
  }): boolean;
  /** The smaller of the MTUs of the packet's route and of the way back (`TCPMSS --clamp-mss-to-pmtu`). */
  pathMtu(): number;
  /** A u32 from the stream of that name; the engine forces outcomes by naming streams. */
  random(stream: string): number;
  /** The uid and gid of the sending socket, or null for a forwarded packet. */
  owner(): { readonly uid: number; readonly gid: number } | null;
}

/** What a range of NAT may choose from (struct nf_nat_range2). `null` addresses: keep. */
export interface NatRange {
  readonly manip: 'src' | 'dst';
  readonly by: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT';
  readonly minAddr: IpAddr | null;
  readonly maxAddr: IpAddr | null;
  readonly minPort: number | null;
  readonly maxPort: number | null;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

/** What a target may do. Each call acts on the packet of the view at once. */
export interface NfActions {
  setMark(mark: number): void;
  setCtMark(mark: number): void;
  /** -j CT --notrack / NOTRACK. */
  untrack(): void;
  /** -j CT --zone: conntrack looks the packet up in that zone. */
  ctZone(zone: number): void;
  /** nf_nat_setup_info: chooses and records the new tuple. 'drop' where no free port was found. */
  nat(range: NatRange): 'accept' | 'drop';
  /** Sends the ICMP error or RST. `with` as in the rule: `icmp-port-unreachable`, `tcp-reset`, ... */
  reject(kind: string): void;
  /** Replaces the layers from the IP header inward (TCPMSS, TTL, ...). */
  mangle(layers: readonly Layer[]): void;
  /** The TRACE target: skb->nf_trace = 1. */
  trace(): void;
  log(prefix: string): void;
}

/** A match that was parsed. `spec` is the module's own. */
export interface MatchInstance {
  /** The word after `-m`. */
  readonly name: string;
  readonly spec: unknown;
}
export interface TargetInstance {
  /** The word after `-j`: an extension's name, ACCEPT, DROP, RETURN, or a chain. */
  readonly name: string;
  readonly kind: 'verdict' | 'jump' | 'goto' | 'extension';
  readonly spec: unknown;
}

/** `ipt_entry` head: what `-s -d -i -o -p -f` said. */
export interface RuleHeader {
  readonly src: Prefix | null;
  readonly srcInvert: boolean;
  readonly dst: Prefix | null;
  readonly dstInvert: boolean;
  /** `eth0`, or a prefix with `+`: `veth+`. */
  readonly in: string | null;
  readonly inInvert: boolean;
  readonly out: string | null;
  readonly outInvert: boolean;
  /** IP protocol number, 0 or null for any. */
  readonly protocol: number | null;
  readonly protocolInvert: boolean;
  /** `-f`: true, `! -f`: false, null: not asked. */
  readonly fragment: boolean | null;
}

export interface Rule {
  readonly header: RuleHeader;
  readonly matches: readonly MatchInstance[];
  readonly target: TargetInstance | null;
  /** Line of the text it came from (from 1), or null. */
  readonly line: number | null;
  readonly origin: Origin | null;
  /** Counters in the text (`[1:60]` of iptables-save -c), else zero. */
  readonly packets: number;
  readonly bytes: number;
}
export interface Chain {
  readonly name: string;
  /** Base chains have a policy; user chains null. */
  readonly policy: 'ACCEPT' | 'DROP' | null;
  readonly packets: number;
  readonly bytes: number;
  readonly rules: readonly Rule[];
}
export interface Table {
  readonly name: TableName;
  /** In the order in which iptables-save prints them: built-in in hook order, then user chains by name (strcmp). */
  readonly chains: readonly Chain[];
}
export interface Ruleset {
  readonly family: Family;
  readonly tables: readonly Table[];
}
/** What parsing gives: always a ruleset (of all that was understood), and what was not, line by line. */
export interface ParsedSave {
  readonly ruleset: Ruleset;
  readonly diagnostics: readonly Diagnostic[];
}

export interface WalkResult {
  /** 'stolen': a target took the packet (REJECT sends and drops: that is 'drop'). */
  readonly verdict: 'accept' | 'drop' | 'stolen';
  /** For 'drop': which rule or policy did it, as text for the reader. */
  readonly by: string | null;
  readonly steps: readonly WalkStep[];
  /** The counters that it moved, for whoever keeps the list. */
  readonly counted: TableWrite[];
}
