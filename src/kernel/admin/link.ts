// What follows when a link goes down or comes up, or changes (fib_netdev_event, arp_netdev_event, br_device_event,
// addrconf_notify): routes vanish, neighbours are forgotten, the other end of a cable loses its carrier.
// Simplified: IPv6 takes its addresses off a device that goes down (keep_addr_on_down is 0) and makes the link-local one anew.
import { addLocalEntry } from '../../net/bridge/fdb.ts';
import { autoMtu, forgetPort, leaveBridge } from '../../net/bridge/ports.ts';
import { removeNeigh } from '../../net/neigh/table.ts';
import { hasCarrier } from '../../net/devices/carrier.ts';
import type { Dev } from '../../net/types.ts';
import { eui64LinkLocal } from '../../wire/addr/ipv6.ts';
import type { Mac } from '../../wire/addr/types.ts';
import { deviceRoutes } from '../boot-routes.ts';
import { addRoute, addressRoutes, dropRoutes, multicastRoute6 } from '../../net/fib/table.ts';
import { ipv6On } from '../path/ip6-rcv.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { flushNeigh } from './neigh.ts';

/** Every device whose carrier may depend on this one. */
function dependants(dev: Dev): readonly Dev[] {
  const next = [dev.peer, dev.master, ...dev.uppers];
  return next.filter((one): one is Dev => one !== null);
}

/** Runs a change of `dev` and tells those that lost their carrier by it. */
function withCarrier(k: Kernel, dev: Dev, change: () => void): void {
  const others = dependants(dev);
  const before = others.map((one) => one.up && hasCarrier(one));
  change();
  others.forEach((one, i) => {
    if (before[i] !== true || (one.up && hasCarrier(one))) return;
    withCarrier(k, one, () => lostCarrier(k, one));
  });
}

/** Routes stay (linkdown), learned neighbours and bridge entries do not. */
function lostCarrier(k: Kernel, dev: Dev): void {
  flushNeigh(k, dev, 'permanent');
  if (dev.master !== null) forgetPort(dev);
}

export function linkDown(k: Kernel, dev: Dev): void {
  if (!dev.up) return;
  withCarrier(k, dev, () => {
    dev.up = false;
    // A local address stays ours on a link that is down.
    dropRoutes(dev.ns.fib4, (r) => r.dev === dev && r.type !== 'local');
    ipv6Down(dev);
    flushNeigh(k, dev, 'none');
    if (dev.master !== null) forgetPort(dev);
  });
}

export function ipv6Down(dev: Dev): void {
  dropRoutes(dev.ns.fib6, (r) => r.dev === dev);
  const kept = dev.addresses.filter((a) => typeof a.prefix.addr === 'number');
  dev.addresses.splice(0, dev.addresses.length, ...kept);
  for (const neigh of [...dev.ns.neigh.values()])
    if (neigh.dev === dev && typeof neigh.ip === 'bigint') removeNeigh(dev.ns, neigh);
}

export function ipv6Up(dev: Dev): void {
  if (dev.type !== 'loopback' && dev.master === null) {
    const prefix = { addr: eui64LinkLocal(dev.mac), length: 64 };
    dev.addresses.push({
      prefix,
      scope: 'link',
      secondary: false,
      noprefixroute: false,
      origin: null,
    });
    for (const route of addressRoutes(dev, prefix, false)) addRoute(dev.ns.fib6, route);
  }
  addRoute(dev.ns.fib6, multicastRoute6(dev));
}

export function linkUp(dev: Dev): void {
  if (dev.up) return;
  dev.up = true;
  dropRoutes(dev.ns.fib4, (r) => r.dev === dev);
  const v6 = ipv6On(dev);
  deviceRoutes(nsOf(dev), dev, v6 ? 'ipv4' : 'both');
  if (v6) ipv6Up(dev);
}

export function setMtu(dev: Dev, mtu: number): void {
  dev.mtu = mtu;
  if (dev.bridge !== null) dev.bridge.mtuByUser = true;
  if (dev.master?.bridge != null) autoMtu(dev.master);
}

/** The bridge knows the new address of its port; neighbours are asked anew, because they were told the old one. */
export function setMac(k: Kernel, dev: Dev, mac: Mac): void {
  const bridge = dev.bridge === null ? dev.master : dev;
  if (bridge?.bridge != null) {
    const old = bridge.bridge.fdb.get(dev.mac);
    if (old?.local === true && old.port === dev) bridge.bridge.fdb.delete(dev.mac);
  }
  dev.mac = mac;
  if (bridge?.bridge != null) {
    bridge.bridge.fdb.delete(mac);
    addLocalEntry(bridge.bridge, dev);
  }
  flushNeigh(k, dev, 'none');
}

/** ip link delete: a veth takes its peer with it. */
export function linkRemove(k: Kernel, dev: Dev): string | null {
  if (dev.type === 'loopback') return 'RTNETLINK answers: Operation not supported';
  for (const one of dev.peer === null ? [dev] : [dev, dev.peer]) {
    linkDown(k, one);
    leaveBridge(one);
    dropRoutes(one.ns.fib4, (r) => r.dev === one);
    dropRoutes(one.ns.fib6, (r) => r.dev === one);
    one.ns.devices.splice(one.ns.devices.indexOf(one), 1);
    one.ns.byName.delete(one.name);
  }
  return null;
}
