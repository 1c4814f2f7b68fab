// The path of Linux's IP layer in fixed slots, so that pictures of different journeys look alike:
//   PREROUTING  route  FORWARD  POSTROUTING
//               INPUT   OUTPUT
//         tunnels and processes   route
import type { Station } from '../../../trace/steps/types.ts';
import type { HookName, TopologyDevice, TopologyNamespace } from '../../../trace/types.ts';
import { monoWidth } from './measure.ts';
import { boxKindOf, deviceStation, has, processName, socketStation } from './naming.ts';
import { leaf, type Part } from './parts.ts';
import { GAP, LANE, ROW } from './types.ts';
import type { Used } from './used.ts';

/** Left edge and width of each slot. */
const SLOTS: Readonly<Record<HookName | 'in' | 'out', readonly [number, number]>> = {
  PREROUTING: [0, 94],
  in: [108, 62],
  FORWARD: [184, 74],
  POSTROUTING: [272, 100],
  INPUT: [108, 62],
  OUTPUT: [198, 66],
  out: [199, 64],
};
export const GRID_WIDTH = 372;
/** Right of the middle of INPUT, so that a line comes straight down from it. */
const LOCAL_END = SLOTS.in[0] + SLOTS.in[1] / 2 + 44;

export interface Grid {
  readonly parts: readonly Part[];
  /** Below the last row and its lane. */
  readonly y: number;
}

/** `locals`: devices that receive and send as a local process does: tunnels, the loopback. */
export function gridParts(
  ns: TopologyNamespace,
  used: Used,
  top: number,
  left: number,
  locals: readonly TopologyDevice[],
): Grid {
  const parts: Part[] = [];
  let y = top;
  const slot = (name: keyof typeof SLOTS, station: Station, kind: 'hook' | 'route'): void => {
    const [x, w] = SLOTS[name];
    const label = kind === 'hook' ? name : 'route';
    if (has(used, station))
      parts.push(leaf({ kind, netns: ns.name, label, station }, left + x, y, w, ROW));
  };
  const hook = (name: HookName): void =>
    slot(name, { kind: 'hook', netns: ns.name, hook: name }, 'hook');
  const route = (direction: 'input' | 'output'): void =>
    slot(
      direction === 'input' ? 'in' : 'out',
      { kind: 'route', netns: ns.name, direction },
      'route',
    );
  const row = (fill: () => void, gap: number): void => {
    const count = parts.length;
    fill();
    if (parts.length > count) y += ROW + gap;
  };
  row(() => {
    hook('PREROUTING');
    route('input');
    hook('FORWARD');
    hook('POSTROUTING');
  }, LANE);
  row(() => {
    hook('INPUT');
    hook('OUTPUT');
  }, LANE);
  row(() => {
    let end = left + LOCAL_END;
    let start = left + SLOTS.out[0] + SLOTS.out[1] + GAP;
    for (const spec of localsOf(ns, used, locals)) {
      const w = Math.max(84, monoWidth(spec.label) + 22);
      const fits = end - w >= left;
      parts.push(leaf(spec, fits ? end - w : start, y, w, ROW));
      if (fits) end -= w + GAP;
      else start += w + GAP;
    }
    route('output');
  }, LANE + 6);
  return { parts, y };
}

/** What needs room in the local row: how wide it gets. */
export function gridWidth(
  ns: TopologyNamespace,
  used: Used,
  locals: readonly TopologyDevice[],
): number {
  const { parts } = gridParts(ns, used, 0, 0, locals);
  return Math.max(GRID_WIDTH, ...parts.map((p) => p.w));
}

function localsOf(
  ns: TopologyNamespace,
  used: Used,
  devices: readonly TopologyDevice[],
): readonly Parameters<typeof leaf>[0][] {
  const socket = socketStation(ns);
  return [
    ...devices.map((d) => ({
      kind: boxKindOf(d),
      netns: ns.name,
      label: d.name,
      station: deviceStation(ns, d),
    })),
    ...(has(used, socket)
      ? [{ kind: 'process' as const, netns: ns.name, label: processName(ns), station: socket }]
      : []),
  ];
}
