// TCP of two hosts on one cable, told by the flags, sequence numbers and sizes that cross it.
import { describe, expect, it } from 'vitest';
import type { FlowSpec, LinuxNetwork } from '../../network/types.ts';
import { runFlows } from '../run.ts';

const network = (rules: string, response = 64): LinuxNetwork => ({
  namespaces: [
    {
      name: 'a',
      kind: 'host',
      devices: [
        {
          name: 'eth0',
          type: 'veth',
          mac: '02:00:00:00:00:01',
          addresses: ['10.0.0.1/24'],
          peer: { ns: 'b', dev: 'eth0' },
        },
      ],
    },
    {
      name: 'b',
      kind: 'host',
      devices: [
        {
          name: 'eth0',
          type: 'veth',
          mac: '02:00:00:00:00:02',
          addresses: ['10.0.0.2/24'],
          peer: { ns: 'a', dev: 'eth0' },
        },
      ],
      listeners: [{ proto: 'tcp', port: 80, name: 'b', response_bytes: response }],
      iptables: {
        ipv4: `*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}COMMIT\n`,
      },
    },
  ],
});

interface Crossing {
  readonly ms: number;
  /** `PA 1+64`: flags, relative sequence number, length. */
  readonly text: string;
}

function sent(from: string, rules: string, flow: Partial<FlowSpec>, response = 64): Crossing[] {
  const step: FlowSpec = {
    do: 'flow',
    id: 'f',
    proto: 'tcp',
    ns: 'a',
    dst: '10.0.0.2',
    dport: 80,
    ...flow,
  };
  const { trace } = runFlows({ network: network(rules, response), steps: [step], seed: 1 });
  let first: number | null = null;
  return trace.events.flatMap((event) => {
    if (event.kind !== 'dev.tx' || event.site.netns !== from) return [];
    const layers = trace.packets[event.packet! - 1]!.revisions[event.revision]!.layers;
    const tcp = layers.find((l) => l.kind === 'tcp');
    if (tcp?.kind !== 'tcp') return [];
    first ??= tcp.header.seq;
    const { syn, fin, rst, psh, ack } = tcp.header.flags;
    const letters = `${syn ? 'S' : ''}${fin ? 'F' : ''}${rst ? 'R' : ''}${psh ? 'P' : ''}${ack ? 'A' : ''}`;
    const data = layers.find((l) => l.kind === 'payload');
    const length = data?.kind === 'payload' ? data.header.length : 0;
    const text = `${letters} ${(tcp.header.seq - first) >>> 0}+${length}`;
    return [{ ms: event.at / 1e6, text }];
  });
}
const texts = (list: readonly Crossing[]): readonly string[] => list.map((c) => c.text);
const gaps = (list: readonly Crossing[]): readonly number[] =>
  list.slice(1).map((c, i) => Math.round(c.ms - list[i]!.ms));

describe('sending', () => {
  it('leaves half a congestion window at a time, each packet marked at its end', () => {
    const big = texts(sent('a', '', { request_bytes: 12_000 })).filter((t) => !t.endsWith('+0'));
    expect(big).toEqual([
      ...[1, 1449, 2897, 4345].map((seq) => `A ${seq}+1448`),
      'PA 5793+1448',
      ...[7241, 8689, 10_137].map((seq) => `A ${seq}+1448`),
      'PA 11585+416',
    ]);
  });

  it('is over before the receiving process runs, which then reads all of it', () => {
    const closing = texts(sent('a', '', {}, 20_000)).slice(-2);
    expect(closing).toEqual(['FA 65+0', 'A 66+0']);
  });
});

describe('what is lost', () => {
  const lost = '-A PREROUTING -p tcp --dport 80 -m length --length 100:2000 -j DROP\n';

  it('is sent again: a probe, then timeouts that double on the wheel’s ticks', () => {
    const data = sent('a', lost, { timeout_ms: 2500 }).filter((c) => c.text.endsWith('+64'));
    expect(data).toHaveLength(5);
    const [probe, first, second, third] = gaps(data) as [number, number, number, number];
    expect(probe).toBeGreaterThanOrEqual(204);
    expect(probe).toBeLessThanOrEqual(208);
    expect(first).toBe(208);
    expect(second).toBeGreaterThanOrEqual(412);
    expect(second).toBeLessThanOrEqual(440);
    expect(third).toBeGreaterThanOrEqual(820);
    expect(third).toBeLessThanOrEqual(848);
  });

  it('lets a repeated SYN start the timer of the SYN-ACK anew', () => {
    const rules = '-A OUTPUT -p tcp --sport 80 --tcp-flags SYN,ACK SYN,ACK -j ACCEPT\n';
    const answers = sent('b', rules, { timeout_ms: 600 });
    expect(texts(answers).filter((t) => t.startsWith('SA'))).toEqual(['SA 0+0']);
  });

  it('is answered with a RST where the application is gone', () => {
    const late =
      '-A OUTPUT -p tcp --sport 80 -m length --length 100:2000 -m statistic --mode nth --every 3 --packet 2 -j ACCEPT\n' +
      '-A OUTPUT -p tcp --sport 80 -m length --length 100:2000 -j DROP\n';
    const flow = { timeout_ms: 300, settle_ms: 2500 } as const;
    expect(texts(sent('a', late, flow)).at(-1)).toMatch(/^R /);
  });
});

describe('sending from a host whose rules forbid it', () => {
  it('fails at once', () => {
    const base = network('');
    const ruled = network('-A OUTPUT -p udp -j DROP\n').namespaces[1]!.iptables;
    const namespaces = base.namespaces.map((ns) => ({ ...ns, iptables: ruled! }));
    const step: FlowSpec = {
      do: 'flow',
      id: 'u',
      proto: 'udp',
      ns: 'a',
      dst: '10.0.0.2',
      dport: 53,
    };
    const { results } = runFlows({ network: { ...base, namespaces }, steps: [step], seed: 1 });
    expect(results[0]![0]).toMatchObject({ result: 'error', error: 'EPERM', stage: 'send' });
  });
});
