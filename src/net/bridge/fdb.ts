// The forwarding database of a bridge: who was heard behind which port (net/bridge/br_fdb.c). A bridge only learns from the
// source of a frame; it never asks.
import { SECOND } from '../../base/queue.ts';
import { printMac } from '../../wire/addr/mac.ts';
import type { Mac } from '../../wire/addr/types.ts';
import type { Row } from '../../trace/types.ts';
import type { NetIo } from '../io.ts';
import type { BridgeState, Dev, FdbEntry } from '../types.ts';

export const createBridgeState = (): BridgeState => ({
  ports: [],
  fdb: new Map(),
  ageing: 300 * SECOND,
  mtuByUser: false,
});

/** Its own addresses and those of its ports are entries that never age. */
export function addLocalEntry(bridge: BridgeState, port: Dev): void {
  if (!bridge.fdb.has(port.mac))
    bridge.fdb.set(port.mac, {
      mac: port.mac,
      port,
      local: true,
      updated: 0 as FdbEntry['updated'],
    });
}

export const fdbRowKey = (mac: Mac, dev: string): string => `${printMac(mac)} dev ${dev}`;

export const fdbRow = (entry: FdbEntry, bridge: Dev): Row => ({
  mac: printMac(entry.mac),
  dev: entry.port.name,
  master: bridge.name,
  state: entry.local ? 'permanent' : entry.fixed === true ? 'static' : 'learned',
});

export function findFdb(io: NetIo, bridge: Dev, mac: Mac): FdbEntry | undefined {
  const entry = bridge.bridge?.fdb.get(mac);
  if (entry === undefined || entry.local || io.rec.now - entry.updated <= bridge.bridge!.ageing)
    return entry;
  return undefined;
}

/** br_fdb_update: the sender is behind `port`. */
export function learn(io: NetIo, bridge: Dev, port: Dev, mac: Mac): void {
  const fdb = bridge.bridge!.fdb;
  const known = fdb.get(mac);
  if (port.port?.learning === false || known?.local === true || known?.fixed === true) return;
  if (known !== undefined && known.port === port) {
    known.updated = io.rec.now;
    return;
  }
  const netns = bridge.ns.name;
  if (known !== undefined)
    io.rec.write({
      netns,
      table: 'fdb',
      key: fdbRowKey(mac, known.port.name),
      before: fdbRow(known, bridge),
      after: null,
    });
  const entry: FdbEntry = { mac, port, local: false, updated: io.rec.now };
  fdb.set(mac, entry);
  io.rec.write({
    netns,
    table: 'fdb',
    key: fdbRowKey(mac, port.name),
    before: null,
    after: fdbRow(entry, bridge),
  });
}
