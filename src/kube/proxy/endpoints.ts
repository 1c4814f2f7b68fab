// EndpointSlices to endpoint lists (pkg/proxy/endpointslicecache.go). Service and slice are joined by port NAME and protocol;
// `targetPort` is never looked at.
import { SERVICE_NAME_LABEL } from '../objects/endpoint-slice.ts';
import type { Endpoint, EndpointSlice } from '../objects/endpoint-slice.ts';
import { namespaceOf } from '../objects/meta.ts';
import { addressesOf } from './ip.ts';
import { endpointText } from './names.ts';
import type { ProxyConfig, ProxyEndpoint, ServicePort } from './types.ts';

type Inputs = Pick<ProxyConfig, 'family' | 'nodeName'>;

const keyOf = (service: string, portName: string, protocol: string): string =>
  `${service}:${portName}/${protocol.toLowerCase()}`;

export interface EndpointsMap {
  of(port: ServicePort): readonly ProxyEndpoint[];
}

export function endpointsMap(slices: readonly EndpointSlice[], config: Inputs): EndpointsMap {
  const lists = new Map<string, Map<string, ProxyEndpoint>>();
  for (const slice of slices) {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (service === undefined) continue;
    for (const port of slice.ports ?? []) {
      // The API server gives every port a name, if only an empty one: a slice without was never stored.
      if ((port.port ?? 0) === 0 || (port.name ?? null) === null) continue;
      const key = keyOf(
        `${namespaceOf(slice)}/${service}`,
        port.name ?? '',
        port.protocol ?? 'TCP',
      );
      const list = lists.get(key) ?? new Map<string, ProxyEndpoint>();
      lists.set(key, list);
      for (const endpoint of slice.endpoints ?? []) {
        const one = toEndpoint(endpoint, port.port ?? 0, config);
        if (one !== null && (one.local || !list.has(one.text))) list.set(one.text, one);
      }
    }
  }
  const sorted = new Map(
    [...lists].map(([key, list]) => [
      key,
      // Byte order of the text: 10.0.0.10:80 comes before 10.0.0.2:80.
      [...list.values()].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)),
    ]),
  );
  return {
    of: (port) => sorted.get(keyOf(port.service, port.portName, port.protocol)) ?? [],
  };
}

function toEndpoint(endpoint: Endpoint, port: number, config: Inputs): ProxyEndpoint | null {
  const first = endpoint.addresses[0];
  const ip = first === undefined ? undefined : addressesOf([first], config.family)[0];
  if (ip === undefined) return null;
  return {
    text: endpointText(ip, port),
    ip,
    port,
    local: endpoint.nodeName !== undefined && endpoint.nodeName === config.nodeName,
    ready: endpoint.conditions?.ready !== false,
    serving: endpoint.conditions?.serving !== false,
    terminating: endpoint.conditions?.terminating === true,
    zoneHints: (endpoint.hints?.forZones ?? []).map((zone) => zone.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((node) => node.name),
  };
}
