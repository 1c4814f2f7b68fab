// A plain Linux network as a document: the input of the engine and the output of the Kubernetes compiler. Its vocabulary is that
// of iproute2, sysctl, iptables-save and the recordings of a real kernel (a recording's `topology` is a LinuxNetwork as it stands).
// Addresses are text, so that it is JSON. The engine knows nothing else of the world, and nothing of Kubernetes.
import type { ApplianceSpec } from './appliances.ts';

/** Who put this here, for which object, and the command that an operator would type: the answer to "why does it exist?". */
export interface Origin {
  /** `kernel`, `kube-proxy`, `flannel`, `kubelet`, `containerd`, ... */
  readonly component: string;
  /** `Service default/web`, `Pod default/client`, or null. */
  readonly object: string | null;
  readonly command: string | null;
}

export interface LinuxNetwork {
  /** Order matters: devices get their index, and bridges their ports, in this order. */
  readonly namespaces: readonly NamespaceSpec[];
  /** Routers and gateways that are no Linux box. */
  readonly appliances?: readonly ApplianceSpec[];
  /** Sentences about what the compiler could not model; shown to the reader. */
  readonly notes?: readonly string[];
}

export interface NamespaceSpec {
  readonly name: string;
  /** A hint for the picture only: `node`, `pod`, `switch`, `router`, `gateway`, `internet`, `host`. */
  readonly kind: string;
  /** What a reader calls it: `Pod default/client`. Default: the name. */
  readonly label?: string;
  /** The namespace of the machine it lives on (a pod's node). For the picture only. */
  readonly host?: string;
  /** `net.ipv4.ip_forward` -> `1`. What is not named has the default of Linux 6.18 in a new network namespace. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly devices: readonly DeviceSpec[];
  readonly routes?: readonly RouteSpec[];
  readonly rules?: readonly PolicyRuleSpec[];
  readonly neigh?: readonly NeighSpec[];
  readonly fdb?: readonly FdbSpec[];
  readonly ipsets?: readonly IpsetSpec[];
  /** Text for iptables-restore. No key: no table was ever loaded in that namespace. */
  readonly iptables?: { readonly ipv4?: string; readonly ipv6?: string };
  /** Origins of iptables rules, by family and line number (from 1) of the text. */
  readonly ruleOrigins?: {
    readonly ipv4?: Readonly<Record<string, Origin>>;
    readonly ipv6?: Readonly<Record<string, Origin>>;
  };
  readonly listeners?: readonly ListenerSpec[];
  readonly origin?: Origin;
}

export type DeviceType = 'loopback' | 'veth' | 'bridge' | 'vxlan' | 'macvlan' | 'dummy' | 'ipip';

export interface DeviceSpec {
  readonly name: string;
  readonly type: DeviceType;
  readonly mac?: string;
  readonly mtu?: number;
  /** Default true. */
  readonly up?: boolean;
  /** CIDR texts: `10.244.1.5/24`. */
  readonly addresses?: readonly (string | AddressSpec)[];
  readonly peer?: { readonly ns: string; readonly dev: string };
  readonly bridge?: { readonly stp?: boolean };
  readonly vxlan?: {
    readonly vni: number;
    readonly dstport: number;
    readonly local?: string;
    readonly dev?: string;
    readonly learning?: boolean;
    readonly df?: 'unset' | 'set' | 'inherit';
  };
  readonly ipip?: { readonly local?: string; readonly remote?: string; readonly dev?: string };
  readonly lower?: { readonly ns: string; readonly dev: string };
  readonly mode?: string;
  /** The bridge that it is a port of. */
  readonly master?: string;
  readonly bridge_port?: {
    readonly hairpin?: boolean;
    readonly isolated?: boolean;
    readonly learning?: boolean;
    readonly flood?: boolean;
  };
  readonly origin?: Origin;
}

export interface AddressSpec {
  readonly cidr: string;
  readonly scope?: string;
  /** The kernel makes no route to the address's network. */
  readonly noprefixroute?: boolean;
  readonly origin?: Origin;
}

