// Flows through a compiled cluster, told in names: who was asked, whom the server saw, how it ended.
import * as v from 'valibot';
import { runFlows } from '../kernel/run.ts';
import { clusterSchema } from '../kube/cluster-schema.ts';
import { compileCluster } from '../kube/compile.ts';
import type { CompiledCluster } from '../kube/compile.ts';
import { parseManifests } from '../kube/objects/parse.ts';
import type { FlowSpec } from '../network/types.ts';
import { revisionOf } from '../trace/replay/packets.ts';
import type { Trace } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Layer } from '../wire/types.ts';

export const compiled = (cluster: unknown, manifests: string): CompiledCluster =>
  compileCluster({
    cluster: v.parse(clusterSchema, cluster),
    objects: parseManifests(manifests).objects,
    seed: 1,
  });

export interface Flow {
  readonly id: string;
  /** Network namespace of the client. */
  readonly ns: string;
  readonly dst: string;
  readonly dport: number;
  readonly more?: Partial<FlowSpec>;
}
export interface Seen {
  readonly result: string;
  readonly servedBy: string | null;
  /** Source address and TTL of the first packet that arrived where the flow was served; null: nothing did. */
  readonly source: string | null;
  readonly ttl: number | null;
  /** Packets of the flow that were lost, in order: the kernel's reason, and in which namespace. */
  readonly drops: readonly { readonly reason: string; readonly netns: string }[];
}

/** `serverPort`: where servers really listen. All flows in one run, one after the other. */
export function runCluster(
  { network }: Pick<CompiledCluster, 'network'>,
  flows: readonly Flow[],
  serverPort: number,
): { readonly seen: ReadonlyMap<string, Seen>; readonly trace: Trace } {
  const steps = flows.map(({ id, ns, dst, dport, more }): FlowSpec => ({
    do: 'flow', id, proto: 'tcp', ns, dst, dport, timeout_ms: 2500, ...more,
  })); // prettier-ignore
  const { trace, results } = runFlows({ network, steps, seed: 1 });
  const seen = new Map(
    flows.map(({ id }, i): [string, Seen] => {
      const [result] = results[i] ?? [];
      const first = firstAt(trace, id, serverPort);
      const drops = trace.packets.flatMap(({ flow, fate }) =>
        flow === id && fate.kind === 'dropped'
          ? [{ reason: fate.reason, netns: trace.events[fate.seq]?.site.netns ?? '' }]
          : [],
      );
      return [
        id,
        {
          result: result?.result ?? 'none',
          servedBy: result?.served_by ?? null,
          source: first === null ? null : printAddr(first.header.src),
          ttl: first === null ? null : ttlOf(first),
          drops,
        },
      ];
    }),
  );
  return { seen, trace };
}

type Ip = Layer<'ipv4'> | Layer<'ipv6'>;
const ttlOf = (ip: Ip): number => (ip.kind === 'ipv4' ? ip.header.ttl : ip.header.hopLimit);

/** The first segment of a flow to the server's port that an end of a cable took in where a process is. */
function firstAt(trace: Trace, flow: string, port: number): Ip | null {
  const servers = new Set(
    trace.topology.namespaces
      .filter(({ kind, processes }) => kind !== 'node' && processes.length > 0)
      .map(({ name }) => name),
  );
  const own = new Set(trace.packets.flatMap((one) => (one.flow === flow ? [one.id] : [])));
  for (const event of trace.events) {
    if (event.kind !== 'dev.rx' || event.packet === null || !servers.has(event.site.netns))
      continue;
    if (!own.has(event.packet)) continue;
    const [, ip, tcp] = revisionOf(trace, event.packet, event.revision).layers;
    if (ip?.kind !== 'ipv4' && ip?.kind !== 'ipv6') continue;
    if (tcp?.kind === 'tcp' && tcp.header.dport === port) return ip;
  }
  return null;
}

/** An address in words: the pod, or the machine and its device where that is not the first one. */
export function nameOf({ network, pods, machines }: CompiledCluster, ip: string | null): string {
  if (ip === null) return 'nobody';
  const pod = pods.find(({ ips, hostNetwork }) => !hostNetwork && ips.includes(ip));
  if (pod !== undefined) return pod.pod.metadata.name;
  const machine = machines.find(({ ips }) => ips.includes(ip));
  if (machine !== undefined) return machine.name;
  for (const ns of network.namespaces)
    for (const dev of ns.devices)
      for (const address of dev.addresses ?? []) {
        const cidr = typeof address === 'string' ? address : address.cidr;
        // The digits of a veth's name are drawn; all have the address of the gateway where there is no bridge.
        if (cidr.split('/')[0] === ip)
          return `${ns.name} ${dev.name.replace(/^veth[0-9a-f]{8}$/, 'veth')}`;
      }
  return ip;
}
