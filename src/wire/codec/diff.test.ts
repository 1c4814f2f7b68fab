import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFrame } from '../../test/packets.ts';
import { parseIpv4 } from '../addr/ipv4.ts';
import { byteLength } from '../length.ts';
import type { FieldChange, Headers, Layer, LayerId, LayerKind, Packet } from '../types.ts';
import { diffPackets } from './diff.ts';
import { emitPacket } from './emit.ts';
import { fieldRanges, layerRanges } from './ranges.ts';

const layer = <K extends LayerKind>(id: number, kind: K, header: Headers[K]): Layer =>
  ({ kind, id: id as LayerId, header }) as unknown as Layer;
const IP: Headers['ipv4'] = {
  src: parseIpv4('10.244.1.10')!,
  dst: parseIpv4('10.96.0.20')!,
  protocol: 17,
  ttl: 64,
  tos: 0,
  id: 7,
  df: true,
  mf: false,
  fragOffset: 0,
};
const UDP = { sport: 40001, dport: 53 };
const inner = [layer(2, 'ipv4', IP), layer(3, 'udp', UDP)];
const rows = (changes: readonly FieldChange[]): string[] =>
  changes.map((c) => `${c.layer} ${c.kind}.${c.field}: ${c.before} -> ${c.after}`);

describe('diff', () => {
  it('names the fields that a DNAT changes', () => {
    const after: Packet = {
      layers: [
        layer(2, 'ipv4', { ...IP, dst: parseIpv4('10.244.2.7')!, ttl: 63 }),
        layer(3, 'udp', { ...UDP, dport: 5353 }),
      ],
    };
    const changes = diffPackets({ layers: inner }, after);
    expect(rows(changes)).toEqual([
      '2 ipv4.ttl: 64 -> 63',
      '2 ipv4.dst: 10.96.0.20 -> 10.244.2.7',
      '3 udp.dport: 53 -> 5353',
    ]);
    expect(changes.map((c) => c.label)).toEqual([
      'Time to Live',
      'Destination Address',
      'Destination Port',
    ]);
    const all = diffPackets({ layers: inner }, after, { derived: true }).map((c) => c.field);
    expect(all).toEqual(['ttl', 'checksum', 'dst', 'dport', 'checksum']);
  });
  it('shows a tunnel as layers that came, and leaves what is inside alone', () => {
    const outer = [
      layer(10, 'ipv4', { ...IP, id: 9 }),
      layer(11, 'udp', { sport: 50000, dport: 8472 }),
      layer(12, 'vxlan', { flags: 8, vni: 1 }),
    ];
    const changes = diffPackets({ layers: inner }, { layers: [...outer, ...inner] });
    expect(rows(changes)).toEqual([
      '10 ipv4.layer: null -> Internet Protocol Version 4',
      '11 udp.layer: null -> User Datagram Protocol',
      '12 vxlan.layer: null -> Virtual eXtensible Local Area Network',
    ]);
    const back = diffPackets({ layers: [...outer, ...inner] }, { layers: inner });
    expect(back.every((c) => c.after === null && c.before !== null)).toBe(true);
    expect(back).toHaveLength(3);
  });
  it('shows what changed in a quoted packet as rows of the ICMP header', () => {
    const error = (dst: string): Packet => {
      const layers = [layer(5, 'ipv4', { ...IP, dst: parseIpv4(dst)! }), layer(6, 'udp', UDP)];
      const quoted = { layers, length: 28 };
      const body = { kind: 'error' as const, mtu: 0, gateway: null, quoted };
      return { layers: [layer(4, 'icmpv4', { type: 3, code: 3, body })] };
    };
    const [change, ...others] = diffPackets(error('10.244.2.7'), error('10.96.0.20'));
    expect(others).toEqual([]);
    expect(change).toEqual({
      layer: 4,
      kind: 'icmpv4',
      field: 'quoted.ipv4.dst',
      label: 'Quoted Destination Address',
      before: '10.244.2.7',
      after: '10.96.0.20',
    });
  });
  it('a packet does not differ from itself, and swapping the sides swaps before and after', () => {
    fc.assert(
      fc.property(anyFrame, anyFrame, (a, b) => {
        expect(diffPackets(a, { layers: [...a.layers] }, { derived: true })).toEqual([]);
        const key = (c: FieldChange, before: string | null, after: string | null) =>
          `${c.layer} ${c.field} ${before} ${after}`;
        const there = diffPackets(a, b).map((c) => key(c, c.before, c.after));
        const back = diffPackets(b, a).map((c) => key(c, c.after, c.before));
        expect(there.sort()).toEqual(back.sort());
      }),
    );
  });
});

describe('ranges', () => {
  it('layers cover the frame without gaps, and fields stay inside of their layer', () => {
    fc.assert(
      fc.property(anyFrame, (packet) => {
        const bytes = emitPacket(packet);
        let end = 0;
        for (const range of layerRanges(packet)) {
          expect(range.start).toBe(end);
          end = range.end;
        }
        expect(end).toBe(bytes.length);
        const byLayer = new Map(layerRanges(packet).map((range) => [range.layer, range]));
        for (const f of fieldRanges(packet, bytes)) {
          const own = byLayer.get(f.layer)!;
          expect(f.bits).toBeGreaterThan(0);
          expect(f.start).toBeGreaterThanOrEqual(own.start);
          expect(f.end).toBeLessThanOrEqual(own.end);
        }
      }),
    );
  });
  it('a changed field changes no byte outside of its range, but for checksums', () => {
    const packet: Packet = { layers: [layer(1, 'ipv4', IP), layer(2, 'udp', UDP)] };
    const other: Packet = {
      layers: [layer(1, 'ipv4', { ...IP, ttl: 9, df: false }), layer(2, 'udp', UDP)],
    };
    const [a, b] = [emitPacket(packet), emitPacket(other)];
    const changed = diffPackets(packet, other, { derived: true }).map((c) => c.field);
    expect(changed).toEqual(['df', 'ttl', 'checksum']);
    const allowed = fieldRanges(packet).filter((f) => f.layer === 1 && changed.includes(f.field));
    const differ = [...a.keys()].filter((i) => a[i] !== b[i]);
    const outside = differ.filter((i) => !allowed.some((f) => f.start <= i && i < f.end));
    expect([differ.length > 0, outside]).toEqual([true, []]);
  });
  it('fixed headers have no bit without a field', () => {
    const packet: Packet = {
      layers: [layer(1, 'ipv4', IP), layer(2, 'udp', UDP), layer(3, 'vxlan', { flags: 8, vni: 1 })],
    };
    const bits = fieldRanges(packet).reduce((sum, f) => sum + f.bits, 0);
    expect(bits).toBe(8 * byteLength(packet.layers));
  });
});
