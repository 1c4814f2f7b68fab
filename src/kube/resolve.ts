// Names as a pod of a namespace may write them, to addresses: Services and pods of headless Services by their DNS names, machines, literal
// addresses. What a resolver asks on the wire is another matter (search path, ndots); this is the answer that it ends with.
import { parseAddr, printAddr } from '../wire/addr/ip.ts';
import { isReady, selects } from './controllers/endpoint-slices.ts';
import type { Machine } from './machines.ts';
import { namespaceOf } from './objects/meta.ts';
import type { Service } from './objects/service.ts';
import type { PodInstance } from './pods.ts';

export type Resolve = (host: string, namespace?: string) => string | null;

const CLUSTER_DOMAIN = /\.svc(\.cluster\.local)?\.?$/;

export function createResolver(
  services: readonly Service[],
  pods: readonly PodInstance[],
  machines: readonly Machine[],
): Resolve {
  const serviceNamed = (name: string, namespace: string): Service | undefined =>
    services.find((s) => s.metadata.name === name && namespaceOf(s) === namespace);

  const resolve = (host: string, namespace: string, depth: number): string | null => {
    const literal = parseAddr(host);
    if (literal !== null) return printAddr(literal);
    const [first = '', second, third] = host.replace(CLUSTER_DOMAIN, '').split('.');
    const service = third === undefined ? serviceNamed(first, second ?? namespace) : undefined;
    if (service !== undefined) {
      const { type, clusterIP, externalName } = service.spec;
      // A CNAME may lead to another Service; a chain of them that never ends is given up on.
      if (type === 'ExternalName')
        return externalName === undefined || depth > 8
          ? null
          : resolve(externalName, namespace, depth + 1);
      if (clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None') return clusterIP;
      return pods.find(({ pod }) => selects(service, pod) && isReady(pod))?.ip ?? null;
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
    return (member ?? machine)?.ip ?? null;
  };
  return (host, namespace = 'default') => resolve(host, namespace, 0);
}
