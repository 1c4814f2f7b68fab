// What CNI drivers are called with, for their tests: a cluster of nodes node-a, node-b, ... as the compiler would lay it out.
import * as v from 'valibot';
import { clusterSchema } from '../kube/cluster-schema.ts';
import type { ClusterView, CniContext, PodSandbox } from '../kube/cni/types.ts';
import { familiesOf } from '../kube/families.ts';
import { layGround } from '../kube/machines.ts';

/** `cluster`: settings as in a scenario. */
export function clusterView(cluster: unknown = {}, seed = 1): ClusterView {
  const spec = v.parse(clusterSchema, cluster);
  const { nodes, subnets, taken, vpcCIDRs } = layGround(spec);
  return {
    seed,
    families: familiesOf(spec.podCIDR),
    podCIDRs: spec.podCIDR,
    serviceCIDRs: spec.serviceCIDR,
    nodes,
    subnets,
    taken,
    vpcCIDRs,
  };
}

export function contextOf<Shared>(
  view: ClusterView,
  name: string,
  shared: Shared,
): CniContext<Shared> {
  const node = view.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  return { ...view, node, peers: view.nodes.filter((one) => one !== node), shared };
}

export const sandboxOf = <PerPod>(
  name: string,
  ips: readonly string[],
  data: PerPod,
  more: Partial<PodSandbox<PerPod>> = {},
): PodSandbox<PerPod> => ({
  pod: `default/${name}`,
  object: { kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c' }] } },
  netns: name,
  containerID: '0123456789abcdef',
  ip: ips[0] ?? '',
  ips,
  first: true,
  data,
  ...more,
});
