// Building and changing routing tables: what the kernel adds by itself for each address (fib_add_ifaddr, addrconf), and what
// commands add.
import type { Origin } from '../../network/types.ts';
import { broadcastOf, network } from '../../wire/addr/prefix.ts';
import type { IpAddr, Ipv4, Prefix } from '../../wire/addr/types.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { Dev } from '../types.ts';
import type { Fib, PolicyRule, Route } from './types.ts';

const kernelRule = (priority: number, table: string): PolicyRule => ({
  priority,
  not: false,
  from: null,
  to: null,
  fwmark: null,
  iif: null,
  oif: null,
  table,
  origin: KERNEL,
});
export const KERNEL: Origin = { component: 'kernel', object: null, command: null };

export function createFib(family: 'ipv4' | 'ipv6'): Fib {
  const rules = [kernelRule(0, 'local'), kernelRule(32766, 'main')];
  if (family === 'ipv4') rules.push(kernelRule(32767, 'default'));
  return { family, rules, tables: new Map() };
}

export const widthOf = (addr: IpAddr): number => (typeof addr === 'number' ? 32 : 128);
export const hostPrefix = (addr: IpAddr): Prefix => ({ addr, length: widthOf(addr) });

const sortsBefore = (a: Route, b: Route): boolean =>
  a.dst.length > b.dst.length || (a.dst.length === b.dst.length && a.metric < b.metric);

export function addRoute(fib: Fib, route: Route): void {
  let table = fib.tables.get(route.table);
  if (table === undefined) fib.tables.set(route.table, (table = []));
  const at = table.findIndex((one) => sortsBefore(route, one));
  if (at < 0) table.push(route);
  else table.splice(at, 0, route);
}

/** NLM_F_EXCL: one route a destination and metric in each table. */
export const hasRoute = (fib: Fib, route: Route): boolean =>
  (fib.tables.get(route.table) ?? []).some(
    (one) =>
      one.dst.addr === route.dst.addr &&
      one.dst.length === route.dst.length &&
      one.metric === route.metric,
  );

/** What makes two routes the same entry (fib_table_insert): `replace` takes its place, `add` is refused. */
export const sameRoute = (a: Route, b: Route): boolean =>
  a.table === b.table &&
  a.dst.length === b.dst.length &&
  a.dst.addr === b.dst.addr &&
  a.metric === b.metric;

export function replaceRoute(fib: Fib, route: Route): void {
  const table = fib.tables.get(route.table);
  const at = table?.findIndex((one) => sameRoute(one, route)) ?? -1;
  if (table === undefined || at < 0) addRoute(fib, route);
  else table.splice(at, 1, route);
}

export function dropRoutes(fib: Fib, gone: (route: Route) => boolean): void {
  for (const [name, table] of fib.tables) {
    const left = table.filter((route) => !gone(route));
    if (left.length === 0) fib.tables.delete(name);
    else table.splice(0, table.length, ...left);
  }
}

export function addRule(fib: Fib, rule: PolicyRule): void {
  const at = fib.rules.findIndex((one) => one.priority > rule.priority);
  if (at < 0) fib.rules.push(rule);
  else fib.rules.splice(at, 0, rule);
}

/** 255 -> local, 254 -> main, 253 -> default, else the text of the number. */
export function tableName(table: string | number | undefined): string {
  const names: Readonly<Record<string, string>> = {
    '255': 'local',
    '254': 'main',
    '253': 'default',
  };
  const text = String(table ?? 'main');
  return names[text] ?? text;
}

/** Routes that exist because a device has this address (fib_add_ifaddr; addrconf_prefix_route for IPv6). */
export function addressRoutes(
  dev: Dev,
  prefix: Prefix,
  secondary: boolean,
  source: IpAddr = prefix.addr,
  noprefixroute = false,
): Route[] {
  const v4 = typeof prefix.addr === 'number';
  const base = {
    via: null,
    dev,
    table: 'local',
    metric: 0,
    mtu: null,
    onlink: false,
    proto: 'kernel',
    origin: KERNEL,
  };
  const routes: Route[] = [
    {
      ...base,
      dst: hostPrefix(prefix.addr),
      src: v4 ? source : null,
      type: 'local',
      scope: v4 ? 'host' : 'global',
    },
  ];
  const width = v4 ? 32 : 128;
  if (prefix.length < width && !secondary) {
    const loopback = dev.type === 'loopback';
    const net = network(prefix);
    if (loopback && v4)
      routes.push({ ...base, dst: net, src: source, type: 'local', scope: 'host' });
    else if (!noprefixroute)
      routes.push({
        ...base,
        dst: net,
        src: v4 ? source : null,
        type: 'unicast',
        scope: v4 ? 'link' : 'global',
        table: 'main',
        metric: v4 ? 0 : 256,
      });
    if (v4 && prefix.length < 31)
      routes.push({
        ...base,
        dst: hostPrefix(broadcastOf(prefix as Prefix<Ipv4>)),
        src: source,
        type: 'broadcast',
        scope: 'link',
      });
  }
  return routes;
}

/** IPv6 adds ff00::/8 in table local for each device that is up. */
export const multicastRoute6 = (dev: Dev): Route => ({
  dst: { addr: parseAddr('ff00::')!, length: 8 },
  via: null,
  dev,
  src: null,
  type: 'multicast',
  scope: 'global',
  table: 'local',
  metric: 256,
  mtu: null,
  onlink: false,
  proto: 'kernel',
  origin: KERNEL,
});
