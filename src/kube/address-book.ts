// Who gave an address, and from where: the answer for every address that a compiled cluster has.
import type { NodeInfo } from './cni/types.ts';
import { familyOf, ofFamily } from './families.ts';
import { fullName } from './objects/meta.ts';
import type { Service } from './objects/service.ts';
import type { PodInstance } from './pods.ts';

export interface AddressOwner {
  /** `Pod default/web`, `Service default/web`, `Node node-a` */
  readonly object: string;
  /** `host-local`, `kube-apiserver`, `kubelet`, ... */
  readonly by: string;
  /** The range, or where it was read. */
  readonly from: string;
}

interface Inputs {
  readonly nodes: readonly NodeInfo[];
  readonly pods: readonly PodInstance[];
  readonly services: readonly Service[];
  readonly serviceCIDRs: readonly string[];
}

export function addressBook(inputs: Inputs): ReadonlyMap<string, AddressOwner> {
  const book = new Map<string, AddressOwner>();
  for (const service of inputs.services) {
    const object = `Service ${fullName(service)}`;
    for (const ip of service.spec.clusterIPs ?? [])
      if (ip !== 'None')
        book.set(ip, {
          object,
          by: 'kube-apiserver',
          from: ofFamily(inputs.serviceCIDRs, familyOf(ip)) ?? '',
        });
    for (const { ip } of service.status?.loadBalancer?.ingress ?? [])
      if (ip !== undefined) book.set(ip, { object, by: 'load balancer', from: 'status' });
  }
  for (const node of inputs.nodes)
    for (const { ip, type, reportedBy } of node.addresses)
      book.set(ip, { object: `Node ${node.name}`, by: reportedBy, from: type });
  for (const pod of inputs.pods)
    if (!pod.hostNetwork)
      for (const { ip, by, from } of pod.addresses)
        book.set(ip, { object: `Pod ${pod.name}`, by, from });
  return book;
}
