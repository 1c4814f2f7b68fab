// Tables at a moment, as `conntrack -L`, `ip neigh`, `bridge fdb` and the difference of `iptables-save -c` show them.
import type { LinuxNetwork } from '../../network/types.ts';
import type { Row, TableId, TableWrite, Trace } from '../../trace/types.ts';
import type { Json } from './observe.ts';

export interface Tables {
  rows(
    table: TableId,
  ): readonly { readonly netns: string; readonly key: string; readonly row: Row }[];
}

/** State before the event `seq`. */
export function tablesAt(trace: Trace, seq: number): Tables {
  const rows = new Map<string, { netns: string; table: TableId; key: string; row: Row }>();
  const apply = (w: TableWrite): void => {
    const id = `${w.netns}\n${w.table}\n${w.key}`;
    if (w.after === null) rows.delete(id);
    else rows.set(id, { netns: w.netns, table: w.table, key: w.key, row: w.after });
  };
  trace.tables.forEach(apply);
  for (const event of trace.events.slice(0, seq)) event.writes.forEach(apply);
  return { rows: (table) => [...rows.values()].filter((r) => r.table === table) };
}

function group(
  list: readonly { readonly netns: string; readonly value: Json }[],
): Record<string, Json> {
  const out: Record<string, Json[]> = {};
  for (const { netns, value } of list) (out[netns] ??= []).push(value);
  return out;
}

const tuple = (row: Row, prefix: string): Json => {
  const out: Record<string, Json> = {};
  for (const key of ['src', 'dst', 'sport', 'dport', 'type', 'code', 'id'])
    if (row[prefix + key] !== undefined) out[key] = row[prefix + key]!;
  return out;
};

export function conntrackAfter(tables: Tables): Json {
  const list = tables.rows('conntrack');
  return group(
    list.map(({ netns, row }) => {
      const value: Record<string, Json> = { proto: row['proto']! };
      if (row['proto'] === 'tcp') value['state'] = row['state']!;
      value['orig'] = tuple(row, '');
      value['reply'] = tuple(row, 'reply_');
      const flags: string[] = [];
      if (row['unreplied'] === true) flags.push('UNREPLIED');
      if (row['assured'] === true) flags.push('ASSURED');
      if (flags.length > 0) value['flags'] = flags;
      if (row['mark'] !== 0) value['mark'] = row['mark']!;
      return { netns, value };
    }),
  );
}

export const neighAfter = (tables: Tables): Json =>
  group(
    tables.rows('neigh').map(({ netns, row }) => ({
      netns,
      value: {
        ip: row['ip']!,
        dev: row['dev']!,
        mac: row['mac']!,
        state: row['state']!,
        ...(row['router'] === true ? { router: true } : {}),
      },
    })),
  );

export const fdbAfter = (tables: Tables): Json =>
  group(
    tables.rows('fdb').map(({ netns, row }) => {
      const value: Record<string, Json> = {};
      for (const key of ['mac', 'dev', 'master', 'dst', 'state', 'self'])
        if (row[key] !== undefined) value[key] = row[key]!;
      return { netns, value };
    }),
  );

/** Rules whose counters moved. The recorder's own TRACE rules are left out, and raw's policy where raw is only its own. */
export function movedRules(network: LinuxNetwork, before: Tables, after: Tables): Json[] {
  const byKey = (tables: Tables, table: TableId): ReadonlyMap<string, Row> =>
    new Map(tables.rows(table).map((r) => [`${r.netns} ${r.key}`, r.row]));
  const old = byKey(before, 'counter');
  const rules = byKey(after, 'iptables');
  const moved: Json[] = [];
  for (const { netns, key, row: now } of after.rows('counter')) {
    const was = old.get(`${netns} ${key}`);
    const packets = Number(now['packets']) - Number(was?.['packets'] ?? 0);
    const row = rules.get(`${netns} ${key}`);
    if (packets === 0 || row === undefined) continue;
    const text = String(row['text']);
    if (text.endsWith('-j TRACE')) continue;
    const family = row['family'] as 'ipv4' | 'ipv6';
    const given = network.namespaces.find((ns) => ns.name === netns)?.iptables?.[family] ?? '';
    if (row['table'] === 'raw' && row['rule'] === 'policy' && !given.includes('*raw')) continue;
    moved.push({
      ns: netns,
      family,
      table: row['table']!,
      chain: row['chain']!,
      index: row['rule']!,
      packets,
      bytes: Number(now['bytes']) - Number(was?.['bytes'] ?? 0),
    });
  }
  return moved;
}
