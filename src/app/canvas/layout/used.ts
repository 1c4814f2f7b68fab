// What of the topology the journey touches: the rest is folded away, so that the picture shows the path and little else.
import { leaves } from '../../../trace/steps/fine.ts';
import { journeyOf, type Station } from '../../../trace/steps/index.ts';
import { stationKey } from '../../../trace/steps/station.ts';
import type { Trace } from '../../../trace/types.ts';

export interface Used {
  /** In the order of the first visit. */
  readonly stations: readonly Station[];
  readonly keys: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  /** Pairs of stations that a packet goes between, each once, by keys. */
  readonly moves: readonly (readonly [Station, Station])[];
}

export function usedBy(trace: Trace): Used {
  const stations: Station[] = [];
  const keys = new Set<string>();
  const pairs = new Set<string>();
  const moves: [Station, Station][] = [];
  const last = new Map<number, Station>();
  const visit = (s: Station): void => {
    if (keys.has(stationKey(s))) return;
    keys.add(stationKey(s));
    stations.push(s);
  };
  const move = (a: Station, b: Station): void => {
    const pair = [stationKey(a), stationKey(b)].sort().join(' ');
    if (stationKey(a) === stationKey(b) || pairs.has(pair) || !touch(trace, a, b)) return;
    pairs.add(pair);
    moves.push([a, b]);
  };
  for (const step of leaves(journeyOf(trace).overview)) {
    let before =
      step.packet === null || step.topic === 'resolve' ? undefined : last.get(step.packet);
    for (const station of step.path) {
      visit(station);
      if (before !== undefined) move(before, station);
      before = station;
    }
    if (step.packet !== null && step.topic !== 'resolve' && before !== undefined)
      last.set(step.packet, before);
  }
  return { stations, keys, namespaces: new Set(stations.map((s) => s.netns)), moves };
}

/** A packet goes from one to the other without a stop: within a namespace, or over a cable between two devices. */
function touch(trace: Trace, a: Station, b: Station): boolean {
  if (a.netns === b.netns) return true;
  if (a.kind !== 'device' || b.kind !== 'device') return false;
  const device = trace.topology.namespaces
    .find((n) => n.name === a.netns)
    ?.devices.find((d) => d.name === a.dev);
  if (device?.type === 'macvlan') return true;
  return device?.peer?.netns === b.netns && device.peer.dev === b.dev;
}
