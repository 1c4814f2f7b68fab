// Frames of every recorded kind: what the engine sent, as bytes, read back as the capture of a real kernel is.
import { describe, expect, it } from 'vitest';
import { runFlows } from '../../kernel/run.ts';
import { emitPacket } from '../../wire/codec/emit.ts';
import { readRecordings, recordingsFolder } from '../judge/recording.ts';
import { observe } from '../predict/crossings.ts';
import type { Crossing } from '../predict/crossings.ts';
import type { Frame } from './agent.ts';
import { crossingsOf, isNoise } from './frames.ts';

const recordings = readRecordings(recordingsFolder);

/** The engine's frames, and the same as a capture would have them. */
function framesOf(id: string): readonly [readonly Crossing[], Record<string, Frame[]>] {
  const { topology, steps } = recordings.find((one) => one.id === id)!;
  const { trace } = runFlows({ network: topology, steps, seed: 1 });
  const capture: Record<string, Frame[]> = {};
  const crossings = trace.events.flatMap((event, i): readonly Crossing[] => {
    if (event.kind !== 'dev.tx' && event.kind !== 'dev.rx') return [];
    const { layers } = trace.packets[event.packet! - 1]!.revisions[event.revision]!;
    const packetType = event.kind === 'dev.rx' ? event.detail.packetType : null;
    const { netns, dev } = event.site;
    const bytes = Buffer.from(emitPacket({ layers }));
    const frame = [i, dev ?? '', packetType ?? 'out', bytes.length, bytes.toString('hex')] as const;
    (capture[netns] ??= []).push(frame);
    return [{ netns, dev: dev ?? '', packetType, layers }];
  });
  return [crossings, capture];
}

describe('frames as bytes', () => {
  it.each([
    'bridge-icmp',
    'svc-dns-udp',
    'v6-bridge-pod-pod',
    'v6-packet-too-big',
    'vxlan-same-subnet',
    'vxlan-underlay-mtu',
    'vxlan-mtu-frag-needed',
    'egress-icmp-error-through-nat',
    'ttl-1',
  ])('are read as they were written: %s', (id) => {
    const [crossings, capture] = framesOf(id);
    expect(crossings.length).toBeGreaterThan(5);
    expect(observe(crossingsOf(capture))).toEqual(observe(crossings));
  });

  it('may be cut off: the rest is what payloads are filled with', () => {
    const [crossings, capture] = framesOf('vxlan-mtu-frag-needed');
    const cut = Object.fromEntries(
      Object.entries(capture).map(([ns, list]) => [
        ns,
        list.map(([at, dev, kind, length, hex]): Frame => [
          at,
          dev,
          kind,
          length,
          hex.slice(0, 400),
        ]),
      ]),
    );
    expect(observe(crossingsOf(cut)).observations).toEqual(observe(crossings).observations);
  });

  it('are merged by time between namespaces, and never reordered inside one', () => {
    const arp = (at: number, dev: string): Frame => [
      at,
      dev,
      'out',
      42,
      `${'ff'.repeat(12)}0806${'00'.repeat(28)}`,
    ];
    const order = crossingsOf({ a: [arp(5, 'a1'), arp(3, 'a2')], b: [arp(4, 'b1'), arp(9, 'b2')] });
    expect(order.map(({ dev }) => dev)).toEqual(['b1', 'a1', 'a2', 'b2']);
  });

  it('leave out group membership and router solicitations, also inside of VXLAN', () => {
    const eth = (type: string): string => `${'02'.repeat(12)}${type}`;
    const v6 = (next: string, rest: string): string =>
      `${eth('86dd')}60000000${'0000'}${next}ff${'00'.repeat(32)}${rest}`;
    const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
    expect(isNoise(hex(v6('00', '3a00050200000100' + '8f00')))).toBe(true);
    expect(isNoise(hex(v6('3a', '8500')))).toBe(true);
    expect(isNoise(hex(v6('3a', '8700')))).toBe(false);
    expect(isNoise(hex(`${eth('0800')}4500001c000000004002${'00'.repeat(10)}`))).toBe(true);
    const vxlan = `${eth('0800')}45000060000000004011${'00'.repeat(10)}${'0000211800000000'}0800000000000100`;
    expect(isNoise(hex(vxlan + v6('3a', '8500')))).toBe(true);
    expect(isNoise(hex(vxlan + v6('3a', '8000')))).toBe(false);
    expect(isNoise(hex(eth('88cc')))).toBe(true);
  });
});
