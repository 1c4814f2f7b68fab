// Routing decisions for what comes in and what is made here (ip_route_input_slow, ip_route_output_key_hash_rcu,
// net/ipv4/route.c; fib_validate_source, net/ipv4/fib_frontend.c), for both families.
import { remember } from '../../base/remember.ts';
import { fibLookup, nothingPassed, tableLookup } from '../../net/fib/lookup.ts';
import type { PassedOver } from '../../net/fib/lookup.ts';
import { printRoute } from '../../net/fib/print.ts';
import { preferredSource } from '../../net/fib/source.ts';
import type { FibHit, FibKey, PolicyRule, Route } from '../../net/fib/types.ts';
import { confDev, confOr } from '../../net/sysctl.ts';
import type { Dev, Dst, NetnsBase, Skb } from '../../net/types.ts';
import type { RouteChoice, RouteType } from '../../trace/types.ts';
import { isLoopback, isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import { IPV4_BROADCAST } from '../../wire/addr/ipv4.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { Kernel } from '../types.ts';
import { wantsRedirect } from './redirect.ts';
import { validateSource } from './source.ts';

export const fibOf = (ns: NetnsBase, addr: IpAddr): NetnsBase['fib4'] =>
  typeof addr === 'number' ? ns.fib4 : ns.fib6;

export const ownsAddress = (ns: NetnsBase, addr: IpAddr): boolean =>
  ns.devices.some((dev) => dev.addresses.some((a) => a.prefix.addr === addr));

const key = (
  dst: IpAddr,
  src: IpAddr | null = null,
  mark = 0,
  iif = 'lo',
  oif: string | null = null,
): FibKey => ({ dst, src, mark, iif, oif });

/** inet_addr_type: what table local says of an address; `dev` asks for that device only. */
export function addrType(ns: NetnsBase, addr: IpAddr, dev: string | null): RouteType {
  if (isZero(addr) || addr === IPV4_BROADCAST) return 'broadcast';
  if (isMulticast(addr)) return 'multicast';
  const route = tableLookup(fibOf(ns, addr), 'local', key(addr));
  if (route === null || (dev !== null && route.dev?.name !== dev)) return 'unicast';
  return route.type;
}

/** rt_set_nexthop: a gateway counts only where its scope is link. */
const nextHop = (route: Route): IpAddr | null => (route.viaSelf === true ? null : route.via);

/** The next hop towards `dst`, or the better one that a redirect told of. */
function hopTo(ns: NetnsBase, route: Route, dst: IpAddr): IpAddr | null {
  const hop = nextHop(route);
  const better = ns.redirects.get(dst);
  return better !== undefined && better.from === hop ? better.to : hop;
}

const ERRNO: Partial<Record<RouteType, string>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
};

/** The answer to a packet that came in. `drop`: it goes no further, and nobody is told. */
export type InputRoute =
  | (Dst & { readonly kind: 'local' | 'forward' | 'error'; readonly redirect: boolean })
  | { readonly kind: 'drop'; readonly reason: string; readonly at: string; readonly why: string };

const drop = (reason: string, why: string): InputRoute => ({
  kind: 'drop',
  reason,
  at: 'ip_rcv_finish_core',
  why,
});

const noRoute = (dev: Dev, hit: FibHit | null, errno: string): InputRoute => ({
  kind: 'error',
  dev,
  via: null,
  type: hit?.route.type ?? 'none',
  mtu: dev.mtu,
  error: errno,
  redirect: false,
});

export function inputRoute(
  k: Kernel,
  dev: Dev,
  src: IpAddr,
  dst: IpAddr,
  mark: number,
  skb: Skb | null,
): InputRoute {
  const { ns } = dev;
  const v4 = typeof dst === 'number';
  const localnet = confOr(ns.sysctl, dev.name, 'route_localnet');
  if (v4) {
    if (isMulticast(src) || src === IPV4_BROADCAST)
      return drop('IP_INVALID_SOURCE', 'martian source');
    if (isLoopback(src) && dev.type !== 'loopback' && !localnet)
      return drop(
        'IP_LOCALNET',
        `martian source ${printAddr(src)}: a loopback address from outside`,
      );
    if (isLoopback(dst) && dev.type !== 'loopback' && !localnet)
      return drop(
        'IP_LOCALNET',
        `martian destination ${printAddr(dst)}: a loopback address from outside`,
      );
    if (isZero(dst)) return drop('IP_INVALID_DEST', 'martian destination 0.0.0.0');
  }
  const passed = skb === null || k.rec.silent ? null : nothingPassed();
  const hit = fibLookup(fibOf(ns, dst), key(dst, src, mark, dev.name), passed);
  if (skb !== null) tell(k, skb, 'input', dev.ns, dst, src, mark, dev, hit, null, passed);
  const forwarding = confDev(ns.sysctl, dev.name, 'forwarding', v4 ? 'ipv4' : 'ipv6') !== 0;
  if (hit === null) return noRoute(dev, null, forwarding || !v4 ? 'ENETUNREACH' : 'EHOSTUNREACH');
  const { route } = hit;
  if (route.type === 'broadcast' || route.type === 'local' || route.type === 'multicast') {
    if (v4) {
      const source = validateSource(dev, src, dst, null, mark);
      if (!source.ok) return drop(source.reason, source.why);
    }
    return {
      kind: 'local',
      dev: ns.lo,
      via: null,
      type: route.type,
      mtu: dev.mtu,
      error: null,
      redirect: false,
    };
  }
  const errno = ERRNO[route.type];
  if (errno === 'EINVAL')
    return drop('NOT_SPECIFIED', `${printRoute(route)}: dropped without a word`);
  if (!forwarding && v4) return noRoute(dev, hit, 'EHOSTUNREACH');
  if (errno !== undefined) return noRoute(dev, hit, errno);
  if (isMulticast(dst)) return drop('NOT_SPECIFIED', 'no multicast routing');
  const out = route.dev ?? dev;
  let redirect = false;
  if (v4) {
    const source = validateSource(dev, src, dst, out, mark);
    if (!source.ok) return drop(source.reason, source.why);
    redirect = out === dev && source.direct && wantsRedirect(dev, src, nextHop(route));
  } else redirect = out === dev;
  return {
    kind: 'forward',
    dev: out,
    via: hopTo(ns, route, dst),
    type: 'unicast',
    // Forwarding trusts no learned path MTU (ip_forward_use_pmtu is 0).
    mtu: route.mtu ?? out.mtu,
    error: null,
    redirect,
  };
}

