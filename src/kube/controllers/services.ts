// What the API server fills into a Service: defaults, families, a cluster IP of each from the service CIDRs, node ports from 30000-32767.
// Addresses that are given stay. Upstream draws at random from the upper band of the range; here the name decides, so that journeys
// are stable.
import type { Diagnostic, Place } from '../../base/diagnostic.ts';
import { inside, normalAddr, nthAddress, sizeOf } from '../cidr.ts';
import { familiesOf, familyOf, ofFamily } from '../families.ts';
import { pick } from '../hash/names.ts';
import { fullName } from '../objects/meta.ts';
import type { PlacedObject } from '../objects/parse.ts';
import type { Service, ServicePortSpec } from '../objects/service.ts';
import { givenIPs, serviceFamilies } from './service-families.ts';
import type { ServiceFamilies } from './service-families.ts';

export interface PlacedService {
  readonly service: Service;
  readonly place: Place;
}

const NODE_PORTS = { first: 30000, count: 2768 };
/** The lower band of a range is for addresses that are given by hand. */
const staticBand = (size: number): number =>
  Math.min(Math.max(16, Math.floor(size / 16)), 256, Math.max(size - 2, 0));
/** The first address of the primary range is that of the Service `default/kubernetes`. */
const KUBERNETES = 'default/kubernetes';

interface Books {
  readonly serviceCIDRs: readonly string[];
  readonly ips: Map<string, string>;
  /** Of each protocol, as the API server keeps them: `TCP 30080`. */
  readonly ports: Map<string, string>;
}

