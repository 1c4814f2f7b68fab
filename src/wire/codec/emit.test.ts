// Frames built by hand from what the capture says, not by parsing it: parser and emitter cannot agree on a mistake.
import { describe, expect, it } from 'vitest';
import { FRAGMENTS, FRAMES, vectorBytes } from '../../test/vectors/frames.ts';
import { parseAddr } from '../addr/ip.ts';
import { parseMac } from '../addr/mac.ts';
import type { Ipv4, Ipv6, Mac } from '../addr/types.ts';
import { summarize } from '../summary.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../types.ts';
import type { Headers, Layer, LayerId, LayerKind, TcpFlags } from '../types.ts';
import { emitPacket } from './emit.ts';

const id = 1 as LayerId;
const layer = <K extends LayerKind>(kind: K, header: Headers[K]): Layer =>
  ({ kind, id, header }) as unknown as Layer;
const v4 = (text: string): Ipv4 => parseAddr(text) as Ipv4;
const v6 = (text: string): Ipv6 => parseAddr(text) as Ipv6;
const mac = (text: string): Mac => parseMac(text)!;
const A = mac('96:89:36:7f:12:9b');
const B = mac('ea:f2:8f:a1:84:d7');
const captured = (name: string): Uint8Array =>
  vectorBytes([...FRAMES, ...FRAGMENTS].find((v) => v.name === name)!.bytes);
const eth = (src: Mac, dst: Mac, etherType = ETH_P_IP): Layer =>
  layer('ethernet', { dst, src, etherType });
const ip = (src: string, dst: string, rest: Partial<Headers['ipv4']>): Layer =>
  layer('ipv4', {
    src: v4(src),
    dst: v4(dst),
    protocol: 17,
    ttl: 64,
    tos: 0,
    id: 0,
    df: false,
    mf: false,
    fragOffset: 0,
    ...rest,
  });
const flags = (text: string): TcpFlags => ({
  fin: text.includes('F'),
  syn: text.includes('S'),
  rst: text.includes('R'),
  psh: text.includes('P'),
  ack: text.includes('A'),
  urg: text.includes('U'),
});

