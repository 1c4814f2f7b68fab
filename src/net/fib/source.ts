// Which address of a device a packet gets when nobody chose one (inet_select_addr, net/ipv4/devinet.c; RFC 6724 in small
// for IPv6).
import { contains, network } from '../../wire/addr/prefix.ts';
import { isLinkLocal6 } from '../../wire/addr/ipv6.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../../wire/addr/types.ts';
import type { Dev, IfAddr, NetnsBase } from '../types.ts';
import { SCOPE } from './types.ts';
import type { Route, Scope } from './types.ts';

const usable = (addr: IfAddr, scope: Scope): boolean => SCOPE[addr.scope] <= SCOPE[scope];

/** The address of `dev` (or, failing that, of any device) that suits a destination of that scope. */
export function selectSource4(
  ns: NetnsBase,
  dev: Dev,
  dst: Ipv4 | null,
  scope: Scope,
): Ipv4 | null {
  let first: Ipv4 | null = null;
  for (const addr of dev.addresses) {
    if (typeof addr.prefix.addr !== 'number' || addr.secondary || !usable(addr, scope)) continue;
    if (dst === null || contains(network(addr.prefix), dst)) return addr.prefix.addr as Ipv4;
    first ??= addr.prefix.addr as Ipv4;
  }
  if (first !== null) return first;
  for (const other of ns.devices)
    for (const addr of other.addresses)
      if (
        typeof addr.prefix.addr === 'number' &&
        !addr.secondary &&
        addr.scope !== 'link' &&
        usable(addr, scope)
      )
        return addr.prefix.addr as Ipv4;
  return null;
}

export function selectSource6(ns: NetnsBase, dev: Dev, dst: Ipv6): Ipv6 | null {
  const wantsLinkLocal =
    isLinkLocal6(dst) || (dst >> 120n === 0xffn && ((dst >> 112n) & 0xfn) === 2n);
  const of = (one: Dev): Ipv6[] =>
    one.addresses.flatMap((a) =>
      typeof a.prefix.addr === 'bigint' ? [a.prefix.addr as Ipv6] : [],
    );
  const suits = (addr: Ipv6): boolean => isLinkLocal6(addr) === wantsLinkLocal;
  const common = (a: Ipv6): number => {
    const x = (a ^ dst) as bigint;
    return x === 0n ? 128 : 128 - x.toString(2).length;
  };
  const pick = (list: Ipv6[]): Ipv6 | null =>
    list.reduce<Ipv6 | null>(
      (best, one) => (best === null || common(one) > common(best) ? one : best),
      null,
    );
  const own = pick(of(dev).filter(suits));
  if (own !== null) return own;
  const others = ns.devices.filter((one) => one !== dev && one.type !== 'loopback');
  if (!wantsLinkLocal) {
    const any = pick(others.flatMap(of).filter(suits));
    if (any !== null) return any;
  }
  return pick(of(dev));
}

/** fib_info's preferred source: the route's own, or what its device offers. */
export function preferredSource(ns: NetnsBase, route: Route, dst: IpAddr): IpAddr | null {
  if (route.src !== null) return route.src;
  if (route.dev === null) return null;
  return typeof dst === 'bigint'
    ? selectSource6(ns, route.dev, dst as Ipv6)
    : selectSource4(ns, route.dev, (route.via as Ipv4 | null) ?? null, route.scope);
}
