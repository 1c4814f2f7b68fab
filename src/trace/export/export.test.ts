import { describe, expect, it } from 'vitest';
import { sampleTrace } from '../../test/sample-trace.ts';
import { tinyTrace } from '../../test/tiny-trace.ts';
import { vpcTrace } from '../../test/vpc-network.ts';
import type { Nanos } from '../../base/queue.ts';
import { parsePacket } from '../../wire/codec/parse.ts';
import { summarize } from '../../wire/summary.ts';
import type { Trace } from '../types.ts';
import { crossingsOf, printTime } from './crossings.ts';
import { EXPORTERS } from './index.ts';
import type { Exporter } from './types.ts';

const run = (exporter: Exporter, trace: Trace): string | Uint8Array =>
  exporter.export({ trace, network: null, scenario: null });
const textOf = (exporter: Exporter, trace: Trace): string => {
  const out = run(exporter, trace);
  return typeof out === 'string' ? out : '';
};
const traces = { tiny: tinyTrace(), sample: sampleTrace(), vpc: vpcTrace() };

describe.each(Object.entries(EXPORTERS))('exporter %s', (id, exporter) => {
  it('goes by its name', () => {
    expect(exporter.id).toBe(id);
    expect(exporter.mime).toMatch(/^\w+\/[\w-]+$/);
  });
  it.each(Object.keys(traces))('says something about %s, and the same every time', (key) => {
    const trace = traces[key as keyof typeof traces];
    const out = run(exporter, trace);
    expect(out.length).toBeGreaterThan(100);
    expect(run(exporter, structuredClone(trace))).toEqual(out);
  });
  it('survives an empty trace', () => {
    const empty: Trace = { ...tinyTrace(), tables: [], packets: [], events: [], marks: [] };
    expect(() => run(exporter, empty)).not.toThrow();
  });
});

describe('text', () => {
  it('has a line for each crossing and each loss', () => {
    expect(textOf(EXPORTERS.text, traces.tiny)).toBe(
      [
        '00:00:00.000003000 client:eth0  Out IP 10.244.1.10.40001 > 10.96.0.10.53: UDP, length 5',
        '00:00:00.000004500 node-a:veth1 In  IP 10.244.1.10.40001 > 10.96.0.10.53: UDP, length 5',
        '00:00:00.000009000 node-a:tunl0 Out IP 10.244.1.10.40001 > 10.244.2.7.53: UDP, length 5',
        '# 00:00:00.000012000 client dropped in ip_output: IP_OUTNOROUTES (no route to 10.96.0.10)',
        '',
      ].join('\n'),
    );
  });
  it('prints hours, minutes, seconds and nanoseconds', () => {
    expect(printTime(0 as Nanos)).toBe('00:00:00.000000000');
    expect(printTime((3_723 * 1e9 + 42) as Nanos)).toBe('01:02:03.000000042');
  });
});

describe('json', () => {
  it('has addresses as text, at every depth', () => {
    const out = textOf(EXPORTERS.json, traces.tiny);
    const doc = JSON.parse(out) as { trace: Trace; format: string };
    expect(doc.format).toBe('packet-journey');
    expect(doc.trace.events).toHaveLength(traces.tiny.events.length);
    expect(doc.trace.packets[0]!.revisions[1]!.layers.map((l) => l.header)).toMatchObject([
      { src: '00:00:00:00:00:01', dst: '00:00:00:00:00:02' },
      { src: '10.244.1.10', dst: '10.96.0.10' },
      { sport: 40001 },
      { head: 'hello' },
    ]);
  });
  it('writes IPv6 addresses and quoted packets', () => {
    const ip6 = { src: 0xfd00n << 112n, dst: 1n };
    const quoted = { layers: [{ kind: 'ipv6', id: 3, header: ip6 }], length: 40 };
    const layers = [
      { kind: 'ipv6', id: 1, header: ip6 },
      {
        kind: 'icmpv6',
        id: 2,
        header: { type: 1, code: 0, body: { kind: 'error', mtu: 0, quoted } },
      },
    ];
    const packets = [{ ...traces.tiny.packets[0], revisions: [{ layers }] }];
    const out = textOf(EXPORTERS.json, { ...traces.tiny, packets } as unknown as Trace);
    expect(out.match(/"fd00::"/g)).toHaveLength(2);
  });
});

