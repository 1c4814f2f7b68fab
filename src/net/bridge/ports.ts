// Ports of a bridge come and go (br_add_if, br_del_if, br_stp_disable_port; net/bridge/br_if.c).
import type { Dev, PortState } from '../types.ts';
import { addLocalEntry } from './fdb.ts';

export const newPort = (spec: Partial<PortState> = {}): PortState => ({
  hairpin: spec.hairpin ?? false,
  isolated: spec.isolated ?? false,
  learning: spec.learning ?? true,
  flood: spec.flood ?? true,
});

/** br_mtu_auto_adjust: as small as the smallest port, unless somebody set it. */
export function autoMtu(bridge: Dev): void {
  const state = bridge.bridge;
  if (state === null || state.mtuByUser || state.ports.length === 0) return;
  bridge.mtu = Math.min(...state.ports.map((port) => port.mtu));
}

export function joinBridge(dev: Dev, bridge: Dev, spec: Partial<PortState> = {}): void {
  if (bridge.bridge === null) return;
  leaveBridge(dev);
  dev.master = bridge;
  dev.port = newPort(spec);
  bridge.bridge.ports.unshift(dev);
  addLocalEntry(bridge.bridge, dev);
  autoMtu(bridge);
}

export function leaveBridge(dev: Dev): void {
  const bridge = dev.master;
  const state = bridge?.bridge;
  if (bridge == null || state == null) return;
  for (const entry of [...state.fdb.values()]) if (entry.port === dev) state.fdb.delete(entry.mac);
  state.ports.splice(state.ports.indexOf(dev), 1);
  dev.master = null;
  dev.port = null;
  autoMtu(bridge);
}

/** The port went down: what was learned behind it is forgotten. */
export function forgetPort(dev: Dev): void {
  const fdb = dev.master?.bridge?.fdb;
  if (fdb === undefined) return;
  for (const entry of [...fdb.values()])
    if (entry.port === dev && !entry.local && entry.fixed !== true) fdb.delete(entry.mac);
}
