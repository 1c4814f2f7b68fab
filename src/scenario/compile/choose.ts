// Which endpoint a flow has to reach, by the name of its listener: the engine looks for a draw of the random rules that leads there.
import type { FlowSpec } from '../../network/types.ts';
import type { CompiledCluster } from '../../kube/compile.ts';
import { selects } from '../../kube/controllers/endpoint-slices.ts';
import type { Service } from '../../kube/objects/service.ts';
import type { PodInstance } from '../../kube/pods.ts';
import type { RunStep } from '../schema/schema.ts';

type Target = Pick<FlowSpec, 'dst' | 'dport'>;

/** Does the flow go to this Service, by any of its addresses or by a node port? */
function isFor({ spec, status }: Service, { dst, dport }: Target): boolean {
  const ips = [
    spec.clusterIP,
    ...(spec.clusterIPs ?? []),
    ...(spec.externalIPs ?? []),
    ...(status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip),
  ];
  const nodePort = (spec.ports ?? []).some(
    (port) => port.nodePort === dport && dport !== undefined,
  );
  return (dst !== undefined && ips.includes(dst)) || nodePort;
}

/** null: nothing is chosen. undefined: the choice names no endpoint of the flow. */
export function chosenListener(
  choose: RunStep['choose'],
  target: Target,
  { pods, services }: CompiledCluster,
): string | null | undefined {
  if (choose === undefined) return null;
  const behind = services.filter((service) => isFor(service, target));
  const isEndpoint = ({ pod }: PodInstance): boolean =>
    behind.length === 0 || behind.some((service) => selects(service, pod));
  const found = pods.find(
    (instance) =>
      isEndpoint(instance) &&
      (choose.pod === undefined
        ? instance.node === choose.node
        : instance.pod.metadata.name === choose.pod),
  );
  if (found === undefined) return undefined;
  return found.hostNetwork ? found.pod.metadata.name : found.netns;
}
