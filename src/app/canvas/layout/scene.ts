// The whole picture of a trace: machines side by side, nodes of the cluster in its frame, then switches, then routers and what is
// behind them, as one draws a network: from where people work down to the internet.
import { hostOf } from '../../../trace/steps/host.ts';
import { stationKey } from '../../../trace/steps/station.ts';
import type { Topology, TopologyNamespace, Trace } from '../../../trace/types.ts';
import { route } from './edges.ts';
import { rowsOf, siteKey, spanOf, switchPart } from './fabric.ts';
import { machinePart, type Guests } from './machine.ts';
import { sansWidth } from './measure.ts';
import { isRouter } from './naming.ts';
import { moved, wrap, type Part } from './parts.ts';
import { rowPart } from './row.ts';
import { LANE, PAD, ROW, TITLE, type Box, type Scene } from './types.ts';
import { usedBy, type Used } from './used.ts';

const BETWEEN = 18;
const BEHIND: ReadonlySet<string> = new Set(['router', 'gateway', 'internet']);

/** What machines are plugged into. */
const BARS: ReadonlySet<string> = new Set(['switch', 'vpc-router']);

const isBehind = (ns: TopologyNamespace): boolean =>
  !BARS.has(ns.kind) && (BEHIND.has(ns.kind) || ns.appliance === true);

/** Where the lower row stands. The middle looks best; a line must not pay for it. */
const ALIGNMENTS = [0.5, 0, 1] as const;

export function sceneOf(trace: Trace): Scene {
  let best: Scene | null = null;
  for (const align of ALIGNMENTS) {
    const scene = draw(trace, align);
    if (best === null || scene.crossings < best.crossings) best = scene;
    if (best.crossings === 0) break;
  }
  return best!;
}

interface Sorted {
  readonly nodes: readonly TopologyNamespace[];
  readonly hosts: readonly TopologyNamespace[];
  readonly switches: readonly TopologyNamespace[];
  readonly behind: readonly TopologyNamespace[];
  /** Nodes that the journey does not touch. */
  readonly hidden: number;
}

function sorted({ topology }: Trace, used: Used): Sorted {
  const machines = topology.namespaces.filter((ns) => hostOf(topology, ns.name) === null);
  const shown = machines.filter(
    (ns) =>
      used.namespaces.has(ns.name) ||
      guestsOf(topology, ns).some((g) => used.namespaces.has(g.name)),
  );
  const isNode = (ns: TopologyNamespace): boolean => ns.kind === 'node';
  return {
    nodes: shown.filter(isNode),
    hosts: shown.filter((ns) => !isNode(ns) && !BARS.has(ns.kind) && !isBehind(ns)),
    switches: shown.filter((ns) => BARS.has(ns.kind)),
    behind: shown.filter(isBehind),
    hidden: machines.filter(isNode).length - shown.filter(isNode).length,
  };
}

const guestsOf = (topology: Topology, ns: TopologyNamespace): readonly TopologyNamespace[] =>
  topology.namespaces.filter((g) => hostOf(topology, g.name) === ns.name);