/** `-m rpfilter` and the loose form of it. */
export function reversePathOk(
  dev: Dev,
  src: IpAddr,
  dst: IpAddr,
  mark: number,
  loose: boolean,
): boolean {
  const back = fibLookup(fibOf(dev.ns, src), key(src, dst, mark));
  if (back === null || back.route.type !== 'unicast') return false;
  return loose || back.route.dev === dev;
}

export interface OutputKey {
  readonly dst: IpAddr;
  readonly src: IpAddr | null;
  readonly mark: number;
  readonly oif: string | null;
}
export type OutputRoute =
  | { readonly ok: true; readonly dst: Dst; readonly src: IpAddr }
  | { readonly ok: false; readonly errno: string };

/** `skb` null: asked before there is a packet (connect); then nothing is recorded. */
export function outputRoute(
  k: Kernel,
  ns: NetnsBase,
  want: OutputKey,
  skb: Skb | null,
): OutputRoute {
  const passed = skb === null || k.rec.silent ? null : nothingPassed();
  const hit = fibLookup(
    fibOf(ns, want.dst),
    key(want.dst, want.src, want.mark, 'lo', want.oif),
    passed,
  );
  const src = hit === null ? null : (want.src ?? sourceFor(ns, hit, want.dst));
  if (skb !== null)
    tell(k, skb, 'output', ns, want.dst, want.src, want.mark, null, hit, src, passed);
  if (hit === null) return { ok: false, errno: 'ENETUNREACH' };
  const errno = ERRNO[hit.route.type];
  if (errno !== undefined) return { ok: false, errno };
  if (src === null) return { ok: false, errno: 'EADDRNOTAVAIL' };
  const local = hit.route.type === 'local';
  const dev = local ? ns.lo : hit.route.dev!;
  return {
    ok: true,
    src,
    dst: {
      kind: 'output',
      dev,
      via: hopTo(ns, hit.route, want.dst),
      type: hit.route.type,
      mtu: ns.pmtu.get(want.dst) ?? hit.route.mtu ?? dev.mtu,
      error: null,
    },
  };
}

function sourceFor(ns: NetnsBase, hit: FibHit, dst: IpAddr): IpAddr | null {
  if (hit.route.type === 'local') return hit.route.src ?? dst;
  return preferredSource(ns, hit.route, dst);
}

function tell(
  k: Kernel,
  skb: Skb,
  direction: 'input' | 'output',
  ns: NetnsBase,
  dst: IpAddr,
  src: IpAddr | null,
  mark: number,
  iif: Dev | null,
  hit: FibHit | null,
  prefsrc: IpAddr | null,
  passed: PassedOver | null,
): void {
  if (passed === null) return;
  k.rec.event('route.lookup', skb, iif === null ? ns.site : iif.site, {
    direction,
    dst: printAddr(dst),
    src: src === null ? null : printAddr(src),
    mark,
    iif: iif?.name ?? null,
    choice: hit === null ? NO_CHOICE : choiceOf(hit),
    prefsrc: prefsrc === null ? null : printAddr(prefsrc),
    passed: passed.list,
  });
}

const NO_CHOICE: RouteChoice = {
  rule: -1,
  table: '',
  route: null,
  type: 'none',
  via: null,
  dev: null,
  origin: null,
};

/** By route, and in it by rule: most packets take a way that was taken before. */
const choices = remember<Route, Map<PolicyRule, RouteChoice>>(() => new Map());

function choiceOf({ rule, route }: FibHit): RouteChoice {
  const known = choices(route);
  let choice = known.get(rule);
  if (choice === undefined) {
    choice = {
      rule: rule.priority,
      table: rule.table,
      route: printRoute(route),
      type: route.type,
      via: route.via === null ? null : printAddr(route.via),
      dev: route.dev?.name ?? null,
      origin: route.origin,
    };
    known.set(rule, choice);
  }
  return choice;
}
