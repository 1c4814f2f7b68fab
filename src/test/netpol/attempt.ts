// Verdicts of a truth table: each expectation is a connection through the engine, from a process in one namespace to a server in
// another. Allowed is what was answered.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { runFlows } from '../../kernel/run.ts';
import type { LinuxNetwork, ListenerSpec, StepSpec } from '../../network/types.ts';
import { parseEnd } from './cases.ts';
import type { End, Expectation, NetpolFile, NetpolGroup } from './cases.ts';
import { groupCluster } from './cluster.ts';
import type { GroupCluster } from './cluster.ts';

export interface Verdict {
  readonly group: string;
  /** Position of the expectation in its group. */
  readonly index: number;
  readonly allowed: boolean;
}
interface Numbered extends Expectation {
  readonly index: number;
}

export function verdictsOf(
  file: NetpolFile,
  group: NetpolGroup,
  complain: (diagnostic: Diagnostic) => void = () => undefined,
): readonly Verdict[] {
  const numbered = group.expectations.map((one, index): Numbered => ({ ...one, index }));
  const possible = numbered.filter((one) => PROTOCOLS.includes(protocolOf(one)));
  if (possible.length < numbered.length)
    complain({
      severity: 'error',
      place: at(group.group),
      reason: `${numbered.length - possible.length} attempts are left out: the engine has no sockets of their protocol`,
      fix: `use ${PROTOCOLS.join(' or ')}`,
    });
  return batches(possible, file).flatMap((batch) => {
    const cluster = groupCluster(file, group, batch);
    for (const one of cluster.diagnostics) if (one.severity === 'error') complain(one);
    const network = withServers(cluster, batch, file);
    const { results } = runFlows({
      network,
      steps: batch.map((one) => step(cluster, one, file)),
      seed: 1,
      silent: true,
    });
    return batch.map(({ index }, i) => ({
      group: group.group,
      index,
      allowed: results[i]?.[0]?.result === 'ok',
    }));
  });
}

const PROTOCOLS: readonly string[] = ['tcp', 'udp'];

/** A run has a budget of time, a cluster one of machines; and one Service port has one set of endpoints, so other endpoints are another
 *  cluster. */
const MAX_BATCH = 40;
const MAX_OUTSIDE = 6;

function batches(
  expectations: readonly Numbered[],
  file: NetpolFile,
): readonly (readonly Numbered[])[] {
  const found: { members: Numbered[]; services: Map<string, string>; outside: Set<string> }[] = [];
  for (const one of expectations) {
    const end = parseEnd(one.to, file);
    const outside = [end, parseEnd(one.from, file)].flatMap((e) =>
      e.kind === 'external' ? [e.ip] : [],
    );
    const key = end.kind === 'service' ? `${end.clusterIP} ${one.protocol} ${one.port}` : '';
    const fits = found.find(
      (batch) =>
        batch.members.length < MAX_BATCH &&
        (batch.services.get(key) ?? one.to) === one.to &&
        new Set([...batch.outside, ...outside]).size <= MAX_OUTSIDE,
    );
    const batch = fits ?? {
      members: [],
      services: new Map<string, string>(),
      outside: new Set<string>(),
    };
    if (fits === undefined) found.push(batch);
    batch.members.push(one);
    for (const ip of outside) batch.outside.add(ip);
    if (key !== '') batch.services.set(key, one.to);
  }
  return found.map(({ members }) => members);
}

const protocolOf = ({ protocol = 'TCP' }: Expectation): string => protocol.toLowerCase();

function step(cluster: GroupCluster, one: Numbered, file: NetpolFile): StepSpec {
  const [from, to] = [parseEnd(one.from, file), parseEnd(one.to, file)];
  return {
    do: 'flow',
    id: `attempt-${one.index}`,
    proto: protocolOf(one),
    ns: cluster.namespaceOf(from) ?? one.from,
    dst: cluster.addressOf(to) ?? one.to,
    dport: one.port,
  };
}

/** A server at the far end of every attempt: only policy may be in the way. */
function withServers(
  cluster: GroupCluster,
  expectations: readonly Expectation[],
  file: NetpolFile,
): LinuxNetwork {
  const servers = new Map<string, Map<string, ListenerSpec>>();
  for (const one of expectations) {
    const end: End = parseEnd(one.to, file);
    const ns = cluster.namespaceOf(end);
    const port = (end.kind === 'service' ? end.targetPort : null) ?? one.port;
    if (ns === null) continue;
    const listeners = servers.get(ns) ?? new Map<string, ListenerSpec>();
    servers.set(ns, listeners);
    const proto = protocolOf(one);
    const addr = (cluster.addressOf(end) ?? '').includes(':') ? '::' : '0.0.0.0';
    listeners.set(`${proto} ${port}`, { proto, addr, port, name: one.to });
  }
  const { network } = cluster.compiled;
  return {
    ...network,
    namespaces: network.namespaces.map((ns) => {
      const wanted = servers.get(ns.name);
      if (wanted === undefined) return ns;
      const others = (ns.listeners ?? []).filter(
        ({ proto, port }) => !wanted.has(`${proto} ${port}`),
      );
      return { ...ns, listeners: [...others, ...wanted.values()] };
    }),
  };
}
