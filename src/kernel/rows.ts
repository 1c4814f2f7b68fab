// The tables as a reader opens them, before the first event: writes from nothing.
import { fdbRow, fdbRowKey } from '../net/bridge/fdb.ts';
import { printRoute, printRule } from '../net/fib/print.ts';
import { neighRow, neighRowKey } from '../net/neigh/table.ts';
import type { Dev } from '../net/types.ts';
import { ruleKey, snapshot } from '../netfilter/index.ts';
import type { Origin } from '../network/types.ts';
import type { Row, TableId, TableWrite, Topology } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { printMac } from '../wire/addr/mac.ts';
import { printPrefix } from '../wire/addr/prefix.ts';
import type { CompiledRuleset } from '../netfilter/index.ts';
import type { Kernel, Netns } from './types.ts';

export const originRow = (origin: Origin | null): Row =>
  origin === null ? {} : { by: origin.component, object: origin.object, command: origin.command };

export function initialRows(spaces: Iterable<Netns>): readonly TableWrite[] {
  const writes: TableWrite[] = [];
  for (const ns of spaces) {
    const add = (table: TableId, key: string, after: Row): void => {
      writes.push({ netns: ns.name, table, key, before: null, after });
    };
    for (const dev of ns.devices) deviceRows(dev, add);
    if (ns.appliance !== null) {
      for (const { key, row } of ns.appliance.rows()) add('appliance', key, row);
      continue;
    }
    for (const fib of [ns.fib4, ns.fib6]) {
      if (fib.family === 'ipv6' && fib.tables.size === 0) continue;
      for (const rule of fib.rules)
        add('rule', `${fib.family} ${printRule(rule)}`, {
          family: fib.family,
          priority: rule.priority,
          text: printRule(rule),
          ...originRow(rule.origin),
        });
      for (const [table, routes] of fib.tables)
        for (const route of routes)
          add('route', `${fib.family} ${table} ${printRoute(route)}`, {
            family: fib.family,
            table,
            text: printRoute(route),
            ...originRow(route.origin),
          });
    }
    for (const neigh of ns.neigh.values()) {
      const row = neighRow(neigh);
      if (row !== null) add('neigh', neighRowKey(neigh), row);
    }
    for (const compiled of [ns.nf.ipv4, ns.nf.ipv6])
      for (const { table, key, row } of ruleRows(compiled)) add(table, key, row);
    for (const set of ns.sets.values()) {
      const origin = ns.spec.ipsets?.find((one) => one.name === set.name)?.origin ?? null;
      for (const entry of [...set.members, ...[...set.entries.values()].map((one) => one.key)])
        add('ipset', `${set.name} ${entry}`, {
          set: set.name,
          type: set.type,
          entry,
          ...originRow(origin),
        });
    }
    for (const [name, value] of ns.sysctl.entries()) add('sysctl', name, { name, value });
  }
  return writes;
}

interface RuleTableRow {
  readonly table: 'iptables' | 'counter';
  readonly key: string;
  readonly row: Row;
}

/** Rules and their counters; a rule that nothing matched yet has no counter row. */
function* ruleRows(compiled: CompiledRuleset | null): Generator<RuleTableRow> {
  if (compiled === null) return;
  for (const r of snapshot(compiled)) {
    const key = ruleKey(r.family, r.table, r.chain, r.rule);
    const { family, table, chain, rule, text, line, packets, bytes } = r;
    const row: Row = { family, table, chain, rule, text, line, ...originRow(r.origin) };
    yield { table: 'iptables', key, row };
    if (packets > 0) yield { table: 'counter', key, row: { packets, bytes } };
  }
}

/** A command put other rules in place: what came, went and changed. */
export function writeRules(
  k: Kernel,
  ns: Netns,
  before: CompiledRuleset | null,
  after: CompiledRuleset | null,
): void {
  if (k.rec.silent) return;
  const id = ({ table, key }: RuleTableRow): string => `${table} ${key}`;
  const old = new Map([...ruleRows(before)].map((r) => [id(r), r]));
  for (const now of ruleRows(after)) {
    const was = old.get(id(now));
    old.delete(id(now));
    if (was !== undefined && JSON.stringify(was.row) === JSON.stringify(now.row)) continue;
    const { table, key, row } = now;
    k.rec.write({ netns: ns.name, table, key, before: was?.row ?? null, after: row });
  }
  for (const { table, key, row } of old.values())
    k.rec.write({ netns: ns.name, table, key, before: row, after: null });
}

function deviceRows(dev: Dev, add: (table: TableId, key: string, row: Row) => void): void {
  add('device', dev.name, {
    name: dev.name,
    type: dev.type,
    index: dev.index,
    mac: printMac(dev.mac),
    mtu: dev.mtu,
    up: dev.up,
    master: dev.master?.name ?? null,
    peer: dev.peer === null ? null : `${dev.peer.ns.name}:${dev.peer.name}`,
    hairpin: dev.port?.hairpin ?? null,
    ...originRow(dev.origin),
  });
  for (const a of dev.addresses)
    add('address', `${dev.name} ${printPrefix(a.prefix)}`, {
      dev: dev.name,
      address: printPrefix(a.prefix),
      scope: a.scope,
      ...originRow(a.origin),
    });
  for (const entry of dev.bridge?.fdb.values() ?? [])
    add('fdb', fdbRowKey(entry.mac, entry.port.name), fdbRow(entry, dev));
  for (const list of dev.vxlan?.fdb.values() ?? [])
    for (const entry of list)
      add('fdb', `${printMac(entry.mac)} dev ${dev.name} dst ${printAddr(entry.dst)}`, {
        mac: printMac(entry.mac),
        dev: dev.name,
        dst: printAddr(entry.dst),
        state: 'permanent',
        self: true,
        ...originRow(entry.origin),
      });
}

export function topologyOf(
  spaces: Iterable<Netns>,
  processes: (ns: Netns) => readonly string[],
): Topology {
  return {
    namespaces: [...spaces].map((ns) => ({
      name: ns.name,
      kind: ns.spec.kind,
      label: ns.spec.label ?? ns.name,
      host: ns.spec.host ?? null,
      ...(ns.appliance === null ? {} : { appliance: true as const }),
      processes: processes(ns),
      origin: ns.spec.origin ?? null,
      devices: ns.devices.map((dev) => ({
        name: dev.name,
        type: dev.type,
        index: dev.index,
        mac: dev.type === 'loopback' ? null : printMac(dev.mac),
        mtu: dev.mtu,
        master: dev.master?.name ?? null,
        peer: dev.peer === null ? null : { netns: dev.peer.ns.name, dev: dev.peer.name },
        addresses: dev.addresses.map((a) => printPrefix(a.prefix)),
        origin: dev.origin,
      })),
    })),
  };
}
