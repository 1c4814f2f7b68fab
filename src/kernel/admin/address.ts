// Addresses that come and go (inet_insert_ifa, inet_del_ifa, fib_inetaddr_event; inet6_addr_add): the routes that they bring,
// and what falls with them.
import { addRoute, addressRoutes, dropRoutes } from '../../net/fib/table.ts';
import type { AddressSpec } from '../../network/types.ts';
import type { Dev } from '../../net/types.ts';
import { network, samePrefix } from '../../wire/addr/prefix.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { ifAddr } from '../boot-devices.ts';
import { ipv6On } from '../path/ip6-rcv.ts';
import type { Kernel } from '../types.ts';
import { flushNeigh } from './neigh.ts';

const isV4 = (prefix: Prefix): boolean => typeof prefix.addr === 'number';

export function addAddress(
  dev: Dev,
  prefix: Prefix,
  spec: Pick<AddressSpec, 'scope' | 'noprefixroute'>,
): string | null {
  const v4 = isV4(prefix);
  if (dev.addresses.some((a) => a.prefix.addr === prefix.addr && a.prefix.length === prefix.length))
    return 'RTNETLINK answers: File exists';
  if (!v4 && !ipv6On(dev)) return 'RTNETLINK answers: Permission denied';
  const added = ifAddr(dev, prefix, { cidr: '', ...spec });
  dev.addresses.push(added);
  const first = dev.addresses.find(
    (a) => !a.secondary && samePrefix(network(a.prefix), network(prefix)),
  );
  const fib = v4 ? dev.ns.fib4 : dev.ns.fib6;
  for (const route of addressRoutes(
    dev,
    prefix,
    added.secondary,
    first?.prefix.addr,
    added.noprefixroute,
  ))
    if (dev.up || route.type === 'local') addRoute(fib, route);
  return null;
}

export function removeAddress(k: Kernel, dev: Dev, prefix: Prefix): string | null {
  const own = dev.addresses.find(
    (a) => a.prefix.addr === prefix.addr && (a.prefix.length === prefix.length || isHost(prefix)),
  );
  if (own === undefined) return 'RTNETLINK answers: Cannot assign requested address';
  const v4 = isV4(prefix);
  const fib = v4 ? dev.ns.fib4 : dev.ns.fib6;
  const net = network(own.prefix);
  // A primary address takes its secondaries along (promote_secondaries is 0).
  const gone = dev.addresses.filter(
    (a) => a === own || (!own.secondary && a.secondary && samePrefix(network(a.prefix), net)),
  );
  const left = dev.addresses.filter((a) => !gone.includes(a));
  dev.addresses.splice(0, dev.addresses.length, ...left);
  for (const { prefix: one } of gone) {
    const elsewhere = dev.ns.devices.some((d) =>
      d.addresses.some((a) => a.prefix.addr === one.addr),
    );
    const stillNet = left.some((a) => samePrefix(network(a.prefix), network(one)));
    for (const route of addressRoutes(dev, one, stillNet))
      dropRoutes(
        fib,
        (r) =>
          r.dev === dev &&
          r.table === route.table &&
          r.type === route.type &&
          samePrefix(r.dst, route.dst) &&
          r.proto === 'kernel',
      );
    // fib_sync_down_addr: a route that prefers this source is useless now.
    if (v4 && !elsewhere) dropRoutes(fib, (r) => r.src === one.addr);
  }
  if (v4 && !left.some((a) => isV4(a.prefix))) {
    // The last address: IP is off on this device (fib_disable_ip).
    dropRoutes(fib, (r) => r.dev === dev);
    flushNeigh(k, dev, 'none');
  }
  return null;
}

const isHost = (prefix: Prefix): boolean => prefix.length === (isV4(prefix) ? 32 : 128);
