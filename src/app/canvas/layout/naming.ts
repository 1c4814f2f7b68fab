// What boxes of a namespace are called, and whether the journey comes by.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station } from '../../../trace/steps/types.ts';
import type { TopologyDevice, TopologyNamespace } from '../../../trace/types.ts';
import type { BoxKind } from './types.ts';
import type { Used } from './used.ts';

export const has = (used: Used, station: Station): boolean => used.keys.has(stationKey(station));
export const deviceStation = (ns: TopologyNamespace, d: TopologyDevice): Station => ({
  kind: 'device',
  netns: ns.name,
  dev: d.name,
});
export const socketStation = (ns: TopologyNamespace): Station => ({
  kind: 'socket',
  netns: ns.name,
});
export const processName = (ns: TopologyNamespace): string => ns.processes.join(', ') || 'socket';

/** As on the device; a host address needs no `/32`. */
export const addressWithPrefix = (d: TopologyDevice): string =>
  (d.addresses[0] ?? '').replace(/\/32$/, '');
export const addressOf = (d: TopologyDevice | undefined): string =>
  (d?.addresses[0] ?? '').replace(/\/\d+$/, '');

export const isTunnel = (d: TopologyDevice): boolean => d.type === 'vxlan' || d.type === 'ipip';

export function boxKindOf(d: TopologyDevice): BoxKind {
  if (d.type === 'bridge') return 'bridge';
  if (isTunnel(d)) return 'tunnel';
  if (d.type === 'veth') return 'veth';
  return d.type === 'loopback' ? 'device' : 'nic';
}

/** Rules, or forwarding: what a row of boxes cannot show. */
export const isRouter = (ns: TopologyNamespace, used: Used): boolean =>
  used.stations.some((s) => s.kind === 'hook' && s.netns === ns.name);
