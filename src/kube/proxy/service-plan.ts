// What is decided once for a Service port before rules are written: chains, flags and verdicts (top of the loop in syncProxyRules).
import { chooseEndpoints } from './choose.ts';
import { externallyAccessible } from './inputs.ts';
import { endpointChain, serviceHash } from './names.ts';
import type { ProxyConfig, ProxyEndpoint, ServicePort } from './types.ts';

export interface ServicePlan {
  readonly port: ServicePort;
  readonly cluster: readonly ProxyEndpoint[] | null;
  readonly local: readonly ProxyEndpoint[] | null;
  readonly reachable: readonly ProxyEndpoint[];
  readonly chains: {
    readonly svc: string;
    readonly svl: string;
    readonly ext: string;
    readonly fw: string;
    readonly internal: string;
    /** Where external traffic goes after masquerading was decided. */
    readonly external: string;
    /** Where load balancer traffic enters. */
    readonly loadBalancer: string;
    sep(endpoint: ProxyEndpoint): string;
  };
  readonly hasAny: boolean;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  readonly useExt: boolean;
  readonly useFw: boolean;
  /** What happens to traffic that has nowhere to go, and the comment that says why. */
  readonly verdict: Verdict;
}
export interface Verdict {
  readonly target: 'REJECT' | 'DROP';
  readonly comment: string;
}

/** What the chains of a Service port are called, on every node. */
export interface PortNames {
  readonly hash: string;
  sep(endpoint: ProxyEndpoint): string;
}

export function portNames({ name, protocol }: ServicePort): PortNames {
  const known = new Map<string, string>();
  return {
    hash: serviceHash(name, protocol),
    sep({ text }) {
      let chain = known.get(text);
      if (chain === undefined) known.set(text, (chain = endpointChain(name, protocol, text)));
      return chain;
    },
  };
}

export function planService(
  port: ServicePort,
  endpoints: readonly ProxyEndpoint[],
  config: ProxyConfig,
  names: PortNames = portNames(port),
): ServicePlan {
  const { cluster, local, reachable, hasAny } = chooseEndpoints(port, endpoints, config);
  const { hash, sep } = names;
  const svc = `KUBE-SVC-${hash}`;
  const svl = `KUBE-SVL-${hash}`;
  const ext = `KUBE-EXT-${hash}`;
  const fw = `KUBE-FW-${hash}`;
  const anyLocal = (local ?? []).length > 0;
  const useFw = hasAny && port.lbVIPs.length > 0 && port.sourceRanges.length > 0;
  // Nowhere in the cluster: tell the client. Only not here: another node may be right, so stay silent.
  const verdict: Verdict = hasAny
    ? { target: 'DROP', comment: `${port.name} has no local endpoints` }
    : { target: 'REJECT', comment: `${port.name} has no endpoints` };
  return {
    port,
    cluster,
    local,
    reachable,
    chains: {
      svc,
      svl,
      ext,
      fw,
      internal: port.internalPolicyLocal ? svl : svc,
      external: port.externalPolicyLocal ? svl : svc,
      loadBalancer: useFw ? fw : ext,
      sep,
    },
    hasAny,
    hasInternal: hasAny && (!port.internalPolicyLocal || anyLocal),
    hasExternal: hasAny && (!port.externalPolicyLocal || anyLocal),
    useExt: hasAny && externallyAccessible(port),
    useFw,
    verdict,
  };
}
