// Names as a pod of a namespace may write them, to addresses: Services and pods of headless Services by their DNS names, machines, literal
// addresses. What a resolver asks on the wire is another matter (search path, ndots); this is the answer that it ends with.
import { parseAddr, printAddr } from '../wire/addr/ip.ts';
import { isReady, selects } from './controllers/endpoint-slices.ts';
import { ofFamily } from './families.ts';
import type { IpFamily } from './families.ts';
import type { Machine } from './machines.ts';
import { namespaceOf } from './objects/meta.ts';
import type { Service } from './objects/service.ts';
import type { PodInstance } from './pods.ts';

/** `family`: only an address of it; null: the primary one of what is named. */
export type Resolve = (host: string, namespace?: string, family?: IpFamily | null) => string | null;

const CLUSTER_DOMAIN = /\.svc(\.cluster\.local)?\.?$/;

export function createResolver(
  services: readonly Service[],
  pods: readonly PodInstance[],
  machines: readonly Machine[],
): Resolve {
  const serviceNamed = (name: string, namespace: string): Service | undefined =>
    services.find((s) => s.metadata.name === name && namespaceOf(s) === namespace);

  const resolve = (
    host: string,
    namespace: string,
    family: IpFamily | null,
    depth: number,
  ): string | null => {
    const one = (ips: readonly string[] | undefined): string | null =>
      (family === null ? ips?.[0] : ofFamily(ips ?? [], family)) ?? null;
    const literal = parseAddr(host);
    if (literal !== null) return one([printAddr(literal)]);
    const [first = '', second, third] = host.replace(CLUSTER_DOMAIN, '').split('.');
    const service = third === undefined ? serviceNamed(first, second ?? namespace) : undefined;
    if (service !== undefined) {
      const { type, clusterIP, clusterIPs, externalName } = service.spec;
      // A CNAME may lead to another Service; a chain of them that never ends is given up on.
      if (type === 'ExternalName')
        return externalName === undefined || depth > 8
          ? null
          : resolve(externalName, namespace, family, depth + 1);
      if (clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None')
        return one(clusterIPs ?? [clusterIP]);
      return one(pods.find(({ pod }) => selects(service, pod) && isReady(pod))?.ips);
    }
    // `web-0.web`: a pod of a headless Service.
    const member = pods.find(
      ({ pod }) =>
        second !== undefined &&
        pod.spec.hostname === first &&
        pod.spec.subdomain === second &&
        namespaceOf(pod) === (third ?? namespace),
    );
    const machine = machines.find(({ name }) => name === host);
    return one((member ?? machine)?.ips);
  };
  return (host, namespace = 'default', family = null) => resolve(host, namespace, family, 0);
}
