// The whole picture of a trace: machines side by side, nodes of the cluster in its frame, switches below as the wire they are.
import { stationKey } from '../../../trace/steps/station.ts';
import type { Site, Topology, TopologyNamespace, Trace } from '../../../trace/types.ts';
import { route } from './edges.ts';
import { sansWidth } from './measure.ts';
import { machinePart, podPart } from './namespace.ts';
import { leaf, moved, wrap, type Part } from './parts.ts';
import { LANE, PAD, ROW, TITLE, type Box, type Scene } from './types.ts';
import { usedBy, type Used } from './used.ts';

const BETWEEN = 18;

const siteKey = (site: Site): string =>
  stationKey({ kind: 'device', netns: site.netns, dev: site.dev ?? '' });

/** The machines that a frame "cluster" goes around. */
const isNode = (ns: TopologyNamespace): boolean => ns.host === null && ns.kind === 'node';
const isSwitch = (ns: TopologyNamespace): boolean => ns.host === null && ns.kind === 'switch';

export function sceneOf(trace: Trace): Scene {
  const { topology } = trace;
  const used = usedBy(trace);
  const shown = (ns: TopologyNamespace): boolean =>
    used.namespaces.has(ns.name) ||
    topology.namespaces.some((g) => g.host === ns.name && used.namespaces.has(g.name));
  const machines = topology.namespaces.filter(
    (ns) => ns.host === null && !isSwitch(ns) && shown(ns),
  );
  const hiddenNodes = topology.namespaces.filter((ns) => isNode(ns) && !shown(ns)).length;
  const outside = machines.filter((ns) => !isNode(ns));
  const left = outside.filter((ns) => ns.kind === 'host');
  const after = outside.filter((ns) => ns.kind !== 'host');
  const row: Part[] = [];
  let x = 0;
  const put = (part: Part): void => {
    row.push(moved(part, { x, y: 0 }));
    x += part.w + BETWEEN;
  };
  for (const ns of left) put(machineWithPods(topology, ns, used));
  const nodes = machines.filter(isNode);
  if (nodes.length > 0) put(clusterPart(topology, nodes, hiddenNodes, used));
  for (const ns of after) put(machineWithPods(topology, ns, used));

  const width = Math.max(0, ...row.map((p) => p.w));
  let y = Math.max(0, ...row.map((p) => p.h));
  const fabric: Part[] = [];
  for (const ns of topology.namespaces.filter((n) => isSwitch(n) && shown(n))) {
    y += LANE;
    fabric.push(switchPart(ns, used, row, y, width));
    y += ROW;
  }
  const boxes = [...row, ...fabric].flatMap((p) => p.boxes);
  const stations = new Map([...row, ...fabric].flatMap((p) => p.stations));
  const edges = route(topology, boxes, stations, used.moves);
  return { width, height: y, boxes: inOrder(boxes, used, stations), edges, stations };
}

function machineWithPods(topology: Topology, ns: TopologyNamespace, used: Used): Part {
  const pods = topology.namespaces.filter((g) => g.host === ns.name);
  const shown = pods.filter((p) => used.namespaces.has(p.name));
  const hooks = (pod: TopologyNamespace): boolean =>
    used.stations.some((s) => s.kind === 'hook' && s.netns === pod.name);
  const none = { parts: [], devices: new Map<string, string>(), hidden: 0 };
  const devices = new Map<string, string>();
  for (const d of ns.devices)
    if (d.peer !== null && shown.some((p) => p.name === d.peer?.netns))
      devices.set(d.name, siteKey(d.peer));
  return machinePart(ns, used, {
    parts: shown.map((p) => (hooks(p) ? machinePart(p, used, none) : podPart(p, used))),
    devices,
    hidden: pods.length - shown.length,
  });
}

function clusterPart(
  topology: Topology,
  nodes: readonly TopologyNamespace[],
  hidden: number,
  used: Used,
): Part {
  const parts: Part[] = [];
  let x = PAD;
  for (const ns of nodes) {
    const part = moved(machineWithPods(topology, ns, used), { x, y: TITLE + 4 });
    parts.push(part);
    x = part.w + BETWEEN;
  }
  const note = hidden === 0 ? '' : `+${hidden} node${hidden > 1 ? 's' : ''} not on this path`;
  const w = Math.max(x - BETWEEN + PAD, sansWidth('Cluster') + sansWidth(note) + 3 * PAD);
  const h = Math.max(...parts.map((p) => p.h)) + PAD;
  return wrap(
    { id: 'cluster', kind: 'cluster', label: 'Cluster', note, netns: null, bar: false, w, h },
    parts,
  );
}

/** A switch is drawn as one bar below what is plugged into it: its ports and its bridge are places on the bar. */
function switchPart(
  ns: TopologyNamespace,
  used: Used,
  above: readonly Part[],
  y: number,
  width: number,
): Part {
  const rects = new Map(above.flatMap((p) => p.boxes.map((b) => [b.id, b] as const)));
  const ids = new Map(above.flatMap((p) => p.stations));
  const ends = ns.devices.flatMap((d) => {
    if (d.peer === null) return [];
    const id = ids.get(siteKey(d.peer));
    const rect = id === undefined ? undefined : rects.get(id);
    return rect === undefined ? [] : [rect];
  });
  const from = Math.min(width, ...ends.map((r) => r.x + r.w / 2 - 50));
  const to = Math.max(0, ...ends.map((r) => r.x + r.w / 2 + 50));
  const x = ends.length === 0 ? 0 : Math.max(0, from);
  const w = Math.max(
    sansWidth(ns.label) + 3 * PAD,
    (ends.length === 0 ? width : Math.min(width, to)) - x,
  );
  const bar = leaf(
    { kind: 'switch', netns: ns.name, label: ns.label, bar: true, id: ns.name },
    x,
    y,
    w,
    ROW,
  );
  const stations = used.stations
    .filter((s) => s.netns === ns.name)
    .map((s) => [stationKey(s), ns.name] as const);
  return { ...bar, stations };
}

/** Parents first, then in the order in which the packet comes by: that is also the order of the keyboard and of screen readers. */
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