describe('emit', () => {
  it('a SYN with the options of Linux', () => {
    const bytes = emitPacket({
      layers: [
        eth(A, B),
        ip('172.18.0.2', '172.18.0.3', { protocol: 6, id: 0x7a90, df: true }),
        layer('tcp', {
          sport: 43232,
          dport: 8080,
          seq: 2922379710,
          ack: 0,
          flags: flags('S'),
          window: 64240,
          options: [
            { kind: 'mss', value: 1460 },
            { kind: 'sackPermitted' },
            { kind: 'timestamps', value: 445151887, echo: 0 },
            { kind: 'nop' },
            { kind: 'windowScale', shift: 10 },
          ],
        }),
      ],
    });
    expect(bytes).toEqual(captured('TCP SYN with options'));
  });

  it('fragmentation needed: 548 bytes of the quoted packet, which is as it was', () => {
    const quoted = {
      layers: [
        ip('172.18.0.2', '172.19.0.3', { id: 0xd948, df: true }),
        layer('udp', { sport: 38194, dport: 9999 }),
        layer('payload', { length: 1450, head: 'y'.repeat(1450) }),
      ],
      length: 548,
    };
    const bytes = emitPacket({
      layers: [
        eth(B, A),
        ip('172.18.0.3', '172.18.0.2', { protocol: 1, tos: 0xc0, id: 0x8a6a }),
        layer('icmpv4', {
          type: 3,
          code: 4,
          body: { kind: 'error', mtu: 1400, gateway: null, quoted },
        }),
      ],
    });
    expect(bytes).toEqual(captured('ICMP fragmentation needed, quote cut at 576 bytes'));
  });

  it('a neighbour advertisement', () => {
    const bytes = emitPacket({
      layers: [
        eth(B, A, ETH_P_IPV6),
        layer('ipv6', {
          src: v6('fd00::3'),
          dst: v6('fd00::2'),
          nextHeader: 58,
          hopLimit: 255,
          trafficClass: 0,
          flowLabel: 0,
        }),
        layer('icmpv6', {
          type: 136,
          code: 0,
          body: {
            kind: 'neighbourAdvertisement',
            target: v6('fd00::3'),
            router: true,
            solicited: true,
            override: true,
            lladdr: B,
          },
        }),
      ],
    });
    expect(bytes).toEqual(captured('ICMPv6 neighbour advertisement'));
  });

  it('VXLAN: the outer UDP checksum is computed, as the kernel does by default', () => {
    const bytes = emitPacket({
      layers: [
        eth(A, B),
        ip('172.18.0.2', '172.18.0.3', { id: 0xa750 }),
        layer('udp', { sport: 58752, dport: 8472 }),
        layer('vxlan', { flags: 8, vni: 1 }),
        layer('ethernet', {
          dst: mac('ff:ff:ff:ff:ff:ff'),
          src: mac('d2:b7:e4:4d:e7:a0'),
          etherType: 0x806,
        }),
        layer('arp', {
          op: 1,
          sha: mac('d2:b7:e4:4d:e7:a0'),
          spa: v4('10.244.1.10'),
          tha: 0 as Mac,
          tpa: v4('10.244.2.10'),
        }),
      ],
    });
    expect(bytes).toEqual(captured('VXLAN with ARP request'));
  });

  it.each([
    [1, 0, 1480, true],
    [2, 1480, 1480, true],
    [3, 2960, 48, false],
  ])('IPv4 fragment %i is a slice of the datagram', (n, offset, length, mf) => {
    const of = [
      layer('udp', { sport: 55830, dport: 5353 }),
      layer('payload', { length: 3000, head: 'x'.repeat(3000) }),
    ];
    const packet = {
      layers: [
        eth(A, B),
        ip('172.18.0.2', '172.18.0.3', { id: 0xf8d5, mf, fragOffset: offset }),
        layer('fragment', { of, offset, length }),
      ],
    };
    expect(emitPacket(packet)).toEqual(captured(`IPv4 fragment ${n} of 3`));
    const first = 'IP 172.18.0.2.55830 > 172.18.0.3.5353: UDP, length 3000 (frag 63701:1480@0+)';
    const later = `IP 172.18.0.2 > 172.18.0.3: ip-proto-17 (frag 63701:${length}@${offset}${mf ? '+' : ''})`;
    expect(summarize(packet)).toBe(offset === 0 ? first : later);
  });

  it.each([
    [1, 0, 1448, true],
    [2, 1448, 1448, true],
    [3, 2896, 112, false],
  ])('IPv6 fragment %i', (n, offset, length, mf) => {
    const of = [
      layer('udp', { sport: 44220, dport: 5353 }),
      layer('payload', { length: 3000, head: 'x'.repeat(3000) }),
    ];
    const packet = {
      layers: [
        eth(A, B, ETH_P_IPV6),
        layer('ipv6', {
          src: v6('fd00::2'),
          dst: v6('fd00::3'),
          nextHeader: 44,
          hopLimit: 64,
          trafficClass: 0,
          flowLabel: 0x42971,
        }),
        layer('ipv6Fragment', { nextHeader: 17, offset, mf, id: 0x7a6a3284 }),
        layer('fragment', { of, offset, length }),
      ],
    };
    expect(emitPacket(packet)).toEqual(captured(`IPv6 fragment ${n} of 3`));
    const ports = offset === 0 ? ' 44220 > 5353: UDP, length 3000' : '';
    expect(summarize(packet)).toBe(`IP6 fd00::2 > fd00::3: frag (${offset}|${length})${ports}`);
  });

  it('a UDP checksum of zero goes out as ffff', () => {
    const packet = (sport: number) => ({
      layers: [ip('0.0.0.0', '0.0.0.0', {}), layer('udp', { sport, dport: 0 })],
    });
    // Pseudo header 17 + 8 and the length 8 again: the port makes the sum all ones.
    const bytes = emitPacket(packet(0xffff - 33));
    expect([...bytes.subarray(26, 28)]).toEqual([0xff, 0xff]);
  });
});
