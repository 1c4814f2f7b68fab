// Writes the sample trace: a packet under way, its headers, and the events that it leaves behind.
import { parseIpv4 } from '../wire/addr/ipv4.ts';
import { parseMac } from '../wire/addr/mac.ts';
import { createRecorder } from '../trace/recorder.ts';
import { DEFAULT_BUDGETS } from '../trace/types.ts';
import type { EventDetails, EventKind, Row, Seq, TableId } from '../trace/types.ts';
import type { Nanos } from '../base/queue.ts';
import type { Headers, Layer, LayerKind, PacketId, TcpFlags } from '../wire/types.ts';

export const ip = (text: string) => parseIpv4(text)!;
export const mac = (text: string) => parseMac(text)!;
export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** A packet under way. */
export interface Draft {
  readonly id: PacketId;
  layers: readonly Layer[];
}

export function createPen() {
  const rec = createRecorder(DEFAULT_BUDGETS);
  const tables = new Map<string, Row>();
  const layer = <K extends LayerKind>(kind: K, header: Headers[K]): Layer =>
    ({ kind, id: rec.layerId(), header }) as Layer;

  return {
    rec,
    layer,
    born(layers: readonly Layer[], because: PacketId | null = null): Draft {
      return { id: rec.packet(layers, { flow: 'curl', parent: null, because }), layers };
    },
    /** `at` is `netns` or `netns/dev`. */
    ev<K extends EventKind>(kind: K, p: Draft | null, at: string, detail: EventDetails[K]): Seq {
      rec.setTime((rec.now + 1700) as Nanos);
      const [netns, dev] = at.split('/') as [string, string | undefined];
      return rec.event(kind, p, { netns, dev: dev ?? null }, detail);
    },
    /** A row of a table becomes `after`; the next event carries the write. */
    row(netns: string, table: TableId, key: string, after: Row): void {
      const id = `${netns}|${table}|${key}`;
      rec.write({ netns, table, key, before: tables.get(id) ?? null, after });
      tables.set(id, after);
    },
    wait(ms: number): void {
      rec.setTime((rec.now + ms * 1e6) as Nanos);
    },
    /** Changes fields of the innermost or outermost header of that kind, keeping its identity. */
    set<K extends LayerKind>(p: Draft, kind: K, fields: Partial<Headers[K]>, outer = false): void {
      const found = p.layers.map((l) => l.kind);
      const at = outer ? found.indexOf(kind) : found.lastIndexOf(kind);
      p.layers = p.layers.map((l, i) =>
        i === at ? ({ ...l, header: { ...l.header, ...fields } } as Layer) : l,
      );
    },
    push(p: Draft, ...outer: readonly Layer[]): void {
      p.layers = [...outer, ...p.layers];
    },
    drop(p: Draft, count: number): void {
      p.layers = p.layers.slice(count);
    },
    eth: (src: string, dst: string, type = 0x0800): Layer =>
      layer('ethernet', { src: mac(src), dst: mac(dst), etherType: type }),
    ip: (src: string, dst: string, protocol: number, df = true): Layer =>
      layer('ipv4', {
        src: ip(src),
        dst: ip(dst),
        protocol,
        ttl: 64,
        tos: 0,
        id: 0x1a2b,
        df,
        mf: false,
        fragOffset: 0,
      }),
    tcp: (sport: number, dport: number, letters: string, seq: number, ack: number): Layer => {
      const flags: TcpFlags = {
        fin: letters.includes('F'),
        syn: letters.includes('S'),
        rst: letters.includes('R'),
        psh: letters.includes('P'),
        ack: letters.includes('A'),
        urg: false,
      };
      const options = flags.syn ? [{ kind: 'mss' as const, value: 1410 }] : [];
      return layer('tcp', { sport, dport, seq, ack, flags, window: 64860, options });
    },
    payload: (head: string, length = head.length): Layer => layer('payload', { length, head }),
    arp: (op: number, from: readonly [string, string], to: readonly [string, string]): Layer =>
      layer('arp', { op, sha: mac(from[0]), spa: ip(from[1]), tha: mac(to[0]), tpa: ip(to[1]) }),
  };
}
export type Pen = ReturnType<typeof createPen>;
