import { describe, expect, it } from 'vitest';
import { byteLength, headerLength, tcpHeaderLength } from './length.ts';
import type { Layer, LayerId } from './types.ts';

const id = 1 as LayerId;

describe('lengths', () => {
  it('pads TCP options to four bytes', () => {
    expect(tcpHeaderLength([])).toBe(20);
    expect(tcpHeaderLength([{ kind: 'mss', value: 1460 }])).toBe(24);
    expect(tcpHeaderLength([{ kind: 'windowScale', shift: 7 }])).toBe(24);
    expect(
      tcpHeaderLength([
        { kind: 'mss', value: 1460 },
        { kind: 'sackPermitted' },
        { kind: 'timestamps', value: 1, echo: 0 },
        { kind: 'nop' },
        { kind: 'windowScale', shift: 7 },
      ]),
    ).toBe(40);
  });
  it('adds up from a layer on', () => {
    const layers: Layer[] = [
      { kind: 'udp', id, header: { sport: 1, dport: 2 } },
      { kind: 'vxlan', id, header: { flags: 8, vni: 1 } },
      { kind: 'payload', id, header: { length: 100, head: '' } },
    ];
    expect(byteLength(layers)).toBe(116);
    expect(byteLength(layers, 1)).toBe(108);
    expect(byteLength(layers, 3)).toBe(0);
  });
  it('counts what an ICMP message carries', () => {
    const quoted = { layers: [], length: 548 };
    expect(
      headerLength({
        kind: 'icmpv4',
        id,
        header: { type: 3, code: 4, body: { kind: 'error', mtu: 1450, gateway: null, quoted } },
      }),
    ).toBe(556);
    expect(
      headerLength({
        kind: 'icmpv6',
        id,
        header: {
          type: 135,
          code: 0,
          body: { kind: 'neighbourSolicitation', target: 1n as never, lladdr: 1 as never },
        },
      }),
    ).toBe(32);
  });
});
