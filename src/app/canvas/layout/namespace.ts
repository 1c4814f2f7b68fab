// One network namespace as a drawing: a pod as a row (process, route, devices), a machine as the path of Linux's IP layer:
//   pods / veth ends / bridges / PREROUTING - route - FORWARD - POSTROUTING / INPUT, OUTPUT / tunnels and processes / NICs.
// Only what the journey meets is there; each kind has a fixed slot, so pictures of different journeys look alike.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Station } from '../../../trace/steps/types.ts';
import type { TopologyDevice, TopologyNamespace } from '../../../trace/types.ts';
import type { HookName } from '../../../trace/types.ts';
import { labelWidth, monoWidth, sansWidth } from './measure.ts';
import { leaf, moved, wrap, type Part } from './parts.ts';
import { GAP, LANE, PAD, ROW, TITLE, type BoxKind } from './types.ts';
import type { Used } from './used.ts';

/** Left edge and width of the columns of the hook grid. */
const GRID: Readonly<Record<HookName | 'in' | 'out', readonly [number, number]>> = {
  PREROUTING: [0, 94],
  in: [108, 62],
  FORWARD: [184, 74],
  POSTROUTING: [272, 100],
  INPUT: [108, 62],
  OUTPUT: [198, 66],
  out: [199, 64],
};
const GRID_WIDTH = 372;

const shortAddress = (d: TopologyDevice): string => (d.addresses[0] ?? '').replace(/\/32$/, '');
const bare = (d: TopologyDevice | undefined): string =>
  (d?.addresses[0] ?? '').replace(/\/\d+$/, '');

const deviceKind = (d: TopologyDevice): BoxKind =>
  d.type === 'bridge'
    ? 'bridge'
    : d.type === 'vxlan' || d.type === 'ipip'
      ? 'tunnel'
      : d.type === 'veth'
        ? 'veth'
        : d.type === 'loopback'
          ? 'device'
          : 'nic';

interface Guests {
  readonly parts: readonly Part[];
  readonly devices: ReadonlyMap<string, string>;
  readonly hidden: number;
}

const has = (used: Used, station: Station): boolean => used.keys.has(stationKey(station));
const device = (ns: TopologyNamespace, d: TopologyDevice): Station => ({
  kind: 'device',
  netns: ns.name,
  dev: d.name,
});
const socketOf = (ns: TopologyNamespace): Station => ({ kind: 'socket', netns: ns.name });

const usesHooks = (ns: TopologyNamespace, used: Used): boolean =>
  used.stations.some((s) => s.kind === 'hook' && s.netns === ns.name);

/** A pod that walks no rules: process, route and devices side by side. */
export function podPart(ns: TopologyNamespace, used: Used): Part {
  const parts: Part[] = [];
  let x = PAD;
  const y = TITLE + 12;
  const put = (spec: Parameters<typeof leaf>[0], w: number): void => {
    if (parts.length > 0) x += GAP + 4;
    parts.push(leaf(spec, x, y, w, ROW));
    x += w;
  };
  const socket = socketOf(ns);
  const name = ns.processes.join(', ') || 'socket';
  if (has(used, socket))
    put(
      { kind: 'process', netns: ns.name, label: name, station: socket },
      Math.max(58, monoWidth(name) + 18),
    );
  for (const direction of ['output', 'input'] as const) {
    const station: Station = { kind: 'route', netns: ns.name, direction };
    if (!has(used, station)) continue;
    const twin = parts.find((p) => p.boxes[0]?.kind === 'route');
    if (twin !== undefined) {
      const both = [...twin.stations, [stationKey(station), twin.boxes[0]!.id] as const];
      parts[parts.indexOf(twin)] = { ...twin, stations: both };
    } else put({ kind: 'route', netns: ns.name, label: 'route', station }, 62);
  }
  const devices = ns.devices.filter((d) => has(used, device(ns, d)));
  for (const d of devices)
    put(
      { kind: deviceKind(d), netns: ns.name, label: d.name, station: device(ns, d) },
      Math.max(58, monoWidth(d.name) + 20),
    );
  const address = bare(devices.find((d) => d.type !== 'loopback'));
  const w = Math.max(x + PAD, labelWidth(ns.label, address) + 2 * PAD + 6);
  const box = {
    id: ns.name,
    kind: 'pod' as const,
    label: ns.label,
    note: address,
    netns: ns.name,
    bar: false,
  };
  return wrap({ ...box, w, h: y + ROW + 12 }, parts);
}

