// On which machine a namespace lives: as the topology says, or, where it does not, where its cables end.
import type { Topology, TopologyNamespace } from '../types.ts';

const known = new WeakMap<Topology, ReadonlyMap<string, string | null>>();

/** The machine that holds it, or null: it is a machine itself. */
export function hostOf(topology: Topology, netns: string): string | null {
  let hosts = known.get(topology);
  if (hosts === undefined) {
    hosts = new Map(topology.namespaces.map((n) => [n.name, find(topology, n)]));
    known.set(topology, hosts);
  }
  return hosts.get(netns) ?? null;
}

function find(topology: Topology, ns: TopologyNamespace): string | null {
  if (ns.host !== null || ns.kind !== 'pod') return ns.host;
  const isNode = (name: string): boolean =>
    topology.namespaces.some((n) => n.name === name && n.kind === 'node');
  return ns.devices.map((d) => d.peer?.netns).find((n) => n !== undefined && isNode(n)) ?? null;
}

/** The machine that a namespace lives on, itself where it is one. */
export const machineOf = (topology: Topology, netns: string): string =>
  hostOf(topology, netns) ?? netns;
