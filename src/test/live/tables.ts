// Tables of a real kernel, from what its tools print: ip -j neigh, bridge -j fdb, conntrack -L, iptables-save -c.
import { text } from '../judge/canon.ts';
import type { JsonObject } from '../judge/types.ts';

/** Left out: entries that need no resolution, those that nobody asked anything of yet (NUD_NONE), and IPv6 multicast. */
export function readNeighbours(printed: string): readonly JsonObject[] {
  return readJson(printed)
    .filter((e) => {
      const states = (e['state'] ?? []) as readonly string[];
      return states.length > 0 && !states.includes('NOARP') && !text(e['dst']).startsWith('ff');
    })
    .map((e) => ({
      ip: e['dst']!,
      dev: e['dev']!,
      mac: e['lladdr'] ?? null,
      state: (e['state'] as readonly string[]).join(','),
    }));
}

/** Left out: addresses of groups. */
export function readFdb(printed: string): readonly JsonObject[] {
  return readJson(printed)
    .filter((e) => !/^(33:33|01:00:5e|01:80)/.test(text(e['mac'])) && e['vlan'] === undefined)
    .map((e) => ({
      mac: e['mac']!,
      dev: e['ifname']!,
      ...(e['master'] === undefined ? {} : { master: e['master'] }),
      ...(e['dst'] === undefined ? {} : { dst: e['dst'] }),
      state: e['state'] === undefined || e['state'] === '' ? 'learned' : e['state'],
      ...((e['flags'] as readonly string[] | undefined)?.includes('self') ? { self: true } : {}),
    }));
}

const readJson = (printed: string): readonly JsonObject[] =>
  printed.trim() === '' ? [] : (JSON.parse(printed) as readonly JsonObject[]);

const TCP_STATES =
  /\b(NONE|SYN_SENT2?|SYN_RECV|ESTABLISHED|FIN_WAIT|CLOSE_WAIT|LAST_ACK|TIME_WAIT|CLOSE)\b/;

export function readConntrack(printed: string): readonly JsonObject[] {
  return printed.split('\n').flatMap((line) => {
    const proto = line.trim().split(/\s+/)[0];
    const pairs = [...line.matchAll(/\b(src|dst|sport|dport|type|code|id)=(\S+)/g)];
    const second = pairs.findIndex(([, key], i) => key === 'src' && i > 0);
    if (proto === undefined || second < 0) return [];
    const tuple = (list: typeof pairs): JsonObject =>
      Object.fromEntries(
        list.map(([, key = '', value = '']) => [key, /^\d+$/.test(value) ? Number(value) : value]),
      );
    const state = proto === 'tcp' ? TCP_STATES.exec(line)?.[1] : undefined;
    const flags = ['UNREPLIED', 'ASSURED'].filter((flag) => line.includes(`[${flag}]`));
    const mark = Number(/\bmark=(\d+)/.exec(line)?.[1] ?? 0);
    return [
      {
        proto,
        ...(state === undefined ? {} : { state }),
        orig: tuple(pairs.slice(0, second)),
        reply: tuple(pairs.slice(second)),
        ...(flags.length === 0 ? {} : { flags }),
        ...(mark === 0 ? {} : { mark }),
      },
    ];
  });
}

export interface Counter {
  readonly table: string;
  readonly chain: string;
  /** Position in the chain, from 1, or `policy`. */
  readonly index: number | 'policy';
  readonly rule: string;
  readonly packets: number;
  readonly bytes: number;
}

export function readCounters(saved: string): readonly Counter[] {
  let table = '';
  const length = new Map<string, number>();
  return saved.split('\n').flatMap((line): readonly Counter[] => {
    if (line.startsWith('*')) table = line.slice(1);
    const policy = /^:(\S+) ([A-Z]+) \[(\d+):(\d+)\]/.exec(line);
    if (policy !== null) {
      const [, chain = '', rule = '', packets, bytes] = policy;
      return [
        { table, chain, index: 'policy', rule, packets: Number(packets), bytes: Number(bytes) },
      ];
    }
    const rule = /^\[(\d+):(\d+)\] (-A (\S+).*)/.exec(line);
    if (rule === null) return [];
    const [, packets, bytes, text = '', chain = ''] = rule;
    const index = (length.get(`${table} ${chain}`) ?? 0) + 1;
    length.set(`${table} ${chain}`, index);
    return [{ table, chain, index, rule: text, packets: Number(packets), bytes: Number(bytes) }];
  });
}

/** Rules whose counters moved. Left out: the check's own TRACE rules, and the policy of a `raw` table that is only its own. */
export function movedBetween(
  ns: string,
  family: 'ipv4' | 'ipv6',
  given: string,
  before: readonly Counter[],
  after: readonly Counter[],
): readonly JsonObject[] {
  const key = (c: Counter): string => `${c.table} ${c.chain} ${c.index}`;
  const old = new Map(before.map((c) => [key(c), c]));
  return after.flatMap((now) => {
    const { table, chain, index, rule } = now;
    const was = old.get(key(now));
    const packets = now.packets - (was?.packets ?? 0);
    const own =
      rule.endsWith('-j TRACE') ||
      (table === 'raw' && index === 'policy' && !given.includes('*raw'));
    if (packets === 0 || own) return [];
    return [
      { ns, family, table, chain, index, rule, packets, bytes: now.bytes - (was?.bytes ?? 0) },
    ];
  });
}