export interface RouteSpec {
  /** CIDR or `default`. */
  readonly dst: string;
  readonly via?: string;
  readonly dev?: string;
  readonly src?: string;
  readonly scope?: string;
  /** Name or number; default `main`. */
  readonly table?: string | number;
  readonly metric?: number;
  readonly mtu?: number;
  readonly onlink?: boolean;
  readonly type?: string;
  /** `kernel`, `static`, `bird`, 80, ...: for the picture only. */
  readonly proto?: string | number;
  readonly origin?: Origin;
}

export interface PolicyRuleSpec {
  readonly priority: number;
  readonly from?: string;
  readonly to?: string;
  /** `value/mask`, e.g. `0x80/0x80`. */
  readonly fwmark?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly not?: boolean;
  readonly lookup: string | number;
  readonly origin?: Origin;
}

export interface NeighSpec {
  readonly ip: string;
  readonly dev: string;
  readonly mac?: string;
  /** `permanent`, `stale`, `reachable`, ...; default permanent. */
  readonly state?: string;
  readonly proxy?: boolean;
  readonly origin?: Origin;
}

export interface FdbSpec {
  readonly mac: string;
  readonly dev: string;
  /** The remote VTEP, for a vxlan device. */
  readonly dst?: string;
  readonly flags?: string;
  readonly origin?: Origin;
}

export interface IpsetSpec {
  readonly name: string;
  readonly type: string;
  readonly family?: string;
  readonly entries: readonly string[];
  readonly origin?: Origin;
}

export interface ListenerSpec {
  readonly proto: string;
  readonly addr?: string;
  readonly port: number;
  readonly name?: string;
  readonly response_bytes?: number;
  /** What it answers, as text; default a line that names the listener. */
  readonly response?: string;
  /** The process, for the picture: `nginx`. */
  readonly process?: string;
  readonly origin?: Origin;
}

// --- what happens in it ---------------------------------------------------------------------------

export type StepSpec = FlowSpec | ExecSpec | SleepSpec;

/** A client opens a flow and waits for its result. Times are those of SCHEMA.md unless given. */
export interface FlowSpec {
  readonly do: 'flow';
  readonly id: string;
  /** `tcp`, `udp`, `icmp`, `raw-tcp`. With `parallel` it is only a hint. */
  readonly proto?: string;
  readonly ns?: string;
  readonly src?: string;
  readonly sport?: number;
  readonly dst?: string;
  readonly dport?: number;
  readonly request_bytes?: number;
  readonly expect_bytes?: number;
  readonly timeout_ms?: number;
  readonly settle_ms?: number;
  readonly ttl?: number;
  readonly pmtudisc?: number;
  readonly count?: number;
  readonly connect?: boolean;
  readonly icmp_id?: number;
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly payload?: string;
  readonly inject?: readonly InjectSpec[];
  readonly parallel?: readonly Omit<FlowSpec, 'do'>[];
  readonly stagger_ms?: number;
  readonly setup?: boolean;
  /** What the client says, as text; default a plain request line. */
  readonly request?: string;
  /** The process, for the picture: `curl`. */
  readonly process?: string;
  /** What a person typed: `curl http://web`. */
  readonly command?: string;
}

/** A crafted segment after the response: the last one that the namespace sent, shifted. */
export interface InjectSpec {
  readonly ns: string;
  readonly dev?: string;
  readonly flags: string;
  readonly seq_delta?: number;
  readonly ack_delta?: number;
  readonly payload?: string;
}

/** A change between flows, as a command line (`ip`, `sysctl`, `iptables`, ...). */
export interface ExecSpec {
  readonly do: 'exec';
  readonly ns: string;
  readonly cmd: string;
}

export interface SleepSpec {
  readonly do: 'sleep';
  readonly ms: number;
}

/** What the client process of a flow saw, in the recordings' form. */
export interface FlowResult {
  result?: string;
  served_by?: string | null;
  error?: string;
  stage?: string;
  response_bytes?: number;
  answer_from?: string;
  icmp_type?: number;
  icmp_code?: number;
  after_inject?: string;
}
