// Where each event of a packet happens on the picture: device, netfilter hook, routing decision or socket.
// Events of NAT and of confirmation do not name their hook; it follows from their neighbours (nf_nat_proto.c: PREROUTING and
// OUTPUT change the destination, POSTROUTING and INPUT the source).
import type { PacketId } from '../../wire/types.ts';
import type { HookName, Topology, Trace, TraceEvent } from '../types.ts';
import type { Station } from './types.ts';

export interface Placed {
  readonly event: TraceEvent;
  readonly station: Station;
  readonly hook: HookName | null;
  /** Tunnel headers around the packet after the event. */
  readonly depth: number;
}

/** The events of each packet, in order. */
export function eventsByPacket(trace: Trace): ReadonlyMap<PacketId, readonly TraceEvent[]> {
  const found = new Map<PacketId, TraceEvent[]>();
  for (const event of trace.events) {
    if (event.packet === null) continue;
    const list = found.get(event.packet);
    if (list === undefined) found.set(event.packet, [event]);
    else list.push(event);
  }
  return found;
}

const namedHook = (event: TraceEvent): HookName | null =>
  event.kind === 'nf.walk' || event.kind === 'ct.lookup' ? event.detail.hook : null;

const DESTINATION: readonly HookName[] = ['PREROUTING', 'OUTPUT'];
const SOURCE: readonly HookName[] = ['POSTROUTING', 'INPUT'];

/** The hook at which a NAT or confirmation event happened: the nearest that fits, backwards, then forwards. */
function inferHook(events: readonly TraceEvent[], at: number): HookName | null {
  const event = events[at]!;
  const fits: readonly HookName[] =
    event.kind === 'ct.confirm'
      ? SOURCE
      : event.kind === 'nat.setup' || event.kind === 'nat.rewrite'
        ? event.detail.manip === 'dst'
          ? DESTINATION
          : SOURCE
        : [];
  if (fits.length === 0) return null;
  for (const step of [-1, 1])
    for (let i = at + step; i >= 0 && i < events.length; i += step) {
      const other = events[i]!;
      if (other.site.netns !== event.site.netns) break;
      const hook = namedHook(other);
      if (hook !== null && fits.includes(hook)) return hook;
      if (other.kind === 'dev.tx' || other.kind === 'dev.rx' || other.kind === 'tunnel.encap')
        break;
      if (other.kind === 'ip.forward' && step < 0)
        return event.kind === 'ct.confirm' || fits === SOURCE ? 'POSTROUTING' : null;
    }
  return fits[0]!;
}

function placeOne(event: TraceEvent, hook: HookName | null, last: Station | null): Station {
  const { netns, dev } = event.site;
  if (hook !== null) return { kind: 'hook', netns, hook };
  const device = (name: string | null): Station =>
    name === null ? (last ?? { kind: 'socket', netns }) : { kind: 'device', netns, dev: name };
  switch (event.kind) {
    case 'socket.send':
    case 'socket.receive':
    case 'process.call':
    case 'process.result':
    case 'command':
    case 'timer':
      return { kind: 'socket', netns };
    case 'route.lookup':
      return { kind: 'route', netns, direction: event.detail.direction };
    case 'ip.forward':
      return { kind: 'route', netns, direction: 'input' };
    case 'bridge.forward':
      return device(event.detail.bridge);
    case 'neigh.lookup':
      return device(event.detail.dev);
    case 'kernel.send':
      return dev === null ? { kind: 'socket', netns } : device(dev);
    case 'dev.tx':
    case 'dev.rx':
    case 'arp.receive':
    case 'fdb.lookup':
    case 'tunnel.encap':
    case 'tunnel.decap':
    case 'appliance.check':
    case 'appliance.route':
    case 'appliance.translate':
      return device(dev);
    case 'ip.deliver':
    case 'ip.fragment':
    case 'ip.reassemble':
    case 'bridge.dnat':
    case 'drop':
    case 'nf.walk':
    case 'ct.lookup':
    case 'ct.confirm':
    case 'nat.setup':
    case 'nat.rewrite':
      return last !== null && last.netns === netns ? last : device(dev);
  }
}

const depthOf = (trace: Trace, event: TraceEvent): number => {
  const record = event.packet === null ? undefined : trace.packets[event.packet - 1];
  const layers = record?.revisions[event.revision]?.layers ?? [];
  return Math.max(0, layers.filter((l) => l.kind === 'ipv4' || l.kind === 'ipv6').length - 1);
};

/** One packet's events, each with its place. */
export function placeEvents(trace: Trace, events: readonly TraceEvent[]): readonly Placed[] {
  let last: Station | null = null;
  return events.map((event, i) => {
    const hook = namedHook(event) ?? inferHook(events, i);
    const station = placeOne(event, hook, last);
    last = station;
    return { event, station, hook, depth: depthOf(trace, event) };
  });
}

export const sameStation = (a: Station, b: Station): boolean =>
  a.kind === b.kind &&
  a.netns === b.netns &&
  (a.kind !== 'device' || a.dev === (b as typeof a).dev) &&
  (a.kind !== 'hook' || a.hook === (b as typeof a).hook) &&
  (a.kind !== 'route' || a.direction === (b as typeof a).direction);

/**
 * Stations in order, each once in a row, after `from` (where the packet was before). Between a port and what lies above it the
 * packet passes the bridge; and whatever leaves passes POSTROUTING, even if nothing there is worth an event.
 */
export function pathOf(
  trace: Trace,
  placed: readonly Placed[],
  from: Station | null = null,
): readonly Station[] {
  const path: Station[] = [];
  for (const { station } of placed) {
    const last = path.at(-1) ?? from;
    if (last !== null && sameStation(last, station)) continue;
    if (leavesBy(trace, last, station))
      path.push({ kind: 'hook', netns: station.netns, hook: 'POSTROUTING' });
    const above = path.at(-1) ?? from;
    const bridge = bridgeBetween(trace.topology, above, station);
    if (bridge !== null) path.push({ kind: 'device', netns: station.netns, dev: bridge });
    path.push(station);
  }
  return path.length > 0 ? path : from === null ? [] : [from];
}

const hooked = new WeakMap<Trace, ReadonlySet<string>>();

/** From FORWARD or OUTPUT to a device, in a namespace where POSTROUTING has something to do for some packet. */
function leavesBy(trace: Trace, last: Station | null, next: Station): boolean {
  if (last?.kind !== 'hook' || next.kind !== 'device' || last.netns !== next.netns) return false;
  if (last.hook !== 'FORWARD' && last.hook !== 'OUTPUT') return false;
  let found = hooked.get(trace);
  if (found === undefined) {
    const walks = trace.events.filter(
      (e) => e.kind === 'nf.walk' && e.detail.hook === 'POSTROUTING',
    );
    hooked.set(trace, (found = new Set(walks.map((e) => e.site.netns))));
  }
  return found.has(next.netns);
}

/** The bridge between a port and what lies above it, in either direction. */
function bridgeBetween(topology: Topology, a: Station | null, b: Station): string | null {
  if (a === null || a.netns !== b.netns || (a.kind === 'device') === (b.kind === 'device'))
    return null;
  const port = a.kind === 'device' ? a : b;
  return port.kind === 'device' ? masterOf(topology, port.netns, port.dev) : null;
}

function masterOf(topology: Topology, netns: string, dev: string): string | null {
  const namespace = topology.namespaces.find((n) => n.name === netns);
  return namespace?.devices.find((d) => d.name === dev)?.master ?? null;
}
