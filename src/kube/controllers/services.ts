// What the API server fills into a Service: defaults, a cluster IP from the service CIDR, node ports from 30000-32767. Addresses that
// are given stay. Upstream draws at random from the upper band of the range; here the name decides, so that journeys are stable.
import type { Diagnostic, Place } from '../../base/diagnostic.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import { contains, parsePrefix } from '../../wire/addr/prefix.ts';
import { nthAddress } from '../cni/host-local.ts';
import { pick } from '../hash/names.ts';
import { fullName } from '../objects/meta.ts';
import type { PlacedObject } from '../objects/parse.ts';
import type { Service, ServicePortSpec } from '../objects/service.ts';

export interface PlacedService {
  readonly service: Service;
  readonly place: Place;
}

const NODE_PORTS = { first: 30000, count: 2768 };
/** The lower band of a range is for addresses that are given by hand. */
const staticBand = (size: number): number =>
  Math.min(Math.max(16, Math.floor(size / 16)), 256, Math.max(size - 2, 0));

export function allocateServices(
  objects: readonly PlacedObject[],
  serviceCIDR: string,
): { readonly services: readonly PlacedService[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const placed = objects.flatMap(({ object, place }): PlacedService[] =>
    object.kind === 'Service' ? [{ service: object, place }] : [],
  );
  const ips = new Map<string, string>();
  const ports = new Map<number, string>();
  const claim = <K>(
    taken: Map<K, string>,
    key: K,
    what: string,
    { service, place }: PlacedService,
  ): void => {
    const other = taken.get(key);
    if (other !== undefined)
      diagnostics.push({
        severity: 'error',
        place,
        reason: `${what} of Service ${fullName(service)} belongs to Service ${other} already`,
        fix: 'leave it out to get a free one',
      });
    taken.set(key, fullName(service));
  };
  for (const one of placed) {
    const { spec } = one.service;
    if (needsClusterIP(one.service) && spec.clusterIP !== undefined && spec.clusterIP !== '') {
      claim(ips, spec.clusterIP, `clusterIP ${spec.clusterIP}`, one);
      diagnostics.push(...outside(one, serviceCIDR));
    }
    for (const port of needsNodePort(one.service) ? (spec.ports ?? []) : [])
      if (port.nodePort !== undefined && port.nodePort !== 0)
        claim(ports, port.nodePort, `nodePort ${port.nodePort}`, one);
  }
  const services = placed.map((one) => ({
    ...one,
    service: complete(one.service, serviceCIDR, ips, ports),
  }));
  return { services, diagnostics };
}

const needsClusterIP = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && spec.clusterIP !== 'None';
const needsNodePort = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer';

function outside({ service, place }: PlacedService, cidr: string): Diagnostic[] {
  const addr = parseAddr(service.spec.clusterIP ?? '');
  const range = parsePrefix(cidr);
  if (addr !== null && range !== null && contains(range, addr)) return [];
  return [
    {
      severity: 'error',
      place,
      reason: `clusterIP ${service.spec.clusterIP} of Service ${fullName(service)} is not in the service CIDR ${cidr}`,
      fix: `use an address of ${cidr}, or leave it out`,
    },
  ];
}

function complete(
  service: Service,
  cidr: string,
  ips: Map<string, string>,
  ports: Map<number, string>,
): Service {
  const { spec } = service;
  const name = fullName(service);
  const nodePort = (port: ServicePortSpec): ServicePortSpec => {
    const full = { ...port, protocol: port.protocol ?? ('TCP' as const) };
    if (!needsNodePort(service) || (port.nodePort ?? 0) !== 0) return full;
    const label = `${name} ${port.name ?? ''} ${port.port}`;
    return { ...full, nodePort: freeNodePort(label, name, ports) };
  };
  const clusterIP = !needsClusterIP(service)
    ? spec.clusterIP
    : spec.clusterIP === undefined || spec.clusterIP === ''
      ? freeAddress(name, cidr, ips)
      : spec.clusterIP;
  return {
    ...service,
    metadata: { ...service.metadata, namespace: service.metadata.namespace ?? 'default' },
    spec: {
      ...spec,
      type: spec.type ?? 'ClusterIP',
      sessionAffinity: spec.sessionAffinity ?? 'None',
      internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster',
      ports: (spec.ports ?? []).map(nodePort),
      ...(clusterIP === undefined ? {} : { clusterIP, clusterIPs: [clusterIP] }),
    },
  };
}

function freeAddress(name: string, cidr: string, taken: Map<string, string>): string {
  const length = parsePrefix(cidr)?.length ?? 12;
  const size = 2 ** (32 - length);
  const band = staticBand(size);
  const span = Math.max(size - band - 1, 1);
  const start = pick(`clusterIP ${name}`, span);
  for (let i = 0; i < span; i++) {
    const ip = nthAddress(cidr, band + ((start + i) % span)) ?? '';
    if (taken.has(ip)) continue;
    taken.set(ip, name);
    return ip;
  }
  return '';
}

function freeNodePort(label: string, name: string, taken: Map<number, string>): number {
  const start = pick(`nodePort ${label}`, NODE_PORTS.count);
  for (let i = 0; i < NODE_PORTS.count; i++) {
    const port = NODE_PORTS.first + ((start + i) % NODE_PORTS.count);
    if (taken.has(port)) continue;
    taken.set(port, name);
    return port;
  }
  return 0;
}
