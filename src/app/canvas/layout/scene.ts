// The whole picture of a trace: machines side by side, nodes of the cluster in its frame, then switches, then routers and what is
// behind them, as one draws a network: from where people work down to the internet.
import { hostOf } from '../../../trace/steps/host.ts';
import { stationKey } from '../../../trace/steps/station.ts';
import type { TopologyNamespace, Trace } from '../../../trace/types.ts';
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

export function sceneOf(trace: Trace): Scene {
  const { topology } = trace;
  const used = usedBy(trace);
  const guests = (ns: TopologyNamespace): readonly TopologyNamespace[] =>
    topology.namespaces.filter((g) => hostOf(topology, g.name) === ns.name);
  const shown = (ns: TopologyNamespace): boolean =>
    used.namespaces.has(ns.name) || guests(ns).some((g) => used.namespaces.has(g.name));
  const machines = topology.namespaces.filter((ns) => hostOf(topology, ns.name) === null);
  const visible = machines.filter(shown);
  const isSwitch = (ns: TopologyNamespace): boolean => ns.kind === 'switch';
  const isNode = (ns: TopologyNamespace): boolean => ns.kind === 'node';
  const front = visible.filter((ns) => !isSwitch(ns) && !BEHIND.has(ns.kind));
  const behind = visible.filter((ns) => BEHIND.has(ns.kind));
  const build = (ns: TopologyNamespace, below: boolean): Part =>
    buildMachine(ns, guests(ns), used, below);

  const nodes = front.filter(isNode);
  const hidden = machines.filter((ns) => isNode(ns) && !shown(ns)).length;
  const cluster =
    nodes.length === 0
      ? []
      : [
          clusterPart(
            nodes.map((n) => build(n, false)),
            hidden,
          ),
        ];
  const hosts = front.filter((ns) => !isNode(ns)).map((ns) => build(ns, false));
  const first = sideBySide([...hosts.slice(0, 1), ...cluster, ...hosts.slice(1)], 0);
  const parts: Part[] = [...first];
  let y = Math.max(0, ...first.map((p) => p.h));

  const all = () => parts.flatMap((p) => p.boxes);
  const stationsNow = (): ReadonlyMap<string, string> => new Map(parts.flatMap((p) => p.stations));
  const spans = visible.filter(isSwitch).map((ns) => spanOf(ns, all(), stationsNow()));
  for (const row of rowsOf(spans)) {
    y += LANE;
    parts.push(...row.map((span) => switchPart(span, used, y)));
    y += ROW;
  }
  if (behind.length > 0) {
    const row = sideBySide(
      behind.map((ns) => build(ns, true)),
      y + LANE + 6,
    );
    parts.push(...row);
    y = Math.max(...row.map((p) => p.h));
  }
  const boxes = all();
  const stations = stationsNow();
  const width = Math.max(0, ...parts.map((p) => p.w));
  const edges = route(topology, boxes, stations, used.moves);
  return { width, height: y, boxes: inOrder(boxes, used, stations), edges, stations };
}

function sideBySide(parts: readonly Part[], y: number): readonly Part[] {
  let x = 0;
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