function draw(trace: Trace, align: number): Scene {
  const { topology } = trace;
  const used = usedBy(trace);
  const { nodes, hosts, switches, behind, hidden } = sorted(trace, used);
  const build = (list: readonly TopologyNamespace[], below: boolean): readonly Part[] =>
    list.map((ns) => buildMachine(ns, guestsOf(topology, ns), used, below));
  const outside = build(hosts, false);
  const cluster = nodes.length === 0 ? [] : [clusterPart(build(nodes, false), hidden)];
  const parts: Part[] = [
    ...sideBySide([...outside.slice(0, 1), ...cluster, ...outside.slice(1)], 0, 0, 0),
  ];
  const stationsNow = (): ReadonlyMap<string, string> => new Map(parts.flatMap((p) => p.stations));
  const boxesNow = (): readonly Box[] => parts.flatMap((p) => p.boxes);
  let y = Math.max(0, ...parts.map((p) => p.h));
  const spans = switches.map((ns) => spanOf(ns, boxesNow(), stationsNow()));
  for (const row of rowsOf(spans)) {
    y += LANE;
    parts.push(...row.map((span) => switchPart(span, used, y)));
    y += ROW;
  }
  const width = Math.max(0, ...parts.map((p) => p.w));
  if (behind.length > 0) parts.push(...sideBySide(build(behind, true), y + LANE + 6, width, align));
  const boxes = boxesNow();
  const stations = stationsNow();
  return {
    width: Math.max(0, ...parts.map((p) => p.w)),
    height: Math.max(y, ...parts.map((p) => p.h)),
    boxes: inOrder(boxes, used, stations),
    stations,
    ...route(topology, boxes, stations, used.moves),
  };
}

/** `within` and `align`: where in that width the row stands, 0 left to 1 right. */
function sideBySide(
  parts: readonly Part[],
  y: number,
  within: number,
  align: number,
): readonly Part[] {
  const total = parts.reduce((sum, p) => sum + p.w + BETWEEN, -BETWEEN);
  let x = Math.max(0, within - total) * align;
  return parts.map((part) => {
    const at = moved(part, { x, y });
    x += part.w + BETWEEN;
    return at;
  });
}

function buildMachine(
  ns: TopologyNamespace,
  pods: readonly TopologyNamespace[],
  used: Used,
  below: boolean,
): Part {
  const shown = pods.filter((p) => used.namespaces.has(p.name));
  if (pods.length === 0 && !isRouter(ns, used) && !ns.devices.some((d) => d.type === 'bridge'))
    return rowPart(ns, used, 'machine');
  const devices = new Map<string, string>();
  for (const d of ns.devices)
    if (d.peer !== null && shown.some((p) => p.name === d.peer?.netns))
      devices.set(d.name, siteKey(d.peer));
  const none: Guests = { parts: [], devices: new Map(), hidden: 0 };
  const parts = shown.map((p) =>
    isRouter(p, used)
      ? machinePart(p, used, none, { kind: 'pod', cardsOnTop: false })
      : rowPart(p, used, 'pod'),
  );
  const guests = { parts, devices, hidden: pods.length - shown.length };
  return machinePart(ns, used, guests, { kind: 'machine', cardsOnTop: below });
}

function clusterPart(nodes: readonly Part[], hidden: number): Part {
  const parts = nodes.map((_, i) => {
    const x = PAD + nodes.slice(0, i).reduce((sum, p) => sum + p.w + BETWEEN, 0);
    return moved(nodes[i]!, { x, y: TITLE + 4 });
  });
  const note = hidden === 0 ? '' : `+${hidden} node${hidden > 1 ? 's' : ''} not on this path`;
  const least = sansWidth('Cluster') + sansWidth(note) + 3 * PAD;
  const w = Math.max(Math.max(...parts.map((p) => p.w)) + PAD, least);
  const h = Math.max(...parts.map((p) => p.h)) + PAD;
  const box = { id: 'cluster', kind: 'cluster' as const, label: 'Cluster', note, netns: null };
  return wrap({ ...box, bar: false, w, h }, parts);
}

/** Parents first, then in the order in which the packet comes by: that is also the order for screen readers. */
function inOrder(
  boxes: readonly Box[],
  used: Used,
  stations: ReadonlyMap<string, string>,
): readonly Box[] {
  const rank = new Map<string, number>();
  used.stations.forEach((s, i) => {
    const id = stations.get(stationKey(s));
    if (id !== undefined && !rank.has(id)) rank.set(id, i);
  });
  const of = (b: Box): number => rank.get(b.id) ?? Number.MAX_SAFE_INTEGER;
  return [...boxes].sort((a, b) => a.depth - b.depth || of(a) - of(b) || a.y - b.y || a.x - b.x);
}
