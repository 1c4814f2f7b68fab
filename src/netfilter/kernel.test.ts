// Random rules and packets that a real kernel (Linux 6.18, iptables-legacy 1.8.9) walked: frames were sent into a veth, and
// testdata/walks.json holds the counters of `iptables-save -c -t mangle` after them. PREROUTING sees fragments as they are,
// since nothing there asks for conntrack. The first counter of PREROUTING is its policy's.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nanos } from '../base/queue.ts';
import type { IpsetSpec } from '../network/types.ts';
import type { Family } from '../trace/types.ts';
import { isMulticast } from '../wire/addr/ip.ts';
import { parseMac } from '../wire/addr/mac.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../wire/addr/types.ts';
import type { Headers, Layer, LayerId, LayerKind, TcpOption } from '../wire/types.ts';
import { compileRuleset } from './compile.ts';
import { actionsOn, addr, rulesetOf, viewOf } from './fixtures.ts';
import { createSets } from './ipset.ts';
import { snapshot } from './snapshot.ts';
import { walk } from './walk.ts';

type Frame = readonly [
  src: string,
  dst: string,
  protocol: number,
  ttl: number,
  length: number,
  more?: More,
];
interface More {
  readonly smac?: string;
  readonly type?: 'broadcast' | 'multicast';
  readonly ports?: readonly [number, number];
  readonly flags?: string;
  readonly mss?: number;
  readonly wscale?: boolean;
  readonly icmp?: readonly [number, number];
  readonly off?: number;
  readonly mf?: boolean;
}
interface Case {
  readonly family: Family;
  readonly rules: readonly string[];
  readonly sets: readonly IpsetSpec[];
  readonly packets: readonly Frame[];
  readonly counters: Readonly<
    Record<string, readonly (readonly [packets: number, bytes: number])[]>
  >;
}

const cases = JSON.parse(
  readFileSync(new URL('testdata/walks.json', import.meta.url), 'utf8'),
) as readonly Case[];
const layer = <K extends LayerKind>(kind: K, header: Headers[K]): Layer =>
  ({ kind, id: 1 as LayerId, header }) as Layer;

function upper(
  protocol: number,
  { ports = [0, 0], flags = '', mss, wscale, icmp = [0, 0] }: More,
): Layer {
  const [sport, dport] = ports;
  const has = (letter: string): boolean => flags.includes(letter);
  const options: TcpOption[] = mss === undefined ? [] : [{ kind: 'mss', value: mss }];
  if (wscale) options.push({ kind: 'windowScale', shift: 7 }, { kind: 'nop' });
  const [type, code] = icmp;
  const body = { kind: 'other', rest: 0 } as const;
  if (protocol === 6)
    return layer('tcp', {
      sport, dport, seq: 1, ack: 0, window: 1000, options,
      flags: { fin: has('F'), syn: has('S'), rst: has('R'), psh: has('P'), ack: has('A'), urg: false },
    }); // prettier-ignore
  if (protocol === 17) return layer('udp', { sport, dport });
  if (protocol === 1) return layer('icmpv4', { type, code, body });
  if (protocol === 58) return layer('icmpv6', { type, code, body });
  return layer('payload', { length: 8, head: '' });
}

function layersOf([src, dst, protocol, ttl, , more = {}]: Frame): readonly Layer[] {
  const { off = 0, mf = false } = more;
  const whole = upper(protocol, more);
  const cut = off > 0 || mf;
  const rest = cut ? layer('fragment', { of: [whole], offset: off, length: 8 }) : whole;
  const from = addr(src);
  if (typeof from === 'number')
    return [
      layer('ipv4', {
        src: from,
        dst: addr(dst) as Ipv4,
        protocol,
        ttl,
        tos: 0,
        id: 1,
        df: false,
        mf,
        fragOffset: off,
      }),
      rest,
    ];
  const nextHeader = cut ? 44 : protocol;
  const ip = {
    src: from,
    dst: addr(dst) as Ipv6,
    nextHeader,
    hopLimit: ttl,
    trafficClass: 0,
    flowLabel: 0,
  };
  const fragment = cut
    ? [layer('ipv6Fragment', { nextHeader: protocol, offset: off, mf, id: 1 })]
    : [];
  return [layer('ipv6', ip), ...fragment, rest];
}

const LOCAL: readonly IpAddr[] = ['10.0.0.2', '127.0.0.1', 'fd00::2', '::1'].map(addr);
const hasMss = (layers: readonly Layer[]): boolean =>
  layers.some((one) => one.kind === 'tcp' && one.header.options.some(({ kind }) => kind === 'mss'));

describe('walks of a real kernel', () => {
  it.each(cases.map((one, i) => ({ i, ...one })))(
    'case $i ($family)',
    ({ family, rules, sets, packets, counters }) => {
      for (const linear of [false, true]) {
        const compiled = compileRuleset(rulesetOf(`${rules.join('\n')}\n`, family), {
          sets: createSets(sets).sets,
          linear,
        });
        for (const [n, frame] of packets.entries()) {
          const [, , , , length, more = {}] = frame;
          const layers = layersOf(frame);
          const view = viewOf({}, {
          family, hook: 'PREROUTING', table: 'mangle', in: 'va', out: null, layers,
          srcMac: parseMac(more.smac ?? '02:00:00:00:00:0b'),
          packetType: more.type ?? 'host',
          now: nanos(1e9 + n * 1000),
          addrType: (a) => (LOCAL.includes(a) ? 'local' : isMulticast(a) ? 'multicast' : 'unicast'),
        }); // prettier-ignore
          const grown = (): number => (hasMss(view.layers) && !hasMss(layers) ? 4 : 0);
          Object.defineProperty(view, 'length', { get: () => length + grown() });
          walk(compiled, 'mangle', 'PREROUTING', view, actionsOn(view).act, { left: 10_000 });
        }
        for (const chain of Object.keys(counters)) {
          const rows = [...snapshot(compiled)].filter(
            (row) => row.chain === chain && row.rule !== 'chain',
          );
          expect(rows.map((row) => [row.packets, row.bytes])).toEqual(counters[chain]);
        }
      }
    },
  );
});
