// What is on the cable: a flat list of layers, outermost first. Encapsulation prepends, decapsulation drops.
// A LayerId survives rewrites and hops: the inner IPv4 header visibly is the same header inside a VXLAN frame.
import type { Brand } from '../base/brand.ts';
import type { Ipv4, Ipv6, Mac } from './addr/types.ts';

export type PacketId = Brand<number, 'PacketId'>;
export type LayerId = Brand<number, 'LayerId'>;

export interface TcpFlags {
  readonly fin: boolean;
  readonly syn: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  readonly ack: boolean;
  readonly urg: boolean;
}

/** Bytes `left` .. `right - 1` arrived, out of order (RFC 2018). */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/** RFC 9293 section 3.2, RFC 7323 (timestamps, window scale), RFC 2018 (SACK). */
export type TcpOption =
  | { readonly kind: 'mss'; readonly value: number }
  | { readonly kind: 'sackPermitted' }
  | { readonly kind: 'sack'; readonly blocks: readonly SackBlock[] }
  | { readonly kind: 'timestamps'; readonly value: number; readonly echo: number }
  | { readonly kind: 'windowScale'; readonly shift: number }
  | { readonly kind: 'nop' }
  | { readonly kind: 'unknown'; readonly number: number; readonly bytes: readonly number[] };

/** The packet inside an ICMP error: `layers` start with its IP header; only the first `length` bytes are quoted. */
export interface Quote {
  readonly layers: readonly Layer[];
  readonly length: number;
}

export type Icmpv4Body =
  | { readonly kind: 'echo'; readonly id: number; readonly seq: number }
  | {
      readonly kind: 'error';
      /** Next-hop MTU of `fragmentation needed`, else 0 (RFC 1191). */
      readonly mtu: number;
      /** Of a redirect, else null. */
      readonly gateway: Ipv4 | null;
      readonly quoted: Quote;
    }
  | { readonly kind: 'other'; readonly rest: number };

export type Icmpv6Body =
  | { readonly kind: 'echo'; readonly id: number; readonly seq: number }
  | { readonly kind: 'error'; readonly mtu: number; readonly quoted: Quote }
  | {
      readonly kind: 'neighbourSolicitation';
      readonly target: Ipv6;
      /** Source link-layer address option. */
      readonly lladdr: Mac | null;
    }
  | {
      readonly kind: 'neighbourAdvertisement';
      readonly target: Ipv6;
      readonly router: boolean;
      readonly solicited: boolean;
      readonly override: boolean;
      /** Target link-layer address option. */
      readonly lladdr: Mac | null;
    }
  | {
      /** RFC 4861 section 4.5: `destination` is better reached by `target`, which is itself where it is on the link. */
      readonly kind: 'redirect';
      readonly target: Ipv6;
      readonly destination: Ipv6;
      /** Target link-layer address option. */
      readonly lladdr: Mac | null;
      /** Redirected header option. */
      readonly quoted: Quote;
    }
  | { readonly kind: 'other'; readonly rest: number };

/** kind -> header. Lengths and checksums are not here: they follow from the layers and are made by the emitter. */
export interface Headers {
  readonly ethernet: { readonly dst: Mac; readonly src: Mac; readonly etherType: number };
  readonly arp: {
    /** 1 request, 2 reply (RFC 826). */
    readonly op: number;
    readonly sha: Mac;
    readonly spa: Ipv4;
    readonly tha: Mac;
    readonly tpa: Ipv4;
  };
  readonly ipv4: {
    readonly src: Ipv4;
    readonly dst: Ipv4;
    readonly protocol: number;
    readonly ttl: number;
    readonly tos: number;
    readonly id: number;
    readonly df: boolean;
    /** More fragments. */
    readonly mf: boolean;
    /** Fragment offset in bytes. */
    readonly fragOffset: number;
  };
  readonly ipv6: {
    readonly src: Ipv6;
    readonly dst: Ipv6;
    readonly nextHeader: number;
    readonly hopLimit: number;
    readonly trafficClass: number;
    readonly flowLabel: number;
  };
  readonly ipv6Fragment: {
    readonly nextHeader: number;
    readonly offset: number;
    readonly mf: boolean;
    readonly id: number;
  };
  readonly icmpv4: { readonly type: number; readonly code: number; readonly body: Icmpv4Body };
  readonly icmpv6: { readonly type: number; readonly code: number; readonly body: Icmpv6Body };
  readonly tcp: {
    readonly sport: number;
    readonly dport: number;
    readonly seq: number;
    readonly ack: number;
    readonly flags: TcpFlags;
    readonly window: number;
    readonly options: readonly TcpOption[];
  };
  readonly udp: { readonly sport: number; readonly dport: number };
  readonly vxlan: { readonly flags: number; readonly vni: number };
  /** A piece of a datagram: bytes `offset` .. `offset + length` of the emitted layers `of` (what followed the IP header). */
  readonly fragment: {
    readonly of: readonly Layer[];
    readonly offset: number;
    readonly length: number;
  };
  /** `length` bytes: `head` as Latin-1, the rest full stops. */
  readonly payload: { readonly length: number; readonly head: string };
}
export type LayerKind = keyof Headers;
export type Layer<K extends LayerKind = LayerKind> = {
  [P in K]: { readonly kind: P; readonly id: LayerId; readonly header: Headers[P] };
}[K];

export interface Packet {
  readonly layers: readonly Layer[];
}

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
export const IPPROTO = { icmp: 1, ipip: 4, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** `bits` bits from bit `bit` of a header on; bit 0 is the most significant of the first byte, as RFC pictures count. */
export interface BitRange {
  readonly bit: number;
  readonly bits: number;
}

/** One row a header field. Drives the byte view, the inspector and the diff. */
export interface FieldSpec<H> {
  readonly key: string;
  /** Wireshark's label: `Time to Live`. */
  readonly label: string;
  /** Wireshark's display filter name: `ip.ttl`. */
  readonly filter: string;
  /** Follows from the rest of the packet and is made by the emitter: lengths, checksums, constants. */
  readonly derived: boolean;
  /** Where it stands in the header, or null where this header has no such field (an MTU in an echo). */
  place(header: H): BitRange | null;
  /** `own` are the emitted bytes of the header: derived fields are read from there. */
  format(header: H, own: Uint8Array): string;
}

export interface FieldChange {
  readonly layer: LayerId;
  readonly kind: LayerKind;
  /** FieldSpec.key, or `layer` where the whole layer came or went. */
  readonly field: string;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

export type WireError =
  | { readonly kind: 'truncated'; readonly need: number; readonly have: number }
  | { readonly kind: 'malformed'; readonly field: string; readonly reason: string };
