// The EndpointSlice controller (staging/src/k8s.io/endpointslice): for every Service with a selector, slices of the pods that it selects,
// with their readiness. A slice has addresses of one family; named target ports are looked up in each pod, so pods may fall into slices
// with different port numbers.
import { familiesOf, ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { suffix } from '../hash/names.ts';
import { SERVICE_NAME_LABEL } from '../objects/endpoint-slice.ts';
import type { Endpoint, EndpointSlice } from '../objects/endpoint-slice.ts';
import { fullName, namespaceOf } from '../objects/meta.ts';
import type { Pod } from '../objects/pod.ts';
import { matchesLabels } from '../objects/selector.ts';
import type { Service, ServicePortSpec } from '../objects/service.ts';

export interface RunningPod {
  readonly pod: Pod;
  readonly node: string;
  readonly ips: readonly string[];
}

type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Upstream's default for one slice. */
const MAX_ENDPOINTS = 100;

export function endpointSlices(
  services: readonly Service[],
  pods: readonly RunningPod[],
): readonly EndpointSlice[] {
  const selectedBy = selection(pods);
  return services.flatMap((service) => slicesOf(service, selectedBy(service)));
}

/** The pods that a Service selects, in their order. Pods are looked up by one label, so that many Services are no burden. */
export function selection<P extends { readonly pod: Pod }>(
  pods: readonly P[],
): (service: Service) => readonly P[] {
  const labelled = new Map<string, P[]>();
  const keyOf = (namespace: string, key: string, value: string): string =>
    `${namespace} ${key}=${value}`;
  for (const one of pods)
    for (const [key, value] of Object.entries(one.pod.metadata.labels ?? {})) {
      const label = keyOf(namespaceOf(one.pod), key, value);
      const list = labelled.get(label);
      if (list === undefined) labelled.set(label, [one]);
      else list.push(one);
    }
  return (service) => {
    const [first] = Object.entries(service.spec.selector ?? {});
    if (first === undefined) return [];
    const some = labelled.get(keyOf(namespaceOf(service), first[0], first[1])) ?? [];
    return some.filter(({ pod }) => selects(service, pod));
  };
}

export const selects = (service: Service, pod: Pod): boolean =>
  service.spec.selector !== undefined &&
  Object.keys(service.spec.selector).length > 0 &&
  namespaceOf(service) === namespaceOf(pod) &&
  matchesLabels(service.spec.selector, pod.metadata.labels);

interface Group {
  readonly family: IpFamily;
  readonly ports: readonly SlicePort[];
  readonly endpoints: Endpoint[];
}

function slicesOf(service: Service, pods: readonly RunningPod[]): readonly EndpointSlice[] {
  const groups = new Map<string, Group>();
  const selected = pods.filter(({ pod }) => {
    const phase = pod.status?.phase;
    return phase !== 'Succeeded' && phase !== 'Failed';
  });
  const families = service.spec.ipFamilies ?? familiesOf(selected.flatMap(({ ips }) => ips));
  for (const family of families)
    for (const running of selected) {
      const ip = ofFamily(running.ips, family);
      if (ip === null) continue;
      const ports = slicePorts(service, running.pod);
      const key = `${family} ${JSON.stringify(ports)}`;
      const group = groups.get(key) ?? { family, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, running, ip));
    }
  let count = 0;
  return [...groups.values()].flatMap(({ family, ports, endpoints }) =>
    chunks(endpoints, MAX_ENDPOINTS).map((part): EndpointSlice => ({
      kind: 'EndpointSlice',
      metadata: {
        name: `${service.metadata.name}-${suffix(`slice ${fullName(service)} ${count++}`)}`,
        namespace: namespaceOf(service),
        labels: { [SERVICE_NAME_LABEL]: service.metadata.name },
      },
      addressType: family,
      endpoints: part,
      ports: [...ports],
    })),
  );
}

/** What the API server fills into a slice that was written by hand. */
export const completeSlice = (slice: EndpointSlice): EndpointSlice => ({
  ...slice,
  metadata: { ...slice.metadata, namespace: namespaceOf(slice) },
  ports: (slice.ports ?? []).map((port) => ({
    ...port,
    name: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
  })),
});

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );

/** The container port that a Service port leads to; null where a name is not found in this pod. */
export function targetPortOf(port: ServicePortSpec, pod: Pod): number | null {
  const target = port.targetPort;
  if (target === undefined || target === 0) return port.port;
  if (typeof target === 'number') return target;
  for (const container of pod.spec.containers)
    for (const candidate of container.ports ?? [])
      if (candidate.name === target && (candidate.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
        return candidate.containerPort;
  return /^\d+$/.test(target) ? Number(target) : null;
}

const slicePorts = (service: Service, pod: Pod): readonly SlicePort[] =>
  (service.spec.ports ?? []).flatMap((port): SlicePort[] => {
    const number = targetPortOf(port, pod);
    if (number === null) return [];
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP' }];
  });

/** A pod without a Ready condition is taken as ready: its containers run and it has no failing probe. */
export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status !== 'False';

function endpointOf(service: Service, { pod, node }: RunningPod, ip: string): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  return {
    addresses: [ip],
    conditions: { ready, serving, terminating },
    nodeName: node,
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: pod.metadata.name },
    ...(pod.spec.hostname !== undefined && pod.spec.subdomain === service.metadata.name
      ? { hostname: pod.spec.hostname }
      : {}),
  };
}
