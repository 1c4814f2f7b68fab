// The lines on the right are what tcpdump 4.99.3 printed for the emitted bytes.
import { describe, expect, it } from 'vitest';
import { parseAddr } from './addr/ip.ts';
import type { Ipv4, Ipv6, Mac } from './addr/types.ts';
import { summarize, tcpFlagLetters } from './summary.ts';
import { ETH_P_ARP } from './types.ts';
import type { Headers, Layer, LayerId, LayerKind, TcpFlags } from './types.ts';

const layer = <K extends LayerKind>(kind: K, header: Headers[K]): Layer =>
  ({ kind, id: 1 as LayerId, header }) as unknown as Layer;
const v4 = (text: string): Ipv4 => parseAddr(text) as Ipv4;
const v6 = (text: string): Ipv6 => parseAddr(text) as Ipv6;
const ip = (protocol: number): Layer =>
  layer('ipv4', {
    src: v4('10.0.0.1'),
    dst: v4('10.0.0.2'),
    protocol,
    ttl: 64,
    tos: 0,
    id: 1,
    df: false,
    mf: false,
    fragOffset: 0,
  });
const ip6 = (nextHeader: number): Layer =>
  layer('ipv6', {
    src: v6('fd00::1'),
    dst: v6('fd00::2'),
    nextHeader,
    hopLimit: 64,
    trafficClass: 0,
    flowLabel: 0,
  });
const udp = layer('udp', { sport: 1000, dport: 2000 });

describe('ICMP errors', () => {
  const error = (type: number, code: number, mtu = 0, gateway: string | null = null): string => {
    const quoted = { layers: [ip(17), udp], length: 28 };
    const to = gateway === null ? null : v4(gateway);
    const body = { kind: 'error' as const, mtu, gateway: to, quoted };
    return summarize({ layers: [ip(1), layer('icmpv4', { type, code, body })] });
  };
  it.each([
    [3, 0, 'net 10.0.0.2 unreachable'],
    [3, 1, 'host 10.0.0.2 unreachable'],
    [3, 2, '10.0.0.2 protocol 17 unreachable'],
    [3, 3, '10.0.0.2 udp port 2000 unreachable'],
    [3, 4, '10.0.0.2 unreachable - need to frag'],
    [3, 9, 'net 10.0.0.2 unreachable - admin prohibited'],
    [3, 10, 'host 10.0.0.2 unreachable - admin prohibited'],
    [3, 13, 'host 10.0.0.2 unreachable - admin prohibited filter'],
    [11, 0, 'time exceeded in-transit'],
    [11, 1, 'ip reassembly time exceeded'],
  ])('type %i code %i: %s', (type, code, text) => {
    expect(error(type, code)).toBe(`IP 10.0.0.1 > 10.0.0.2: ICMP ${text}, length 36`);
  });
  it('names the MTU and the gateway', () => {
    expect(error(3, 4, 1400)).toContain('need to frag (mtu 1400), length 36');
    expect(error(5, 1, 0, '10.0.0.9')).toContain('ICMP redirect 10.0.0.2 to host 10.0.0.9, length');
  });
  it.each([
    [1, 0, 0, 'destination unreachable, unreachable route fd00::2'],
    [1, 3, 0, 'destination unreachable, unreachable address fd00::2'],
    [1, 4, 0, 'destination unreachable, unreachable port, fd00::2 udp port 2000'],
    [2, 0, 1280, 'packet too big, mtu 1280'],
    [3, 0, 0, 'time exceeded in-transit for fd00::2'],
    [3, 1, 0, 'time exceeded in-transit (reassembly)'],
  ])('ICMPv6 type %i code %i', (type, code, mtu, text) => {
    const quoted = { layers: [ip6(17), udp], length: 48 };
    const body = { kind: 'error' as const, mtu, quoted };
    const packet = { layers: [ip6(58), layer('icmpv6', { type, code, body })] };
    expect(summarize(packet)).toBe(`IP6 fd00::1 > fd00::2: ICMP6, ${text}, length 56`);
  });
});

describe('ARP', () => {
  it('names the station that a unicast request asks', () => {
    const arp = { op: 1, sha: 5 as Mac, spa: v4('10.0.0.1'), tha: 7 as Mac, tpa: v4('10.0.0.2') };
    const eth = layer('ethernet', { dst: 7 as Mac, src: 5 as Mac, etherType: ETH_P_ARP });
    expect(summarize({ layers: [eth, layer('arp', arp)] })).toBe(
      'ARP, Request who-has 10.0.0.2 (00:00:00:00:00:07) tell 10.0.0.1, length 28',
    );
  });
});

describe('TCP', () => {
  const flags = (text: string): TcpFlags => ({
    fin: text.includes('F'),
    syn: text.includes('S'),
    rst: text.includes('R'),
    psh: text.includes('P'),
    ack: text.includes('A'),
    urg: text.includes('U'),
  });
  it.each(['S', 'SA', 'A', 'PA', 'FA', 'R', 'RA', 'FPA', 'FPU', ''])('letters %j', (text) => {
    expect(tcpFlagLetters(flags(text))).toBe(text);
  });
  it('counts data and shows a request line', () => {
    const tcp = { sport: 40001, dport: 80, seq: 0xffffffff, ack: 7, window: 502, options: [] };
    const layers = [
      ip(6),
      layer('tcp', { ...tcp, flags: flags('PA') }),
      layer('payload', { length: 18, head: 'GET / HTTP/1.1\r\n\r\n' }),
    ];
    expect(summarize({ layers })).toBe(
      'IP 10.0.0.1.40001 > 10.0.0.2.80: Flags [P.], seq 4294967295:17, ack 7, win 502, length 18: HTTP: GET / HTTP/1.1',
    );
  });
});
