// Names as a pod of a namespace may write them, to addresses: Services by their DNS names, pods, machines, literal addresses. What a
// resolver asks on the wire is another matter (search path, ndots); this is the answer that it ends with.
import { parseAddr, printAddr } from '../wire/addr/ip.ts';
import { namespaceOf } from './objects/meta.ts';
import type { Service } from './objects/service.ts';
import type { Machine } from './machines.ts';
import type { PodInstance } from './pods.ts';

export type Resolve = (host: string, namespace?: string) => string | null;

const SUFFIX = /\.svc(\.cluster\.local\.?)?$/;

export function createResolver(
  services: readonly Service[],
  pods: readonly PodInstance[],
  machines: readonly Machine[],
): Resolve {
  return (host, namespace = 'default') => {
    const literal = parseAddr(host);
    if (literal !== null) return printAddr(literal);
    const [name = '', ns = namespace, ...rest] = host.replace(SUFFIX, '').split('.');
    if (rest.length === 0) {
      const service = services.find((s) => s.metadata.name === name && namespaceOf(s) === ns);
      const ip = service?.spec.clusterIP;
      if (ip !== undefined && ip !== '' && ip !== 'None') return ip;
    }
    const pod = pods.find(
      (p) =>
        p.netns === host ||
        (p.pod.metadata.name === name && namespaceOf(p.pod) === ns && rest.length === 0),
    );
    return pod?.ip ?? machines.find((machine) => machine.name === host)?.ip ?? null;
  };
}
