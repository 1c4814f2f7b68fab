// Routes, policy rules and static neighbours: first what the kernel adds for each address, then what the document says.
import type { Diagnostic } from '../base/diagnostic.ts';
import { at } from '../base/diagnostic.ts';
import type { PolicyRuleSpec, RouteSpec } from '../network/types.ts';
import {
  addRoute,
  addRule,
  addressRoutes,
  hasRoute,
  multicastRoute6,
  tableName,
} from '../net/fib/table.ts';
import { printRoute, printRule } from '../net/fib/print.ts';
import type { PolicyRule, Route, Scope } from '../net/fib/types.ts';
import { SCOPE } from '../net/fib/types.ts';
import { createNeigh } from '../net/neigh/table.ts';
import type { Dev } from '../net/types.ts';
import { fibLookup } from '../net/fib/lookup.ts';
import type { NudState, RouteType } from '../trace/types.ts';
import { parseAddr } from '../wire/addr/ip.ts';
import { parseMac } from '../wire/addr/mac.ts';
import { network, parsePrefix } from '../wire/addr/prefix.ts';
import type { IpAddr, Prefix } from '../wire/addr/types.ts';
import type { Nanos } from '../base/queue.ts';
import { ipv6On } from './path/ip6-rcv.ts';
import type { Netns } from './types.ts';

export function buildRoutes(ns: Netns, diagnostics: Diagnostic[]): void {
  const complain = (reason: string, fix: string | null): void => {
    diagnostics.push({ severity: 'error', place: at(ns.name), reason, fix });
  };
  for (const dev of ns.devices) deviceRoutes(ns, dev);
  for (const spec of ns.spec.routes ?? []) {
    const route = parseRoute(ns, spec, complain);
    if (route === null) continue;
    const fib = typeof route.dst.addr === 'number' ? ns.fib4 : ns.fib6;
    if (hasRoute(fib, route))
      complain(`route ${printRoute(route)}: File exists`, 'give it another metric');
    else addRoute(fib, route);
  }
  for (const spec of ns.spec.rules ?? []) {
    const v6 = [spec.from, spec.to].some((text) => text?.includes(':'));
    const rule = parseRule(spec, complain);
    if (rule === null) continue;
    const fib = v6 ? ns.fib6 : ns.fib4;
    if (fib.rules.some((one) => printRule(one) === printRule(rule)))
      complain(`rule ${printRule(rule)}: File exists`, 'give it another priority');
    else addRule(fib, rule);
  }
  for (const spec of ns.spec.neigh ?? []) {
    const dev = ns.byName.get(spec.dev);
    const ip = parseAddr(spec.ip);
    if (dev === undefined || ip === null) {
      complain(`neigh ${spec.ip} dev ${spec.dev}: no such device or address`, null);
      continue;
    }
    if (spec.proxy === true) {
      dev.proxyNeigh.add(ip);
      continue;
    }
    const mac = spec.mac === undefined ? null : parseMac(spec.mac);
    const state = (spec.state ?? 'permanent').toUpperCase() as NudState;
    createNeigh(ns, dev, ip, 0 as Nanos, state, mac, spec.origin ?? null);
  }
}

/** The routes of a device that is up; of one that is down only that its IPv4 addresses are ours. */
export function deviceRoutes(ns: Netns, dev: Dev, families: 'ipv4' | 'both' = 'both'): void {
  for (const address of dev.addresses) {
    const v4 = typeof address.prefix.addr === 'number';
    if (!v4 && (families === 'ipv4' || !dev.up)) continue;
    for (const route of addressRoutes(
      dev,
      address.prefix,
      address.secondary,
      primaryOf(dev, address.prefix),
      address.noprefixroute,
    ))
      if (dev.up || route.type === 'local') addRoute(v4 ? ns.fib4 : ns.fib6, route);
  }
  if (families === 'both' && dev.up && ipv6On(dev)) addRoute(ns.fib6, multicastRoute6(dev));
}

const primaryOf = (dev: Dev, prefix: Prefix): IpAddr =>
  dev.addresses.find((a) => !a.secondary && network(a.prefix).addr === network(prefix).addr)?.prefix
    .addr ?? prefix.addr;

type Complain = (reason: string, fix: string | null) => void;
const TYPES: ReadonlySet<string> = new Set([
  'unicast',
  'local',
  'broadcast',
  'blackhole',
  'unreachable',
  'prohibit',
]);

export function parseRoute(ns: Netns, spec: RouteSpec, complain: Complain): Route | null {
  const via = spec.via === undefined ? null : parseAddr(spec.via);
  const v6 =
    spec.dst.includes(':') || spec.via?.includes(':') === true || spec.src?.includes(':') === true;
  const dst =
    spec.dst === 'default' ? parsePrefix(v6 ? '::/0' : '0.0.0.0/0') : parsePrefix(spec.dst);
  if (dst === null || (spec.via !== undefined && via === null)) {
    complain(`route ${spec.dst}: not an address`, 'write it as 10.0.0.0/24');
    return null;
  }
  const type = spec.type ?? 'unicast';
  if (!TYPES.has(type)) {
    complain(`route ${spec.dst}: type ${type} is not modelled`, [...TYPES].join(', '));
    return null;
  }
  const fib = v6 ? ns.fib6 : ns.fib4;
  let dev = spec.dev === undefined ? null : (ns.byName.get(spec.dev) ?? null);
  const hop =
    via === null ? null : fibLookup(fib, { dst: via, src: null, mark: 0, iif: 'lo', oif: null });
  dev ??= hop?.route.dev ?? null;
  if (type === 'unicast' && dev === null) {
    complain(
      `route ${spec.dst}: no way to ${spec.via ?? spec.dev ?? 'nowhere'}`,
      'name a device that exists',
    );
    return null;
  }
  const scope: Scope =
    spec.scope !== undefined && spec.scope in SCOPE
      ? (spec.scope as Scope)
      : type === 'local'
        ? 'host'
        : via === null && type === 'unicast' && !v6
          ? 'link'
          : 'global';
  return {
    dst: network(dst),
    via,
    viaSelf: !v6 && hop?.route.type === 'local',
    dev,
    src: spec.src === undefined ? null : parseAddr(spec.src),
    type: type as RouteType,
    scope,
    table: tableName(spec.table),
    metric: spec.metric ?? (v6 ? 1024 : 0),
    mtu: spec.mtu ?? null,
    onlink: spec.onlink ?? false,
    proto: spec.proto === undefined ? '' : String(spec.proto),
    origin: spec.origin ?? null,
  };
}

export function parseRule(spec: PolicyRuleSpec, complain: Complain): PolicyRule | null {
  const prefix = (text: string | undefined): Prefix | null =>
    text === undefined || text === 'all' ? null : parsePrefix(text);
  const [value, mask] = spec.fwmark?.split('/') ?? [];
  const rule: PolicyRule = {
    priority: spec.priority,
    not: spec.not ?? false,
    from: prefix(spec.from),
    to: prefix(spec.to),
    fwmark:
      value === undefined
        ? null
        : { value: Number(value) >>> 0, mask: Number(mask ?? '0xffffffff') >>> 0 },
    iif: spec.iif ?? null,
    oif: spec.oif ?? null,
    table: tableName(spec.lookup),
    origin: spec.origin ?? null,
  };
  if (
    (spec.from !== undefined && spec.from !== 'all' && rule.from === null) ||
    Number.isNaN(rule.fwmark?.value)
  ) {
    complain(`rule ${spec.priority}: cannot read its selector`, null);
    return null;
  }
  return rule;
}
