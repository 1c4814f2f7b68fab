// Which endpoints a Service port uses on this node (pkg/proxy/topology.go): ready ones, those that topology hints leave, those on this
// node where a policy says Local, and terminating ones as the last resort.
import { usesClusterEndpoints, usesLocalEndpoints } from './inputs.ts';
import type { ProxyConfig, ProxyEndpoint, ServicePort } from './types.ts';

export interface ChosenEndpoints {
  /** For traffic under policy Cluster; null where the port has none such. */
  readonly cluster: readonly ProxyEndpoint[] | null;
  /** For traffic under policy Local; null where the port has none such. */
  readonly local: readonly ProxyEndpoint[] | null;
  /** All that some rule can lead to: they get KUBE-SEP chains. */
  readonly reachable: readonly ProxyEndpoint[];
  /** Somewhere in the cluster there is an endpoint that could serve. */
  readonly hasAny: boolean;
}

type Topology = (endpoint: ProxyEndpoint) => boolean;
type Config = Pick<ProxyConfig, 'nodeName' | 'nodeLabels' | 'gates'>;

const lastResort = (endpoint: ProxyEndpoint): boolean => endpoint.serving && endpoint.terminating;

export function chooseEndpoints(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  config: Config,
): ChosenEndpoints {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  let hasAny = false;
  let cluster: readonly ProxyEndpoint[] | null = null;
  let topology: Topology | null = null;
  if (usesClusterEndpoints(port)) {
    topology = topologyOf(ready, config);
    cluster = topology === null ? ready : ready.filter(topology);
    if (cluster.length === 0) cluster = endpoints.filter(lastResort);
    hasAny = cluster.length > 0;
  }
  if (!usesLocalEndpoints(port)) return { cluster, local: null, reachable: cluster ?? [], hasAny };

  hasAny ||= endpoints.some((endpoint) => endpoint.ready || lastResort(endpoint));
  const localReady = ready.filter((endpoint) => endpoint.local);
  const fellBack = localReady.length === 0;
  const local = fellBack ? endpoints.filter((e) => e.local && lastResort(e)) : localReady;
  if (cluster === null) return { cluster, local, reachable: local, hasAny };
  if (topology === null && !fellBack) return { cluster, local, reachable: cluster, hasAny };
  const wanted = new Set([...cluster, ...local]);
  return { cluster, local, reachable: endpoints.filter((e) => wanted.has(e)), hasAny };
}

/** Hints count only if every ready endpoint has one, and one of them is for us. */
function topologyOf(ready: readonly ProxyEndpoint[], config: Config): Topology | null {
  const hinted = (hints: (e: ProxyEndpoint) => readonly string[], us: string): Topology | null => {
    const mine: Topology = (endpoint) => hints(endpoint).includes(us);
    return ready.every((e) => hints(e).length > 0) && ready.some(mine) ? mine : null;
  };
  const zone = config.nodeLabels['topology.kubernetes.io/zone'];
  return (
    (config.gates.preferSameTraffic ? hinted((e) => e.nodeHints, config.nodeName) : null) ??
    (zone === undefined || zone === '' ? null : hinted((e) => e.zoneHints, zone))
  );
}
