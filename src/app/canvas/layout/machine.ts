// A machine: its pods, their veth ends and bridges above, the path of the IP layer in the middle, network cards below. A router
// below the switches has its cards on top, where its cables come from.
import type { TopologyDevice, TopologyNamespace } from '../../../trace/types.ts';
import { gridParts, gridWidth } from './grid.ts';
import { labelWidth, monoWidth, sansWidth } from './measure.ts';
import { addressOf, addressWithPrefix, deviceStation, has, isTunnel } from './naming.ts';
import { leaf, moved, wrap, type Part } from './parts.ts';
import { GAP, LANE, PAD, ROW, TITLE } from './types.ts';
import type { Used } from './used.ts';

export interface Guests {
  readonly parts: readonly Part[];
  /** Device of the machine to the station key of its peer in a guest. */
  readonly devices: ReadonlyMap<string, string>;
  /** How many are left out. */
  readonly hidden: number;
}

export interface MachineShape {
  readonly kind: 'machine' | 'pod';
  readonly cardsOnTop: boolean;
}

export function machinePart(
  ns: TopologyNamespace,
  used: Used,
  guests: Guests,
  { kind, cardsOnTop }: MachineShape,
): Part {
  const shown = ns.devices.filter((d) => has(used, deviceStation(ns, d)));
  const facing = shown.filter((d) => guests.devices.has(d.name));
  const bridges = shown.filter((d) => d.type === 'bridge');
  const locals = shown.filter((d) => isTunnel(d) || d.type === 'loopback');
  const cards = shown.filter((d) => ![...facing, ...bridges, ...locals].includes(d));
  const note = addressOf(cards.find((d) => d.addresses.length > 0));
  const grid = gridWidth(ns, used, locals);
  const inner = Math.max(
    grid,
    guestsWidth(guests),
    facing.reduce((sum, d) => sum + monoWidth(d.name) + 22 + GAP, 0),
    labelWidth(ns.label, note) + 12,
    ...bridges.map(barWidth),
    cards.reduce((sum, d) => sum + barWidth(d) + GAP, -GAP),
  );
  const parts: Part[] = [];
  let y = TITLE + 8;
  const put = (rows: readonly Part[], gap: number): void => {
    if (rows.length === 0) return;
    parts.push(...rows);
    y = Math.max(...rows.map((p) => p.h)) + gap;
  };
  if (cardsOnTop) put(bars(ns, cards, y, inner), LANE + 6);
  const guestRow = guestParts(ns, guests, y);
  put(guestRow, 20);
  put(vethEnds(ns, facing, guests, guestRow, y, inner), 18);
  for (const d of bridges) put(bars(ns, [d], y, inner), LANE + 4);
  const path = gridParts(ns, used, y, PAD + Math.max(0, (inner - grid) / 2), locals);
  put(path.parts, 0);
  y = path.y;
  if (!cardsOnTop) put(bars(ns, cards, y, inner), 0);
  const box = { id: ns.name, kind, label: ns.label, note, netns: ns.name, bar: false };
  const h = Math.max(TITLE + ROW, ...parts.map((p) => p.h)) + PAD;
  return wrap({ ...box, w: inner + 2 * PAD, h }, parts);
}

const barWidth = (d: TopologyDevice): number => labelWidth(d.name, addressWithPrefix(d)) + 30;

function bars(
  ns: TopologyNamespace,
  devices: readonly TopologyDevice[],
  y: number,
  inner: number,
): readonly Part[] {
  const spare = inner - devices.reduce((sum, d) => sum + barWidth(d) + GAP, -GAP);
  let x = PAD;
  return devices.map((d) => {
    const w = barWidth(d) + spare / devices.length;
    const part = leaf(
      {
        kind: d.type === 'bridge' ? 'bridge' : 'nic',
        netns: ns.name,
        label: d.name,
        note: addressWithPrefix(d),
        bar: true,
        station: deviceStation(ns, d),
      },
      x,
      y,
      w,
      ROW,
    );
    x += w + GAP;
    return part;
  });
}

const moreLabel = ({ hidden }: Guests): string =>
  hidden === 0 ? '' : `+${hidden} other pod${hidden > 1 ? 's' : ''}`;
const moreWidth = (guests: Guests): number =>
  guests.hidden === 0 ? 0 : sansWidth(moreLabel(guests)) + 20;
const guestsWidth = (guests: Guests): number =>
  guests.parts.reduce((sum, p) => sum + p.w + GAP, 0) + moreWidth(guests);

function guestParts(ns: TopologyNamespace, guests: Guests, y: number): readonly Part[] {
  const height = Math.max(ROW, ...guests.parts.map((p) => p.h));
  let x = PAD;
  const parts = guests.parts.map((p) => {
    const part = moved(p, { x, y });
    x += p.w + GAP;
    return part;
  });
  if (guests.hidden === 0) return parts;
  const spec = { kind: 'more' as const, netns: ns.name, label: moreLabel(guests) };
  const at = y + (height - ROW) / 2;
  return [...parts, leaf({ ...spec, id: `${ns.name}|more` }, x, at, moreWidth(guests), ROW)];
}

/** Each end under the pod that has the other one, as far as there is room. */
function vethEnds(
  ns: TopologyNamespace,
  facing: readonly TopologyDevice[],
  guests: Guests,
  guestRow: readonly Part[],
  y: number,
  inner: number,
): readonly Part[] {
  const ends = new Map(
    guestRow.flatMap((p) =>
      p.stations.map(([key, id]) => [key, p.boxes.find((b) => b.id === id)] as const),
    ),
  );
  const wanted = facing
    .map((d) => {
      const w = monoWidth(d.name) + 22;
      const end = ends.get(guests.devices.get(d.name) ?? '');
      return { d, w, x: end === undefined ? PAD : end.x + end.w / 2 - w / 2 };
    })
    .sort((a, b) => a.x - b.x);
  let free = PAD;
  let rest = wanted.reduce((sum, v) => sum + v.w + GAP, -GAP);
  return wanted.map(({ d, w, x: ideal }) => {
    const x = Math.max(free, Math.min(ideal, PAD + inner - rest));
    free = x + w + GAP;
    rest -= w + GAP;
    const station = deviceStation(ns, d);
    return leaf({ kind: 'veth', netns: ns.name, label: d.name, station }, x, y, w, ROW);
  });
}
