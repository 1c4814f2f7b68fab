// Neighbour entries of a namespace and the rows that `ip neigh` shows of them.
import { printAddr } from '../../wire/addr/ip.ts';
import { printMac } from '../../wire/addr/mac.ts';
import type { IpAddr, Mac } from '../../wire/addr/types.ts';
import type { Origin } from '../../network/types.ts';
import type { Nanos } from '../../base/queue.ts';
import type { NudState, Row } from '../../trace/types.ts';
import type { NetIo } from '../io.ts';
import { neighConf } from '../sysctl.ts';
import type { Dev, Neigh, NetnsBase } from '../types.ts';

export const CONNECTED: ReadonlySet<NudState> = new Set(['PERMANENT', 'NOARP', 'REACHABLE']);
export const VALID: ReadonlySet<NudState> = new Set([
  'PERMANENT',
  'NOARP',
  'REACHABLE',
  'PROBE',
  'STALE',
  'DELAY',
]);

const keyOf = (dev: Dev, ip: IpAddr): string => `${dev.index} ${typeof ip} ${ip}`;

export const findNeigh = (dev: Dev, ip: IpAddr): Neigh | undefined => dev.neigh.get(ip);

export function createNeigh(
  ns: NetnsBase,
  dev: Dev,
  ip: IpAddr,
  now: Nanos,
  state: NudState = 'NONE',
  mac: Mac | null = null,
  origin: Origin | null = null,
): Neigh {
  const family = typeof ip === 'number' ? 'ipv4' : 'ipv6';
  const reachable = neighConf(ns.sysctl, dev.name, 'base_reachable_time_ms', family) * 1_000_000;
  const neigh: Neigh = {
    ip,
    dev,
    mac,
    state,
    updated: now,
    // Unless it is known now, the last proof is too old to count (neigh_alloc).
    confirmed: (CONNECTED.has(state) ? now : now - 2 * reachable) as Nanos,
    used: now,
    probes: 0,
    queue: [],
    header: false,
    router: false,
    generation: 0,
    armed: false,
    origin,
  };
  ns.neigh.set(keyOf(dev, ip), neigh);
  dev.neigh.set(ip, neigh);
  return neigh;
}

export const removeNeigh = (ns: NetnsBase, neigh: Neigh): boolean =>
  neigh.dev.neigh.delete(neigh.ip) && ns.neigh.delete(keyOf(neigh.dev, neigh.ip));

export const neighRowKey = (neigh: Neigh): string => `${printAddr(neigh.ip)} dev ${neigh.dev.name}`;

export function neighRow(neigh: Neigh): Row | null {
  if (neigh.state === 'NONE' || neigh.state === 'NOARP') return null;
  const row = {
    ip: printAddr(neigh.ip),
    dev: neigh.dev.name,
    mac: neigh.mac === null ? null : printMac(neigh.mac),
    state: neigh.state,
    router: neigh.router,
  };
  return neigh.origin === null
    ? row
    : {
        ...row,
        by: neigh.origin.component,
        object: neigh.origin.object,
        command: neigh.origin.command,
      };
}

/** Runs `change` and records what it did to the entry's row. */
export function changeNeigh(io: NetIo, neigh: Neigh, change: () => void): void {
  if (io.rec.silent) {
    change();
    return;
  }
  const before = neighRow(neigh);
  change();
  const after = neighRow(neigh);
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  io.rec.write({
    netns: neigh.dev.ns.name,
    table: 'neigh',
    key: neighRowKey(neigh),
    before,
    after,
  });
}