/** A machine: guests above, the path of the IP layer, NICs below. */
export function machinePart(ns: TopologyNamespace, used: Used, guests: Guests): Part {
  const shown = ns.devices.filter((d) => has(used, device(ns, d)));
  const facing = shown.filter((d) => guests.devices.has(d.name));
  const bridges = shown.filter((d) => d.type === 'bridge');
  const tunnels = shown.filter((d) => d.type === 'vxlan' || d.type === 'ipip');
  const nics = shown.filter(
    (d) => !facing.includes(d) && !bridges.includes(d) && !tunnels.includes(d),
  );
  const full =
    usesHooks(ns, used) || has(used, { kind: 'route', netns: ns.name, direction: 'input' });
  const more =
    guests.hidden === 0 ? '' : `+${guests.hidden} other pod${guests.hidden > 1 ? 's' : ''}`;
  const moreWidth = more === '' ? 0 : sansWidth(more) + 20;
  const guestWidth =
    guests.parts.reduce((sum, p) => sum + p.w, 0) +
    GAP * Math.max(0, guests.parts.length - (more === '' ? 1 : 0)) +
    moreWidth;
  const address = bare(nics.find((d) => d.addresses.length > 0));
  const inner = Math.max(
    full ? GRID_WIDTH : 0,
    guestWidth,
    labelWidth(ns.label, address) + 12,
    ...[...bridges, ...nics].map((d) => labelWidth(d.name, shortAddress(d)) + 28),
  );
  const parts: Part[] = [];
  let y = TITLE + 8;

  if (guests.parts.length > 0 || more !== '') {
    let x = PAD;
    const h = Math.max(ROW, ...guests.parts.map((p) => p.h));
    for (const part of guests.parts) {
      parts.push(moved(part, { x, y }));
      x += part.w + GAP;
    }
    if (more !== '')
      parts.push(
        leaf(
          { kind: 'more', netns: ns.name, label: more, id: `${ns.name}|more` },
          x,
          y + (h - ROW) / 2,
          moreWidth,
          ROW,
        ),
      );
    y += h + 20;
  }
  if (facing.length > 0) {
    const ends = parts.flatMap((p) =>
      p.stations.map(([key, id]) => [key, p.boxes.find((b) => b.id === id)!] as const),
    );
    let free = PAD;
    for (const d of facing) {
      const w = monoWidth(d.name) + 22;
      const end = ends.find(([key]) => key === guests.devices.get(d.name))?.[1];
      const wanted = end === undefined ? free : end.x + end.w / 2 - w / 2;
      const x = Math.max(free, Math.min(wanted, PAD + inner - w));
      parts.push(
        leaf({ kind: 'veth', netns: ns.name, label: d.name, station: device(ns, d) }, x, y, w, ROW),
      );
      free = x + w + GAP;
    }
    y += ROW + 18;
  }
  for (const d of bridges) {
    const spec = {
      kind: 'bridge' as const,
      netns: ns.name,
      label: d.name,
      note: shortAddress(d),
      bar: true,
      station: device(ns, d),
    };
    parts.push(leaf(spec, PAD, y, inner, ROW));
    y += ROW + LANE + 4;
  }
  const grid = gridParts(ns, used, y, PAD + Math.max(0, (inner - GRID_WIDTH) / 2), tunnels);
  parts.push(...grid.parts);
  y = grid.y;
  let x = PAD;
  const bars = nics.filter((d) => d.type !== 'loopback' || nics.length === 1);
  const width = (inner - GAP * (bars.length - 1)) / Math.max(1, bars.length);
  for (const d of bars) {
    const spec = {
      kind: 'nic' as const,
      netns: ns.name,
      label: d.name,
      note: shortAddress(d),
      bar: true,
      station: device(ns, d),
    };
    parts.push(leaf(spec, x, y, width, ROW));
    x += width + GAP;
  }
  const lo = nics.find((d) => !bars.includes(d));
  if (bars.length > 0) y += ROW;
  if (lo !== undefined) {
    y += GAP;
    parts.push(
      leaf(
        { kind: 'device', netns: ns.name, label: lo.name, station: device(ns, lo) },
        PAD,
        y,
        58,
        ROW,
      ),
    );
    y += ROW;
  }
  const box = {
    id: ns.name,
    kind: ns.host === null ? ('machine' as const) : ('pod' as const),
    label: ns.label,
    note: address,
    netns: ns.name,
    bar: false,
  };
  return wrap({ ...box, w: inner + 2 * PAD, h: y + PAD }, parts);
}

function gridParts(
  ns: TopologyNamespace,
  used: Used,
  top: number,
  left: number,
  tunnels: readonly TopologyDevice[],
): { readonly parts: readonly Part[]; readonly y: number } {
  const parts: Part[] = [];
  let y = top;
  const hook = (name: HookName): void => {
    const station: Station = { kind: 'hook', netns: ns.name, hook: name };
    const [x, w] = GRID[name];
    if (has(used, station))
      parts.push(leaf({ kind: 'hook', netns: ns.name, label: name, station }, left + x, y, w, ROW));
  };
  const route = (direction: 'input' | 'output'): void => {
    const station: Station = { kind: 'route', netns: ns.name, direction };
    const [x, w] = GRID[direction === 'input' ? 'in' : 'out'];
    if (has(used, station))
      parts.push(
        leaf({ kind: 'route', netns: ns.name, label: 'route', station }, left + x, y, w, ROW),
      );
  };
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
    let end = left + GRID.in[0] + GRID.in[1] / 2 + 44;
    let start = left + GRID.out[0] + GRID.out[1] + GAP;
    for (const spec of localsOf(ns, used, tunnels)) {
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

/** What stands where a local process stands: tunnels receive and send through sockets of the kernel. */
function localsOf(
  ns: TopologyNamespace,
  used: Used,
  tunnels: readonly TopologyDevice[],
): readonly Parameters<typeof leaf>[0][] {
  const socket = socketOf(ns);
  const label = ns.processes.join(', ') || 'socket';
  return [
    ...tunnels.map((d) => ({
      kind: 'tunnel' as const,
      netns: ns.name,
      label: d.name,
      station: device(ns, d),
    })),
    ...(has(used, socket)
      ? [{ kind: 'process' as const, netns: ns.name, label, station: socket }]
      : []),
  ];
}
