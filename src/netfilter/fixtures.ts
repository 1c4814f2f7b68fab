// For tests only: packets as layers, a view of one, actions that write down what they were told.
import { nanos } from '../base/queue.ts';
import type { CtBinding, CtEntry } from '../conntrack/types.ts';
import type { Family } from '../trace/types.ts';
import { parseAddr } from '../wire/addr/ip.ts';
import type { IpAddr, Ipv4, Ipv6, Mac } from '../wire/addr/types.ts';
import type { Layer, LayerId, TcpOption } from '../wire/types.ts';
import { compileRuleset, type CompileOptions } from './compile.ts';
import { factsOf } from './facts.ts';
import { parseSave } from './save/parse.ts';
import type { NfActions, NfView, Rule } from './types.ts';

const id = (n: number): LayerId => n as LayerId;
export const addr = (text: string): IpAddr => parseAddr(text) ?? (0 as Ipv4);

export interface PacketParts {
  readonly src?: string;
  readonly dst?: string;
  readonly ttl?: number;
  readonly proto?: 'tcp' | 'udp' | 'icmp' | number;
  readonly sport?: number;
  readonly dport?: number;
  /** Letters of the flags that are set: `SA`. */
  readonly flags?: string;
  readonly options?: readonly TcpOption[];
  readonly icmp?: readonly [type: number, code: number];
  readonly fragOffset?: number;
}

function ipLayer(p: PacketParts, protocol: number): Layer {
  const src = addr(p.src ?? '10.244.1.10');
  const dst = addr(p.dst ?? '10.96.0.20');
  if (typeof src === 'bigint') {
    const header = {
      src,
      dst: dst as Ipv6,
      nextHeader: protocol,
      hopLimit: p.ttl ?? 64,
      trafficClass: 0,
      flowLabel: 0,
    };
    return { kind: 'ipv6', id: id(1), header };
  }
  const fragOffset = p.fragOffset ?? 0;
  return {
    kind: 'ipv4',
    id: id(1),
    header: {
      src,
      dst: dst as Ipv4,
      protocol,
      ttl: p.ttl ?? 64,
      tos: 0,
      id: 1,
      df: true,
      mf: false,
      fragOffset,
    },
  };
}

function transport(p: PacketParts, six: boolean): readonly Layer[] {
  const { sport = 40000, dport = 80, flags = 'S', options = [] } = p;
  switch (p.proto ?? 'tcp') {
    case 'tcp': {
      const has = (letter: string): boolean => flags.includes(letter);
      const bits = {
        fin: has('F'),
        syn: has('S'),
        rst: has('R'),
        psh: has('P'),
        ack: has('A'),
        urg: has('U'),
      };
      return [
        {
          kind: 'tcp',
          id: id(2),
          header: { sport, dport, seq: 1, ack: 0, flags: bits, window: 64240, options },
        },
      ];
    }
    case 'udp':
      return [{ kind: 'udp', id: id(2), header: { sport, dport } }];
    case 'icmp': {
      const [type, code] = p.icmp ?? [six ? 128 : 8, 0];
      const body = { kind: 'other', rest: 0 } as const;
      return [{ kind: six ? 'icmpv6' : 'icmpv4', id: id(2), header: { type, code, body } }];
    }
    default:
      return [{ kind: 'payload', id: id(2), header: { length: 20, head: '' } }];
  }
}
export function packet(p: PacketParts = {}): readonly Layer[] {
  const six = p.src?.includes(':') === true;
  const proto = p.proto ?? 'tcp';
  const number = typeof proto === 'number' ? proto : { tcp: 6, udp: 17, icmp: six ? 58 : 1 }[proto];
  const rest: readonly Layer[] =
    (p.fragOffset ?? 0) > 0
      ? [{ kind: 'payload', id: id(2), header: { length: 20, head: '' } }]
      : transport(p, six);
  return [ipLayer(p, number), ...rest];
}

export type TestView = { -readonly [K in keyof NfView]: NfView[K] };
export function viewOf(p: PacketParts = {}, more: Partial<NfView> = {}): TestView {
  const layers = packet(p);
  return {
    netns: 'node',
    family: layers[0]?.kind === 'ipv6' ? 'ipv6' : 'ipv4',
    hook: 'FORWARD',
    table: 'filter',
    in: 'cni0',
    out: 'eth0',
    physin: null,
    physout: null,
    layers,
    get facts() {
      return factsOf(this.layers);
    },
    length: 60,
    srcMac: 0x0200000000aa as Mac,
    packetType: 'host',
    mark: 0,
    ct: null,
    ctState: 'NEW',
    now: nanos(0),
    addrType: () => 'unicast',
    reversePath: () => true,
    pathMtu: () => 1500,
    random: () => 0,
    owner: () => null,
    ...more,
  };
}

/** Actions that change the view as the kernel would, and a list of what was done. */
export function actionsOn(view: TestView): { readonly act: NfActions; readonly done: string[] } {
  const done: string[] = [];
  const act: NfActions = {
    setMark: (mark) => {
      view.mark = mark;
      done.push(`mark ${mark}`);
    },
    setCtMark: (mark) => {
      if (view.ct !== null) view.ct.entry.mark = mark;
      done.push(`ctmark ${mark}`);
    },
    untrack: () => void done.push('untrack'),
    ctZone: (zone) => void done.push(`zone ${zone}`),
    nat: (range) => {
      done.push(`${range.by} ${range.minAddr ?? ''}:${range.minPort ?? ''}`);
      return 'accept';
    },
    reject: (kind) => void done.push(`reject ${kind}`),
    mangle: (layers) => {
      view.layers = layers;
      done.push('mangle');
    },
    trace: () => void done.push('trace'),
    log: (prefix) => void done.push(`log ${prefix}`),
  };
  return { act, done };
}

export function connection(
  more: Partial<CtEntry> = {},
  direction: CtBinding['direction'] = 'original',
): CtBinding {
  const tuple = {
    src: addr('10.244.1.10'),
    dst: addr('10.96.0.20'),
    protocol: 6,
    sport: 40000,
    dport: 80,
  };
  const reply = {
    src: addr('10.244.2.10'),
    dst: addr('10.244.1.10'),
    protocol: 6,
    sport: 8080,
    dport: 40000,
  };
  const entry: CtEntry = {
    id: 'c1', zone: 0, original: tuple, reply, confirmed: true, dying: false, seenReply: true, assured: false,
    srcNat: false, dstNat: true, srcNatDone: true, dstNatDone: true, tcp: null, mark: 0, expires: nanos(30e9), timeout: 30, master: null,
    masqIndex: 0, streamAfter: nanos(0), ...more,
  }; // prettier-ignore
  return { entry, direction, state: 'ESTABLISHED' };
}

export function rulesetOf(text: string, family: Family = 'ipv4') {
  const { ruleset, diagnostics } = parseSave(text, family, { source: 'test' });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ reason }) => reason).join('; '));
  return ruleset;
}
export const compiledOf = (text: string, options: CompileOptions = {}, family: Family = 'ipv4') =>
  compileRuleset(rulesetOf(text, family), options);

/** The one rule that these options make, in a chain and table where they are allowed. */
export function ruleOf(
  options: string,
  table = 'filter',
  chain = 'FORWARD',
  family: Family = 'ipv4',
): Rule {
  const ruleset = rulesetOf(`*${table}\n-A ${chain} ${options}\nCOMMIT\n`, family);
  const rule = ruleset.tables[0]?.chains.find(({ name }) => name === chain)?.rules[0];
  if (rule === undefined) throw new Error(`no rule of ${options}`);
  return rule;
}
