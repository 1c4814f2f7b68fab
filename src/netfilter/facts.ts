// What a rule looks at, read once from a packet's layers into plain numbers (the kernel's struct xt_action_param:
// fragoff, thoff). IPv6 addresses are split into four words, so that both families compare words under a mask.
// Simplified: of IPv6 extension headers only the fragment header exists.
import type { IpAddr } from '../wire/addr/types.ts';
import type { Layer } from '../wire/types.ts';

export interface Facts {
  readonly layers: readonly Layer[];
  readonly src: IpAddr;
  readonly dst: IpAddr;
  /** The same as words, most significant first; IPv4 uses the first one only. Signed. */
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
  readonly d0: number;
  readonly d1: number;
  readonly d2: number;
  readonly d3: number;
  readonly protocol: number;
  /** As the kernel's acpar.fragoff: in units of 8 bytes for IPv4, in bytes for IPv6. */
  readonly fragOffset: number;
  readonly ttl: number;
  /** The TCP, UDP or ICMP header, if the packet has one. */
  readonly transport: Layer | null;
  /** -1 where there are no ports. */
  readonly sport: number;
  readonly dport: number;
  /** A match found a header that cannot be: the packet is dropped (acpar.hotdrop). */
  hotdrop: boolean;
}

const word = (addr: bigint, shift: bigint): number => Number((addr >> shift) & 0xffffffffn) | 0;

const TRANSPORT: ReadonlySet<string> = new Set(['tcp', 'udp', 'icmpv4', 'icmpv6']);

/** The transport header behind the IP header, also where it is the start of a fragment. */
function transportOf(layer: Layer | undefined): Layer | null {
  if (layer === undefined) return null;
  if (layer.kind === 'fragment')
    return layer.header.offset === 0 ? transportOf(layer.header.of[0]) : null;
  return TRANSPORT.has(layer.kind) ? layer : null;
}

const NO_ADDR = 0 as IpAddr;

export function factsOf(layers: readonly Layer[]): Facts {
  const ip = layers[0];
  if (ip?.kind === 'ipv4') {
    const h = ip.header;
    const transport = h.fragOffset === 0 ? transportOf(layers[1]) : null;
    const ports = transport?.kind === 'tcp' || transport?.kind === 'udp' ? transport.header : null;
    return {
      layers,
      src: h.src,
      dst: h.dst,
      s0: h.src | 0,
      s1: 0,
      s2: 0,
      s3: 0,
      d0: h.dst | 0,
      d1: 0,
      d2: 0,
      d3: 0,
      protocol: h.protocol,
      fragOffset: h.fragOffset >> 3,
      ttl: h.ttl,
      transport,
      sport: ports?.sport ?? -1,
      dport: ports?.dport ?? -1,
      hotdrop: false,
    };
  }
  const six = ip?.kind === 'ipv6' ? ip.header : null;
  const frag = layers[1]?.kind === 'ipv6Fragment' ? layers[1].header : null;
  const transport =
    frag !== null && frag.offset !== 0 ? null : transportOf(layers[frag === null ? 1 : 2]);
  const ports = transport?.kind === 'tcp' || transport?.kind === 'udp' ? transport.header : null;
  const src = six?.src ?? 0n;
  const dst = six?.dst ?? 0n;
  return {
    layers,
    src: six?.src ?? NO_ADDR,
    dst: six?.dst ?? NO_ADDR,
    s0: word(src, 96n),
    s1: word(src, 64n),
    s2: word(src, 32n),
    s3: word(src, 0n),
    d0: word(dst, 96n),
    d1: word(dst, 64n),
    d2: word(dst, 32n),
    d3: word(dst, 0n),
    protocol: frag?.nextHeader ?? six?.nextHeader ?? 0,
    fragOffset: frag === null ? 0 : frag.offset,
    ttl: six?.hopLimit ?? 0,
    transport,
    sport: ports?.sport ?? -1,
    dport: ports?.dport ?? -1,
    hotdrop: false,
  };
}
