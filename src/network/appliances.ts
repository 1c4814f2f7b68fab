// What is no Linux box and still decides about packets: routers and gateways of a cloud's network. Each is a small table of its own
// kind. Appliances stand beside namespaces in the document; their ports are the other ends of veth devices, or of each other.
import type { Origin } from './types.ts';

/** kind -> its table. To add one: a line here, then a driver (src/appliance). */
export interface ApplianceSpecs {
  readonly 'vpc-router': VpcRouterSpec;
  readonly 'internet-gateway': InternetGatewaySpec;
  readonly 'nat-gateway': NatGatewaySpec;
}
export type ApplianceKind = keyof ApplianceSpecs;
export type ApplianceSpec = ApplianceSpecs[ApplianceKind];

interface Named<K extends ApplianceKind> {
  readonly kind: K;
  /** Unique among namespaces and appliances. */
  readonly name: string;
  /** What a reader calls it. Default: the name. */
  readonly label?: string;
  readonly origin?: Origin;
}

/** A place to plug a device in. */
export interface PortSpec {
  readonly name: string;
  /** The device, or the port of another appliance, at the other end of the cable. */
  readonly peer: { readonly ns: string; readonly dev: string };
  readonly mtu?: number;
}

/**
 * The implicit router of an AWS VPC, and the fabric that carries frames between elastic network interfaces (ENIs). Route tables hold
 * what an operator added; a `local` route for each CIDR of the VPC is always there.
 */
export interface VpcRouterSpec extends Named<'vpc-router'> {
  readonly cidrs: readonly string[];
  readonly subnets: readonly VpcSubnetSpec[];
  readonly routeTables: readonly {
    readonly name: string;
    readonly routes: readonly VpcRouteSpec[];
  }[];
  readonly enis: readonly EniSpec[];
  readonly securityGroups?: readonly SecurityGroupSpec[];
  /** Cables to gateways that are no ENI: an internet gateway. */
  readonly gateways?: readonly PortSpec[];
}

export interface VpcSubnetSpec {
  readonly name: string;
  readonly cidr: string;
  readonly routeTable: string;
  /** MAC address of the router in it, whose IP address is the first one of the subnet. */
  readonly mac: string;
}

export interface VpcRouteSpec {
  readonly dst: string;
  /** Name of an ENI or of a gateway, or `blackhole` (what it named is gone). */
  readonly target: string;
}

export interface EniSpec extends PortSpec {
  readonly subnet: string;
  readonly mac: string;
  /** Private addresses, the primary one first, and delegated prefixes: `10.0.1.11`, `10.0.1.16/28`. */
  readonly addresses: readonly string[];
  /** Names of groups: what one of them allows may pass. Default: nothing is checked. */
  readonly securityGroups?: readonly string[];
  /** Default true: it sends from and receives for its own addresses only. */
  readonly sourceDestCheck?: boolean;
}

/** What may come in and go out by the interfaces that have it. It only allows, and answers to what has passed always pass. */
export interface SecurityGroupSpec {
  readonly name: string;
  readonly ingress: readonly SecurityRuleSpec[];
  /** Default: everything. */
  readonly egress?: readonly SecurityRuleSpec[];
}

export interface SecurityRuleSpec {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'all';
  /** Destination ports of TCP and UDP: `80`, `30000-32767`. Default: all. */
  readonly ports?: string;
  /** The other end: a range, or the name of a group, which stands for the addresses of its interfaces. */
  readonly peer: string;
}

/** 1:1 NAT between private and public addresses, without memory of connections. */
export interface InternetGatewaySpec extends Named<'internet-gateway'> {
  readonly inside: PortSpec & { readonly mac: string };
  readonly outside: PortSpec & {
    readonly mac: string;
    /** Where the router at the other end may point its routes; it is answered for, as every public address is. */
    readonly address?: string;
  };
  readonly addresses: readonly { readonly private: string; readonly public: string }[];
}

/** Many sources behind one address, by port; connections from within only. It is an ENI of a public subnet. */
export interface NatGatewaySpec extends Named<'nat-gateway'> {
  readonly port: PortSpec & { readonly mac: string };
  /** Its private address: the source of what it sends. */
  readonly address: string;
}
