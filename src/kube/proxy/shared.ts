// What the kube-proxies of a cluster's nodes have in common. They read the same Services and EndpointSlices, and most of the rules that they
// write are equal on all nodes: each is made once, and is the same value everywhere.
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import type { IptRule } from '../iptables/types.ts';
import { endpointLists } from './endpoints.ts';
import type { EndpointLists } from './endpoints.ts';
import { servicePorts } from './inputs.ts';
import { portNames } from './service-plan.ts';
import type { PortNames, ServicePlan } from './service-plan.ts';
import type { ProxyConfig, ProxyEndpoint, ServicePort } from './types.ts';

/** What one Service port adds to the tables of a node. */
export interface Segment {
  readonly filter: readonly IptRule[];
  readonly nat: readonly IptRule[];
  readonly natChains: readonly string[];
}

export interface ProxyShared {
  ports(config: ProxyConfig): readonly ServicePort[];
  endpoints(config: ProxyConfig): EndpointLists;
  names(port: ServicePort): PortNames;
  /** Made only where no node with the same circumstances has made it. */
  segment(
    kind: 'capture' | 'chains',
    plan: ServicePlan,
    circumstances: string,
    make: () => Segment,
  ): Segment;
}

export function proxyShared(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
): ProxyShared {
  const ports = new Map<string, readonly ServicePort[]>();
  const lists = new Map<string, EndpointLists>();
  const names = new Map<ServicePort, PortNames>();
  const segments = new Map<ServicePort, Map<string, Segment>>();
  return {
    ports: (config) =>
      remember(ports, `${config.family} ${config.gates.loadBalancerIPMode}`, () =>
        servicePorts(services, config),
      ),
    endpoints: (config) =>
      remember(lists, config.family, () => endpointLists(slices, config.family)),
    names: (port) => remember(names, port, () => portNames(port)),
    segment(kind, plan, circumstances, make) {
      const own = remember(segments, plan.port, () => new Map<string, Segment>());
      return remember(own, `${kind} ${circumstances} ${choices(plan)}`, make);
    },
  };
}

function remember<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}

const texts = (endpoints: readonly ProxyEndpoint[] | null): string =>
  endpoints === null ? '-' : endpoints.map(({ text }) => text).join();

/** All that a plan says beyond its port. */
const choices = (plan: ServicePlan): string =>
  [
    texts(plan.cluster),
    texts(plan.local),
    texts(plan.reachable),
    plan.hasAny,
    plan.hasInternal,
    plan.hasExternal,
    plan.useExt,
    plan.useFw,
  ].join(' ');
