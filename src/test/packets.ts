// Arbitrary packets for property tests of the wire layer: every kind of header, nested as the kernel nests them,
// in the one form that bytes can tell (payload heads without full stops at the end, ids from 1 up).
import fc from 'fast-check';
import type { Ipv4, Ipv6, Mac } from '../wire/addr/types.ts';
import { byteLength } from '../wire/length.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, IPPROTO } from '../wire/types.ts';
import type { Headers, Layer, LayerId, LayerKind, Packet, TcpOption } from '../wire/types.ts';

export const VXLAN_PORT = 8472;

/** A layer that has no id yet: ids are given in the order in which the parser meets the layers. */
interface Draft {
  readonly kind: LayerKind;
  readonly header: unknown;
}
type Drafts = readonly Draft[];

const u8 = fc.nat({ max: 0xff });
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffffffff });
export const anyIpv4 = u32.map((n) => n as Ipv4);
export const anyIpv6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((n) => n as Ipv6);
export const anyMac = fc.nat({ max: 0xffffffffffff }).map((n) => n as Mac);

const draft = <K extends LayerKind>(kind: K, header: Headers[K]): Draft => ({ kind, header });

const data: fc.Arbitrary<Drafts> = fc
  .option(
    fc.record({ text: fc.uint8Array({ minLength: 1, maxLength: 40 }), more: fc.nat({ max: 60 }) }),
  )
  .map((value) => {
    if (value === null) return [];
    const head = String.fromCharCode(...value.text).replace(/\.+$/, '');
    return [draft('payload', { length: value.text.length + value.more, head })];
  });

const tcpOption: fc.Arbitrary<TcpOption> = fc.oneof(
  u16.map((value) => ({ kind: 'mss', value }) as const),
  fc.constant({ kind: 'sackPermitted' } as const),
  fc.record({ kind: fc.constant('timestamps' as const), value: u32, echo: u32 }),
  fc.nat({ max: 14 }).map((shift) => ({ kind: 'windowScale', shift }) as const),
  fc.constant({ kind: 'nop' } as const),
  fc.record({
    kind: fc.constant('unknown' as const),
    number: fc.integer({ min: 19, max: 254 }),
    bytes: fc.array(u8, { maxLength: 4 }),
  }),
);

const tcp = fc
  .record({
    sport: u16,
    dport: u16,
    seq: u32,
    ack: u32,
    flags: fc.record({
      fin: fc.boolean(),
      syn: fc.boolean(),
      rst: fc.boolean(),
      psh: fc.boolean(),
      ack: fc.boolean(),
      urg: fc.boolean(),
    }),
    window: u16,
    options: fc.array(tcpOption, { maxLength: 4 }),
  })
  .map((header) => draft('tcp', header));

const udp = fc
  .record({ sport: u16, dport: u16.filter((port) => port !== VXLAN_PORT) })
  .map((header) => draft('udp', header));

const segment = fc
  .tuple(fc.oneof(tcp, udp), data)
  .map(([transport, rest]): Drafts => [transport, ...rest]);

const protocolOf = (inner: Drafts): number => {
  const kind = inner[0]?.kind;
  if (kind === 'tcp' || kind === 'udp') return IPPROTO[kind];
  if (kind === 'icmpv4') return IPPROTO.icmp;
  if (kind === 'icmpv6') return IPPROTO.icmpv6;
  return kind === 'ipv4' ? IPPROTO.ipip : 253;
};

const ipv4Over = (inner: fc.Arbitrary<Drafts>): fc.Arbitrary<Drafts> =>
  fc
    .record({
      src: anyIpv4,
      dst: anyIpv4,
      ttl: u8,
      tos: u8,
      id: u16,
      df: fc.boolean(),
      inner,
    })
    .map(({ inner: rest, ...header }) => [
      draft('ipv4', { ...header, protocol: protocolOf(rest), mf: false, fragOffset: 0 }),
      ...rest,
    ]);

const ipv6Over = (inner: fc.Arbitrary<Drafts>): fc.Arbitrary<Drafts> =>
  fc
    .record({
      src: anyIpv6,
      dst: anyIpv6,
      hopLimit: u8,
      trafficClass: u8,
      flowLabel: fc.nat({ max: 0xfffff }),
      atomic: fc.option(u32),
      inner,
    })
    .map(({ inner: rest, atomic, ...header }) => {
      const nextHeader = protocolOf(rest);
      if (atomic === null) return [draft('ipv6', { ...header, nextHeader }), ...rest];
      const fragment = { nextHeader, offset: 0, mf: false, id: atomic };
      return [
        draft('ipv6', { ...header, nextHeader: 44 }),
        draft('ipv6Fragment', fragment),
        ...rest,
      ];
    });

/** A whole packet quoted to its end: what a cut leaves out cannot come back. */
const quoteOf = (drafts: Drafts): Headers['icmpv4']['body'] & { kind: 'error' } => ({
  kind: 'error',
  mtu: 0,
  gateway: null,
  quoted: { layers: drafts as unknown as readonly Layer[], length: byteLength(drafts as never) },
});

