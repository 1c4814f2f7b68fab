// What looks wrong in a cluster that is otherwise valid, said before the packet says it: warnings, never errors.
import { at } from '../base/diagnostic.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { overlap } from './cidr.ts';
import type { Cni } from './cni/index.ts';
import type { ClusterView } from './cni/types.ts';
import { selection, targetPortOf } from './controllers/endpoint-slices.ts';
import type { ScheduledPod } from './controllers/schedule.ts';
import type { PlacedService } from './controllers/services.ts';
import type { EndpointSlice } from './objects/endpoint-slice.ts';
import { fullName } from './objects/meta.ts';
import type { PlacedObject } from './objects/parse.ts';
import type { Service } from './objects/service.ts';
import type { PodInstance } from './pods.ts';

/** A plugin that cannot give addresses of a family that the cluster wants. */
export const checkFamilies = ({ families }: ClusterView, cni: Cni): readonly Diagnostic[] =>
  families
    .filter((family) => !cni.families.includes(family))
    .map((family) => ({
      severity: 'error',
      place: at('cluster'),
      reason: `${cni.title} gives pods no ${family} addresses with these options`,
      fix: `use a \`podCIDR\` of ${cni.families.join(' or ')}, or another network plugin`,
    }));

/** Ranges that share addresses: nobody could say where such a packet goes. */
export function checkRanges(
  { podCIDRs, serviceCIDRs, subnets }: ClusterView,
  cni: Cni,
): readonly Diagnostic[] {
  const subnetRanges = subnets.flatMap(({ name, cidrs }) =>
    cidrs.map((cidr) => [`the subnet ${name}`, cidr] as const),
  );
  const pods = podCIDRs.map((cidr) => ['`podCIDR`', cidr] as const);
  const services = serviceCIDRs.map((cidr) => ['`serviceCIDR`', cidr] as const);
  const pairs = [
    ...services.flatMap((one) => [...pods, ...subnetRanges].map((other) => [one, other] as const)),
    // Pods that live in the subnets are meant to.
    ...(cni.podRange === 'subnet'
      ? []
      : pods.flatMap((one) => subnetRanges.map((other) => [one, other] as const))),
  ];
  return pairs.flatMap(([[what, cidr], [other, range]]): Diagnostic[] =>
    overlap(cidr, range)
      ? [
          {
            severity: 'error',
            place: at('cluster'),
            reason: `${what} ${cidr} and ${other} ${range} overlap`,
            fix: 'give each its own range',
          },
        ]
      : [],
  );
}

export const checkPolicies = (objects: readonly PlacedObject[], cni: Cni): readonly Diagnostic[] =>
  objects.flatMap(({ object, place }): Diagnostic[] => {
    if (object.kind !== 'NetworkPolicy' || cni.enforcesPolicies) return [];
    const { policies } = cni.notModelled;
    const why =
      policies === undefined
        ? `has no effect: ${cni.title} does not enforce policies`
        : `is not enforced here: ${cni.title} does it by ${policies}, which is not modelled`;
    return [
      {
        severity: 'warning',
        place,
        reason: `NetworkPolicy ${fullName(object)} ${why}`,
        fix:
          policies === undefined
            ? 'use a network plugin that does'
            : 'use Calico to see it enforced',
      },
    ];
  });

const whyNoHostPorts = ({ title, notModelled }: Cni): string =>
  notModelled.hostPorts === undefined
    ? `: no portmap plugin is chained to ${title}`
    : ` here: ${title} does it by ${notModelled.hostPorts}, which is not modelled`;

/** hostPorts are the work of the portmap plugin; two pods of a node cannot have the same one. */
export function checkHostPorts(pods: readonly ScheduledPod[], cni: Cni): readonly Diagnostic[] {
  const taken = new Map<string, string>();
  return pods.flatMap(({ pod, node, place }): Diagnostic[] => {
    const name = fullName(pod);
    if (pod.spec.hostNetwork === true) return [];
    const wanted = pod.spec.containers.flatMap((container) =>
      (container.ports ?? []).filter((port) => (port.hostPort ?? 0) !== 0),
    );
    if (wanted.length > 0 && cni.portmap === null)
      return [
        {
          severity: 'warning',
          place,
          reason: `hostPort of Pod ${name} has no effect${whyNoHostPorts(cni)}`,
          fix: 'expose the pod with a NodePort Service',
        },
      ];
    return wanted.flatMap((port): Diagnostic[] => {
      const key = `${node} ${port.protocol ?? 'TCP'} ${port.hostPort} ${port.hostIP ?? ''}`;
      const other = taken.get(key);
      taken.set(key, name);
      if (other === undefined) return [];
      return [
        {
          severity: 'error',
          place,
          reason: `hostPort ${port.hostPort} of Pod ${name} belongs to Pod ${other} on ${node} already`,
          fix: 'use another port, or another node',
        },
      ];
    });
  });
}

/** A target port on which no selected pod says that it listens: connections there are refused. */
export const checkTargetPorts = (
  services: readonly PlacedService[],
  pods: readonly PodInstance[],
): readonly Diagnostic[] => {
  const selectedBy = selection(pods);
  return services.flatMap(({ service, place }) => {
    const selected = selectedBy(service);
    return (service.spec.ports ?? []).flatMap((port): Diagnostic[] => {
      const wrong = selected.filter(({ pod }) => {
        const number = targetPortOf(port, pod);
        const protocol = port.protocol ?? 'TCP';
        return !pod.spec.containers.some((container) =>
          (container.ports ?? []).some(
            (p) => p.containerPort === number && (p.protocol ?? 'TCP') === protocol,
          ),
        );
      });
      if (wrong.length === 0) return [];
      const target = port.targetPort ?? port.port;
      return [
        {
          severity: 'warning',
          place,
          reason: `port ${port.port} of Service ${fullName(service)} leads to ${target}, where no container of ${wrong[0]?.name} listens`,
          fix: 'correct `targetPort`, or declare the port as a `containerPort`',
        },
      ];
    });
  });
};

/** A Node object describes a machine; it does not make one. */
export const checkNodes = (
  objects: readonly PlacedObject[],
  nodes: readonly { readonly name: string }[],
): readonly Diagnostic[] =>
  objects.flatMap(({ object, place }): Diagnostic[] =>
    object.kind !== 'Node' || nodes.some((node) => node.name === object.metadata.name)
      ? []
      : [
          {
            severity: 'warning',
            place,
            reason: `Node ${object.metadata.name} is no machine of the cluster`,
            fix: 'add it under `cluster.nodes`',
          },
        ],
  );

/** Endpoints of all Service ports, on all nodes: each costs a chain. A link must not be able to exhaust a browser. */
const MAX_ENDPOINT_CHAINS = 300_000;

export function tooManyRules(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  nodes: number,
): readonly Diagnostic[] {
  const ports = services.reduce((sum, service) => sum + (service.spec.ports ?? []).length, 0);
  const endpoints = slices.reduce(
    (sum, slice) => sum + (slice.ports ?? []).length * (slice.endpoints ?? []).length,
    0,
  );
  const total = (ports + endpoints) * nodes;
  if (total <= MAX_ENDPOINT_CHAINS) return [];
  const reason = `kube-proxy would write ${total} chains; at most ${MAX_ENDPOINT_CHAINS} are computed`;
  const fix = 'use fewer Services, ports or pods';
  return [{ severity: 'error', place: at('manifests'), reason, fix }];
}