describe('markdown', () => {
  const out = textOf(EXPORTERS.markdown, traces.sample);
  it('has a row for each packet', () => {
    const rows = out
      .slice(out.indexOf('## Packets'))
      .split('\n')
      .filter((l) => /^\| \d/.test(l));
    expect(rows).toHaveLength(traces.sample.packets.length);
  });
  it('tells what changed', () => {
    expect(out).toContain('Destination Address 10.96.0.20 → ');
    expect(out).toContain('+ Virtual eXtensible Local Area Network');
  });
  it('leaves no markup alive that a document brought', () => {
    const events = traces.tiny.events.map((e) => ({
      ...e,
      site: { ...e.site, netns: '<script>|`x`' },
    })) as Trace['events'];
    expect(textOf(EXPORTERS.markdown, { ...traces.tiny, events })).not.toContain('<script>');
  });
});

/** Reads blocks the way a reader of the format does: type, length, body, length again. */
function blocksOf(file: Uint8Array): { type: number; body: DataView }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const blocks: { type: number; body: DataView }[] = [];
  for (let at = 0; at < file.length;) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4).toBe(0);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    const body = new DataView(file.buffer, file.byteOffset + at + 8, length - 12);
    blocks.push({ type: view.getUint32(at, true), body });
    at += length;
  }
  return blocks;
}

function optionsOf(body: DataView, from: number): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = from; body.getUint16(at, true) !== 0;) {
    const length = body.getUint16(at + 2, true);
    const value = new Uint8Array(body.buffer, body.byteOffset + at + 4, length);
    options.set(body.getUint16(at, true), value);
    at += 4 + ((length + 3) & ~3);
  }
  return options;
}

describe('pcapng', () => {
  const file = run(EXPORTERS.pcapng, traces.sample) as Uint8Array;
  const blocks = blocksOf(file);
  const crossings = crossingsOf(traces.sample);
  const packets = blocks.filter((b) => b.type === 6).map((b) => b.body);
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

  it('has a section, an interface for each capture point, names, and a block for each crossing', () => {
    const points = new Set(crossings.map((c) => `${c.netns}/${c.dev}`));
    expect(blocks.map((b) => b.type)).toEqual([
      0x0a0d0d0a,
      ...Array.from(points, () => 1),
      4,
      ...crossings.map(() => 6),
    ]);
    const names = blocks.filter((b) => b.type === 1).map((b) => text(optionsOf(b.body, 8).get(2)));
    expect(new Set(names)).toEqual(points);
  });
  it('has the frames, their time, direction, identity and line', () => {
    packets.forEach((body, i) => {
      const crossing = crossings[i]!;
      const length = body.getUint32(12, true);
      const frame = new Uint8Array(body.buffer, body.byteOffset + 20, length);
      const parsed = parsePacket(frame, { first: 'ethernet', vxlanPorts: [8472] });
      expect(parsed.ok && summarize(parsed.value)).toBe(summarize(crossing.packet));
      const time = (BigInt(body.getUint32(4, true)) << 32n) + BigInt(body.getUint32(8, true));
      expect(time - 1_767_225_600_000_000_000n).toBe(BigInt(crossing.at));
      const options = optionsOf(body, 20 + ((length + 3) & ~3));
      expect(text(options.get(1))).toBe(summarize(crossing.packet));
      expect(options.get(2)![0]! & 3).toBe(crossing.direction === 'in' ? 1 : 2);
      expect(options.get(5)![0]).toBe(crossing.id % 256);
    });
  });
  it('gives a device without Ethernet the raw link type', () => {
    const tiny = blocksOf(run(EXPORTERS.pcapng, traces.tiny) as Uint8Array);
    const types = tiny.filter((b) => b.type === 1).map((b) => b.body.getUint16(0, true));
    expect(types).toEqual([1, 1, 101]);
  });
});
