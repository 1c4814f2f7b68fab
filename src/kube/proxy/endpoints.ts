// EndpointSlices to endpoint lists (pkg/proxy/endpointslicecache.go). Service and slice are joined by port NAME and protocol;
// `targetPort` is never looked at.
import { SERVICE_NAME_LABEL } from '../objects/endpoint-slice.ts';
import type { Endpoint, EndpointSlice } from '../objects/endpoint-slice.ts';
import { namespaceOf } from '../objects/meta.ts';
import type { IpFamily } from '../objects/service.ts';
import { addressesOf } from './ip.ts';
import { endpointText } from './names.ts';
import type { ProxyEndpoint, ServicePort } from './types.ts';

const keyOf = (service: string, portName: string, protocol: string): string =>
  `${service}:${portName}/${protocol.toLowerCase()}`;

/** An endpoint, as the node sees it on which it is, and as all others do. */
export interface Listed {
  readonly nodeName: string | null;
  readonly here: ProxyEndpoint;
  readonly elsewhere: ProxyEndpoint;
}

/** Endpoints by Service port, sorted by their text. Where two slices name the same one, all are kept, in their order. */
export type EndpointLists = ReadonlyMap<string, readonly Listed[]>;

export function endpointLists(slices: readonly EndpointSlice[], family: IpFamily): EndpointLists {
  const lists = new Map<string, Listed[]>();
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
      const list = lists.get(key) ?? [];
      lists.set(key, list);
      for (const endpoint of slice.endpoints ?? []) {
        const one = toEndpoint(endpoint, port.port ?? 0, family);
        if (one !== null) list.push(one);
      }
    }
  }
  // Byte order of the text: 10.0.0.10:80 comes before 10.0.0.2:80.
  for (const list of lists.values())
    list.sort(({ here: a }, { here: b }) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  return lists;
}

/** A Service port's endpoints for one node. Of two slices that name the same, one that says it is here wins, then the first. */
export function endpointsOn(
  lists: EndpointLists,
  nodeName: string,
  port: ServicePort,
): readonly ProxyEndpoint[] {
  const found: ProxyEndpoint[] = [];
  for (const listed of lists.get(keyOf(port.service, port.portName, port.protocol)) ?? []) {
    const one = listed.nodeName === nodeName ? listed.here : listed.elsewhere;
    if (found.at(-1)?.text !== one.text) found.push(one);
    else if (one.local) found[found.length - 1] = one;
  }
  return found;
}

function toEndpoint(endpoint: Endpoint, port: number, family: IpFamily): Listed | null {
  const first = endpoint.addresses[0];
  const ip = first === undefined ? undefined : addressesOf([first], family)[0];
  if (ip === undefined) return null;
  const here: ProxyEndpoint = {
    text: endpointText(ip, port),
    ip,
    port,
    local: true,
    ready: endpoint.conditions?.ready !== false,
    serving: endpoint.conditions?.serving !== false,
    terminating: endpoint.conditions?.terminating === true,
    zoneHints: (endpoint.hints?.forZones ?? []).map((zone) => zone.name),
    nodeHints: (endpoint.hints?.forNodes ?? []).map((node) => node.name),
  };
  return { nodeName: endpoint.nodeName ?? null, here, elsewhere: { ...here, local: false } };
}
