import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VXLAN_PORT, anyFrame } from '../../test/packets.ts';
import { FRAGMENTS, FRAMES, vectorBytes } from '../../test/vectors/frames.ts';
import { byteLength } from '../length.ts';
import { summarize } from '../summary.ts';
import { fold, sumPseudo, sumWords } from './checksum.ts';
import { emitPacket } from './emit.ts';
import { parsePacket } from './parse.ts';
import type { ParseOptions } from './parse.ts';
import type { Packet } from '../types.ts';

const FRAME: ParseOptions = { first: 'ethernet', vxlanPorts: [VXLAN_PORT, 4789] };

function mustParse(bytes: Uint8Array): Packet {
  const parsed = parsePacket(bytes, FRAME);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/** A cut quote leaves the end of its data unknown: the checksums over it cannot come back. */
const isCut = (name: string): boolean => /quote cut|too big/.test(name);

describe('frames of a real kernel', () => {
  it.each(FRAMES.filter((v) => !isCut(v.name)))('$name: the same after parse and emit', (v) => {
    const frame = vectorBytes(v.bytes);
    expect(emitPacket(mustParse(frame))).toEqual(frame);
  });
  it.each(FRAMES.filter((v) => isCut(v.name)))('$name: the same but for checksums', (v) => {
    const frame = vectorBytes(v.bytes);
    const again = emitPacket(mustParse(frame));
    expect(again.length).toBe(frame.length);
    // The ICMP checksum, and that of the quoted UDP header.
    const differ = [...frame.keys()].filter((i) => frame[i] !== again[i]);
    expect(differ.length).toBeGreaterThan(0);
    expect(differ.length).toBeLessThanOrEqual(4);
  });
  it.each(FRAGMENTS)('$name: its data stays bytes', ({ bytes }) => {
    const frame = vectorBytes(bytes);
    expect(emitPacket(mustParse(frame))).toEqual(frame);
  });
  it.each(FRAMES)('$name: the line of tcpdump', ({ bytes, tcpdump }) => {
    const line = tcpdump.replace(
      'OTV, flags [I] (0x08), overlay 0, instance',
      'VXLAN, flags [I] (0x08), vni',
    );
    expect(summarize(mustParse(vectorBytes(bytes)))).toBe(line);
  });
});

describe('laws', () => {
  it('parse undoes emit', () => {
    fc.assert(
      fc.property(anyFrame, (packet) => {
        expect(mustParse(emitPacket(packet))).toEqual(packet);
      }),
      { numRuns: 500 },
    );
  });
  it('byteLength is the number of bytes', () => {
    fc.assert(
      fc.property(anyFrame, (packet) => {
        expect(emitPacket(packet).length).toBe(byteLength(packet.layers));
      }),
    );
  });
  it('padding behind an IP packet is dropped', () => {
    const { bytes } = FRAMES.find((v) => v.name === 'UDP')!;
    const frame = vectorBytes(bytes);
    const padded = new Uint8Array(60);
    padded.set(frame);
    expect(mustParse(padded)).toEqual(mustParse(frame));
  });
});

describe('hostile bytes', () => {
  const first = fc.constantFrom('ethernet' as const, 'ipv4' as const, 'ipv6' as const);
  it('random bytes are parsed or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), first, (bytes, start) => {
        const parsed = parsePacket(bytes, { first: start, vxlanPorts: [0, 4789] });
        const said = parsed.ok
          ? emitPacket(parsed.value).length > 0
          : parsed.error.kind !== undefined;
        expect(said).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
  it('a real frame with any byte changed, or cut anywhere, is parsed or refused', () => {
    const frames = fc.constantFrom(...FRAMES.map((v) => vectorBytes(v.bytes)));
    fc.assert(
      fc.property(frames, fc.nat(), fc.nat({ max: 255 }), fc.nat(), (frame, at, value, end) => {
        const bytes = frame.slice(0, end % (frame.length + 1));
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        const parsed = parsePacket(bytes, FRAME);
        expect(parsed.ok ? parsed.value.layers.length : 0).toBeLessThanOrEqual(65);
      }),
      { numRuns: 2000 },
    );
  });
  it('says how much is missing', () => {
    expect(parsePacket(new Uint8Array(10), FRAME)).toEqual({
      ok: false,
      error: { kind: 'truncated', need: 14, have: 10 },
    });
    expect(parsePacket(new Uint8Array(0), FRAME).ok).toBe(false);
  });
  it('ends on VXLAN in VXLAN and on quotes in quotes', () => {
    const nested = new Uint8Array(65_000).fill(0);
    const parsed = parsePacket(nested, { first: 'ethernet', vxlanPorts: [0] });
    expect(parsed.ok).toBe(true);
    const quotes: number[] = [];
    for (let i = 0; i < 200; i++) {
      const total = (200 - i) * 28;
      quotes.push(
        0x45,
        0,
        total >> 8,
        total & 255,
        0,
        0,
        0,
        0,
        64,
        1,
        0,
        0,
        1,
        1,
        1,
        1,
        2,
        2,
        2,
        2,
      );
      quotes.push(3, 1, 0, 0, 0, 0, 0, 0);
    }
    const deep = parsePacket(Uint8Array.from(quotes), { first: 'ipv4', vxlanPorts: [] });
    expect(deep.ok && byteLength(deep.value.layers)).toBe(quotes.length);
  });
});

describe('checksums', () => {
  it('RFC 1071: the example of section 3', () => {
    expect(sumWords(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(0x2ddf0);
    expect(fold(0x2ddf0)).toBe(0x220d);
  });
  it('an odd last byte is the high half of a word', () => {
    expect(sumWords(Uint8Array.of(1, 2, 3))).toBe(0x0102 + 0x0300);
  });
  it('sums to zero over every header that has one', () => {
    fc.assert(
      fc.property(anyFrame, (packet) => {
        const bytes = emitPacket(packet);
        const residues = packet.layers.map((layer, i) => {
          const message = bytes.subarray(byteLength(packet.layers.slice(0, i)));
          if (layer.kind === 'ipv4') return fold(sumWords(message.subarray(0, 20)));
          if (layer.kind === 'icmpv4') return fold(sumWords(message));
          const protocol = { tcp: 6, udp: 17, icmpv6: 58 }[layer.kind as string];
          const ip = packet.layers
            .slice(0, i)
            .findLast((l) => l.kind === 'ipv4' || l.kind === 'ipv6');
          if (protocol === undefined || (ip?.kind !== 'ipv4' && ip?.kind !== 'ipv6')) return 0;
          return fold(sumPseudo(ip.header, protocol, message.length) + sumWords(message));
        });
        expect(residues).toEqual(packet.layers.map(() => 0));
      }),
    );
  });
});
