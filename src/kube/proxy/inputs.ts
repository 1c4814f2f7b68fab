// Services to service ports of one IP family (pkg/proxy/serviceport.go).
import type { IpFamily, Service, ServicePortSpec } from '../objects/service.ts';
import { fullName } from '../objects/meta.ts';
import { addressesOf, prefixesOf, printCidr } from './ip.ts';
import type { ProxyConfig, ServicePort } from './types.ts';

type Inputs = Pick<ProxyConfig, 'family' | 'gates'>;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In the order of (namespace, name, position). Upstream's order over Services is that of a hash map. */
export function servicePorts(services: readonly Service[], config: Inputs): readonly ServicePort[] {
  return [...services]
    .sort(
      (a, b) =>
        byText(a.metadata.namespace ?? 'default', b.metadata.namespace ?? 'default') ||
        byText(a.metadata.name, b.metadata.name),
    )
    .flatMap((service) => portsOf(service, config));
}

function clusterIPOf({ spec }: Service, family: IpFamily): string | null {
  const given = spec.clusterIP ?? '';
  if (given === '' || given === 'None') return null;
  const families = spec.ipFamilies ?? [];
  const text =
    families.length === 0 ? given : (spec.clusterIPs ?? [given])[families.indexOf(family)];
  return text === undefined ? null : (addressesOf([text], family)[0] ?? null);
}

function portsOf(service: Service, { family, gates }: Inputs): readonly ServicePort[] {
  const { spec } = service;
  const clusterIP = clusterIPOf(service, family);
  if (clusterIP === null || spec.type === 'ExternalName') return [];
  const external =
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  const externalPolicyLocal = external && spec.externalTrafficPolicy === 'Local';
  const shared = {
    service: fullName(service),
    clusterIP,
    externalIPs: addressesOf(spec.externalIPs ?? [], family),
    lbVIPs: lbVIPs(service, family, gates.loadBalancerIPMode),
    sourceRanges: sourceRanges(service, family),
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800)
        : null,
    externalPolicyLocal,
    internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    healthCheckNodePort:
      spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
  };
  return (spec.ports ?? []).map((port) => ({ ...shared, ...portFields(shared.service, port) }));
}

function portFields(service: string, port: ServicePortSpec) {
  const portName = port.name ?? '';
  return {
    name: portName === '' ? service : `${service}:${portName}`,
    portName,
    protocol: (port.protocol ?? 'TCP').toLowerCase(),
    port: port.port,
    nodePort: port.nodePort ?? 0,
  };
}

/** ipMode `Proxy`: traffic must really go through the balancer, so the node leaves it alone. */
const lbVIPs = (service: Service, family: IpFamily, ipMode: boolean): readonly string[] =>
  addressesOf(
    (service.status?.loadBalancer?.ingress ?? [])
      .filter((entry) => !ipMode || (entry.ipMode ?? 'VIP') === 'VIP')
      .map((entry) => entry.ip ?? ''),
    family,
  );

function sourceRanges(service: Service, family: IpFamily): readonly string[] {
  const ranges = prefixesOf(service.spec.loadBalancerSourceRanges ?? [], family);
  return ranges.some((range) => range.length === 0) ? [] : ranges.map(printCidr);
}

export const externallyAccessible = (port: ServicePort): boolean =>
  port.nodePort !== 0 || port.lbVIPs.length > 0 || port.externalIPs.length > 0;
export const usesClusterEndpoints = (port: ServicePort): boolean =>
  !port.internalPolicyLocal || externallyAccessible(port);
export const usesLocalEndpoints = (port: ServicePort): boolean =>
  port.internalPolicyLocal || (port.externalPolicyLocal && externallyAccessible(port));
