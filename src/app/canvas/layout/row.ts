// A namespace that walks no rules as one row: process, route and devices side by side.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station } from '../../../trace/steps/types.ts';
import type { TopologyNamespace } from '../../../trace/types.ts';
import { labelWidth, monoWidth } from './measure.ts';
import { addressOf, boxKindOf, deviceStation, has, processName, socketStation } from './naming.ts';
import { leaf, wrap, type Part } from './parts.ts';
import { GAP, PAD, ROW, TITLE } from './types.ts';
import type { Used } from './used.ts';

export function rowPart(ns: TopologyNamespace, used: Used, kind: 'pod' | 'machine'): Part {
  const parts: Part[] = [];
  let x = PAD;
  const y = TITLE + 12;
  const put = (spec: Parameters<typeof leaf>[0], w: number): void => {
    if (parts.length > 0) x += GAP + 4;
    parts.push(leaf(spec, x, y, w, ROW));
    x += w;
  };
  const socket = socketStation(ns);
  const name = processName(ns);
  if (has(used, socket))
    put(
      { kind: 'process', netns: ns.name, label: name, station: socket },
      Math.max(58, monoWidth(name) + 18),
    );
  for (const direction of ['output', 'input'] as const) {
    const station: Station = { kind: 'route', netns: ns.name, direction };
    if (!has(used, station)) continue;
    const at = parts.findIndex((p) => p.boxes[0]?.kind === 'route');
    const twin = parts[at];
    if (twin === undefined) put({ kind: 'route', netns: ns.name, label: 'route', station }, 62);
    // One diamond for both directions: it is the same table.
    else {
      const again = [stationKey(station), twin.boxes[0]!.id] as const;
      parts[at] = { ...twin, stations: [...twin.stations, again] };
    }
  }
  const devices = ns.devices.filter((d) => has(used, deviceStation(ns, d)));
  for (const d of devices)
    put(
      { kind: boxKindOf(d), netns: ns.name, label: d.name, station: deviceStation(ns, d) },
      Math.max(58, monoWidth(d.name) + 20),
    );
  const note = addressOf(devices.find((d) => d.type !== 'loopback'));
  const w = Math.max(x + PAD, labelWidth(ns.label, note) + 2 * PAD + 6);
  const box = { id: ns.name, kind, label: ns.label, note, netns: ns.name, bar: false };
  return wrap({ ...box, w, h: y + ROW + 12 }, parts);
}