export function allocateServices(
  objects: readonly PlacedObject[],
  serviceCIDRs: readonly string[],
): { readonly services: readonly PlacedService[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const placed = objects.flatMap(({ object, place }): PlacedService[] =>
    object.kind === 'Service' ? [{ service: object, place }] : [],
  );
  const books: Books = { serviceCIDRs, ips: new Map(), ports: new Map() };
  const first = nthAddress(serviceCIDRs[0] ?? '', 1);
  if (first !== null) books.ips.set(first, KUBERNETES);
  for (const one of placed) diagnostics.push(...claimGiven(one, books));
  const services = placed.map((one): PlacedService => {
    const families = serviceFamilies(one.service, familiesOf(serviceCIDRs));
    if (!families.ok)
      diagnostics.push({
        severity: 'error',
        place: one.place,
        reason: `Service ${fullName(one.service)}: ${families.error.reason}`,
        fix: families.error.fix,
      });
    const service = complete(one.service, families.ok ? families.value : null, books);
    diagnostics.push(...usedUp(one.place, service));
    return { ...one, service };
  });
  return { services, diagnostics };
}

const needsClusterIP = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && spec.clusterIP !== 'None';
/** May it have node ports? */
const hasNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer';
/** Is it given those that it does not name? */
const needsNodePort = (service: Service): boolean =>
  hasNodePorts(service) &&
  (service.spec.type === 'NodePort' || service.spec.allocateLoadBalancerNodePorts !== false);
/** Where a load balancer asks whether this node has endpoints. */
const needsHealthCheck = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
const nodePortKey = (protocol: string, number: number): string => `${protocol} ${number}`;

/** Addresses and node ports that are written down: each belongs to one Service, and lies in its range. */
function claimGiven({ service, place }: PlacedService, books: Books): readonly Diagnostic[] {
  const name = fullName(service);
  const found: Diagnostic[] = [];
  const complain = (reason: string, fix: string): void => {
    found.push({ severity: 'error', place, reason, fix });
  };
  const claim = (taken: Map<string, string>, key: string, what: string): void => {
    const other = taken.get(key);
    if (other !== undefined && !(other === KUBERNETES && name === KUBERNETES))
      complain(
        `${what} of Service ${name} belongs to Service ${other} already`,
        'leave it out to get a free one',
      );
    taken.set(key, name);
  };
  for (const ip of needsClusterIP(service) ? givenIPs(service) : []) {
    claim(books.ips, normalAddr(ip), `clusterIP ${ip}`);
    const range = ofFamily(books.serviceCIDRs, familyOf(ip));
    if (range !== null && !inside(range, ip))
      complain(
        `clusterIP ${ip} of Service ${name} is not in the service CIDR ${range}`,
        `use an address of ${range}, or leave it out`,
      );
  }
  for (const port of hasNodePorts(service) ? (service.spec.ports ?? []) : []) {
    const number = port.nodePort ?? 0;
    if (number === 0) continue;
    claim(books.ports, nodePortKey(port.protocol ?? 'TCP', number), `nodePort ${number}`);
    if (number < NODE_PORTS.first || number >= NODE_PORTS.first + NODE_PORTS.count)
      found.push({
        severity: 'warning',
        place,
        reason: `nodePort ${number} of Service ${name} is not in 30000-32767: an API server refuses it by default`,
        fix: 'use a port of that range, or leave it out',
      });
  }
  const check = service.spec.healthCheckNodePort ?? 0;
  if (needsHealthCheck(service) && check !== 0)
    claim(books.ports, nodePortKey('TCP', check), `healthCheckNodePort ${check}`);
  return found;
}

/** The ranges are finite. */
function usedUp(place: Place, service: Service): readonly Diagnostic[] {
  const name = fullName(service);
  const left = (what: string, fix: string): Diagnostic => ({
    severity: 'error',
    place,
    reason: `Service ${name} gets no ${what}: all are taken`,
    fix,
  });
  return [
    ...((service.spec.clusterIPs ?? []).includes('')
      ? [left('cluster IP', 'widen `serviceCIDR`')]
      : []),
    ...(needsNodePort(service) && (service.spec.ports ?? []).some(({ nodePort }) => nodePort === 0)
      ? [left('node port', 'use fewer Services of type NodePort')]
      : []),
  ];
}

function complete(service: Service, families: ServiceFamilies | null, books: Books): Service {
  const { spec } = service;
  const name = fullName(service);
  const nodePort = (port: ServicePortSpec): ServicePortSpec => {
    const full = { ...port, protocol: port.protocol ?? ('TCP' as const) };
    if (!needsNodePort(service) || (port.nodePort ?? 0) !== 0) return full;
    const label = `${name} ${full.name ?? ''} ${full.port}`;
    return { ...full, nodePort: freeNodePort(label, full.protocol, name, books.ports) };
  };
  const checkPort = spec.healthCheckNodePort ?? 0;
  const given = givenIPs(service).map(normalAddr);
  const clusterIPs = !needsClusterIP(service)
    ? spec.clusterIP === 'None'
      ? ['None']
      : []
    : (families?.ipFamilies ?? []).map(
        (family) =>
          ofFamily(given, family) ??
          freeAddress(name, ofFamily(books.serviceCIDRs, family) ?? '', books.ips),
      );
  return {
    ...service,
    metadata: { ...service.metadata, namespace: service.metadata.namespace ?? 'default' },
    spec: {
      ...spec,
      type: spec.type ?? 'ClusterIP',
      sessionAffinity: spec.sessionAffinity ?? 'None',
      internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster',
      ports: (spec.ports ?? []).map(nodePort),
      ...(needsHealthCheck(service) && checkPort === 0
        ? { healthCheckNodePort: freeNodePort(`${name} health`, 'TCP', name, books.ports) }
        : {}),
      ...(clusterIPs[0] === undefined ? {} : { clusterIP: clusterIPs[0], clusterIPs }),
      ...(families === null || spec.type === 'ExternalName'
        ? {}
        : { ipFamilies: [...families.ipFamilies], ipFamilyPolicy: families.ipFamilyPolicy }),
    },
  };
}

function freeAddress(name: string, cidr: string, taken: Map<string, string>): string {
  const size = sizeOf(cidr);
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

function freeNodePort(
  label: string,
  protocol: string,
  name: string,
  taken: Map<string, string>,
): number {
  const start = pick(`nodePort ${label}`, NODE_PORTS.count);
  for (let i = 0; i < NODE_PORTS.count; i++) {
    const number = NODE_PORTS.first + ((start + i) % NODE_PORTS.count);
    const key = nodePortKey(protocol, number);
    if (taken.has(key)) continue;
    taken.set(key, name);
    return number;
  }
  return 0;
}