const echo = fc.record({ kind: fc.constant('echo' as const), id: u16, seq: u16 });

const icmpv4: fc.Arbitrary<Drafts> = fc.oneof(
  fc
    .tuple(fc.constantFrom(0, 8), echo, data)
    .map(([type, body, rest]) => [draft('icmpv4', { type, code: 0, body }), ...rest]),
  fc
    .tuple(fc.constantFrom(3, 11), u8, u16, ipv4Over(segment))
    .map(([type, code, mtu, quoted]) => [
      draft('icmpv4', { type, code, body: { ...quoteOf(quoted), mtu } }),
    ]),
  fc
    .tuple(anyIpv4, ipv4Over(segment))
    .map(([gateway, quoted]) => [
      draft('icmpv4', { type: 5, code: 1, body: { ...quoteOf(quoted), gateway } }),
    ]),
  u32.map((rest) => [draft('icmpv4', { type: 13, code: 0, body: { kind: 'other', rest } })]),
);

const icmpv6: fc.Arbitrary<Drafts> = fc.oneof(
  fc
    .tuple(fc.constantFrom(128, 129), echo, data)
    .map(([type, body, rest]) => [draft('icmpv6', { type, code: 0, body }), ...rest]),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4), u8, u32, ipv6Over(segment))
    .map(([type, code, mtu, quoted]) => [
      draft('icmpv6', {
        type,
        code,
        body: { kind: 'error', mtu, quoted: quoteOf(quoted).quoted },
      }),
    ]),
  fc
    .tuple(anyIpv6, anyIpv6, fc.option(anyMac), ipv6Over(segment).map(quoteOf))
    // Options are counted in units of eight bytes; what is over is cut off.
    .filter(([, , , { quoted }]) => quoted.length % 8 === 0)
    .map(([target, destination, lladdr, { quoted }]) => {
      const body = { kind: 'redirect' as const, target, destination, lladdr, quoted };
      return [draft('icmpv6', { type: 137, code: 0, body })];
    }),
  fc.tuple(anyIpv6, fc.option(anyMac)).map(([target, lladdr]) => [
    draft('icmpv6', {
      type: 135,
      code: 0,
      body: { kind: 'neighbourSolicitation', target, lladdr },
    }),
  ]),
  fc
    .record({
      kind: fc.constant('neighbourAdvertisement' as const),
      target: anyIpv6,
      router: fc.boolean(),
      solicited: fc.boolean(),
      override: fc.boolean(),
      lladdr: fc.option(anyMac),
    })
    .map((body) => [draft('icmpv6', { type: 136, code: 0, body })]),
);

const ip: fc.Arbitrary<Drafts> = fc.oneof(
  ipv4Over(fc.oneof(segment, icmpv4, data, ipv4Over(segment))),
  ipv6Over(fc.oneof(segment, icmpv6, data)),
);

const arp: fc.Arbitrary<Drafts> = fc
  .record({ op: u16, sha: anyMac, spa: anyIpv4, tha: anyMac, tpa: anyIpv4 })
  .map((header) => [draft('arp', header)]);

const frameOver = (inner: fc.Arbitrary<Drafts>): fc.Arbitrary<Drafts> =>
  fc.tuple(anyMac, anyMac, inner).map(([dst, src, rest]) => {
    const types: Partial<Record<LayerKind, number>> = {
      arp: ETH_P_ARP,
      ipv4: ETH_P_IP,
      ipv6: ETH_P_IPV6,
    };
    const kind = rest[0]?.kind ?? 'payload';
    return [draft('ethernet', { dst, src, etherType: types[kind] ?? 0x88b5 }), ...rest];
  });

const vxlan: fc.Arbitrary<Drafts> = fc
  .tuple(u16, u8, fc.nat({ max: 0xffffff }), frameOver(fc.oneof(arp, ip)))
  .map(([sport, flags, vni, inner]) => [
    draft('udp', { sport, dport: VXLAN_PORT }),
    draft('vxlan', { flags, vni }),
    ...inner,
  ]);

/** The parser counts a quoted layer before the header that quotes it. */
function numbered(drafts: Drafts, next: { id: number }): readonly Layer[] {
  return drafts.map(({ kind, header }) => {
    const body = (header as { body?: { quoted?: { layers: Drafts; length: number } } }).body;
    const whole =
      body?.quoted !== undefined
        ? {
            ...(header as object),
            body: {
              ...body,
              quoted: { ...body.quoted, layers: numbered(body.quoted.layers, next) },
            },
          }
        : header;
    return { kind, id: next.id++ as LayerId, header: whole } as Layer;
  });
}

export const anyFrame: fc.Arbitrary<Packet> = frameOver(
  fc.oneof(arp, data, ip, ipv4Over(vxlan), ipv6Over(vxlan)),
).map((drafts) => ({ layers: numbered(drafts, { id: 1 }) }));
