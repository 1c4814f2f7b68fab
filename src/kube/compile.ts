// Kubernetes objects and cluster settings in, a plain Linux network out: the control plane's work (workloads, scheduling, addresses,
// endpoint slices) and then each node's (kubelet, kube-proxy, network plugin) as net operations, applied in boot order.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { LinuxNetwork } from '../network/types.ts';
import { addressBook } from './address-book.ts';
import type { AddressOwner } from './address-book.ts';
import { applyOps } from './apply.ts';
import { ground } from './cloud/grounds.ts';
import { checkFamilies, checkNodes, checkPolicies, checkRanges } from './checks.ts';
import { checkHostPorts, checkTargetPorts, tooManyRules } from './checks.ts';
import { cniOf } from './cni/index.ts';
import type { Cni } from './cni/index.ts';
import { hasHostPorts, portmapAdd, wiredBy } from './cni/portmap.ts';
import type { ClusterView, CniContext, PolicyContext } from './cni/types.ts';
import type { ClusterSpec } from './cluster-schema.ts';
import { completeSlice, endpointSlices } from './controllers/endpoint-slices.ts';
import { expandWorkloads } from './controllers/expand.ts';
import { proxyFlags } from './controllers/proxy-config-map.ts';
import { schedulePods } from './controllers/schedule.ts';
import { allocateServices } from './controllers/services.ts';
import { familiesOf, iptFamily } from './families.ts';
import type { IpFamily } from './families.ts';
import { kubeletRules } from './kubelet.ts';
import { newNamespace } from './machine-ops.ts';
import { layGround } from './machines.ts';
import type { Ground, Machine } from './machines.ts';
import { namespaceLabels } from './namespaces.ts';
import type { EndpointSlice } from './objects/endpoint-slice.ts';
import type { PlacedObject } from './objects/parse.ts';
import type { Service } from './objects/service.ts';
import { opsBy } from './ops.ts';
import type { NetAction, NetOp } from './ops.ts';
import { listenersOf, runPods } from './pods.ts';
import type { PodInstance } from './pods.ts';
import { proxyConfig, proxyOps } from './proxy/node-ops.ts';
import type { ProxyCluster } from './proxy/node-ops.ts';
import { proxyShared } from './proxy/shared.ts';
import type { ProxyShared } from './proxy/shared.ts';
import { createResolver } from './resolve.ts';
import type { Resolve } from './resolve.ts';

export interface ClusterInput {
  readonly cluster: ClusterSpec;
  readonly objects: readonly PlacedObject[];
  readonly seed: number;
}
export interface CompiledCluster {
  readonly network: LinuxNetwork;
  readonly resolve: Resolve;
  readonly machines: readonly Machine[];
  readonly pods: readonly PodInstance[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Who gave an address: of nodes, pods and Services. */
  readonly addresses: ReadonlyMap<string, AddressOwner>;
  readonly diagnostics: readonly Diagnostic[];
}

export function compileCluster({ cluster, objects, seed }: ClusterInput): CompiledCluster {
  const cni = cniOf(cluster.cni);
  const land = layGround(withNodeObjects(cluster, objects));
  const { nodes } = land;
  const view = viewOf(cluster, land, seed);
  const wanted = expandWorkloads(
    objects,
    nodes.map((node) => node.name),
  );
  const scheduled = schedulePods(wanted.pods, nodes);
  const names = new Set([...land.names, ...land.machines.map((machine) => machine.name)]);
  const unfit = [...checkFamilies(view, cni), ...cni.check(view)];
  const ipam = cni.ipam(view);
  // A plugin that cannot do what it is asked for is not asked.
  const { pods, diagnostics: addressing } = unfit.some((d) => d.severity === 'error')
    ? { pods: [], diagnostics: [] }
    : runPods({
        seed,
        pods: scheduled.pods,
        nodes,
        ipam,
        names,
        families: view.families,
      });
  const allocated = allocateServices(objects, cluster.serviceCIDR);
  const services = allocated.services.map((placed) => placed.service);
  const slices = [
    ...endpointSlices(services, pods),
    ...objects.flatMap(({ object }) =>
      object.kind === 'EndpointSlice' ? [completeSlice(object)] : [],
    ),
  ];
  const proxy = proxyFlags(cluster.kubeProxy, objects);
  const excess = tooManyRules(services, slices, nodes.length * view.families.length);
  const contexts = nodes.map((node): CniContext => ({
    ...view,
    node,
    peers: nodes.filter((peer) => peer !== node),
    shared: ipam.shared(),
  }));
  const machines = land.machines.map((machine): Machine => {
    const ctx = contexts.find(({ node }) => node.name === machine.name);
    return ctx === undefined ? machine : { ...machine, joined: cni.joinNode(ctx) };
  });
  const boot: Boot = {
    cni,
    pods,
    services,
    slices,
    objects,
    machines,
    proxyShared: proxyShared(services, slices),
    proxy:
      proxy.flags.mode === 'iptables' && excess.length === 0
        ? { flags: proxy.flags, podCIDRs: view.podCIDRs, podRange: cni.podRange }
        : null,
  };
  const cloud = cni.cloud({ ...view, shared: ipam.shared() });
  const laid = ground({ ...view, machines, cloud }, cluster.cloud ?? null);
  const ops: readonly NetOp[] = [
    ...laid.ops,
    ...pods.flatMap((pod) => sandboxOps(pod, view.families)),
    ...contexts.flatMap((ctx) => nodeOps(ctx, boot)),
  ];
  return {
    network: {
      ...applyOps(ops),
      ...(laid.appliances.length === 0 ? {} : { appliances: laid.appliances }),
    },
    resolve: createResolver(services, pods, machines),
    machines,
    pods,
    services,
    slices,
    addresses: addressBook({ nodes, pods, services, serviceCIDRs: view.serviceCIDRs }),
    diagnostics: [
      ...land.diagnostics,
      ...checkRanges(view, cni),
      ...unfit,
      ...checkNodes(objects, nodes),
      ...wanted.diagnostics,
      ...scheduled.diagnostics,
      ...addressing,
      ...allocated.diagnostics,
      ...proxy.diagnostics,
      ...excess,
      ...checkPolicies(objects, cni),
      ...checkHostPorts(scheduled.pods, cni),
      ...checkTargetPorts(allocated.services, pods),
    ],
  };
}

const viewOf = (cluster: ClusterSpec, ground: Ground, seed: number): ClusterView => ({
  seed,
  families: familiesOf(cluster.podCIDR),
  podCIDRs: cluster.podCIDR,
  serviceCIDRs: cluster.serviceCIDR,
  nodes: ground.nodes,
  subnets: ground.subnets,
  taken: ground.taken,
  vpcCIDRs: ground.vpcCIDRs,
});

interface Boot {
  readonly cni: Cni;
  readonly pods: readonly PodInstance[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly objects: readonly PlacedObject[];
  readonly machines: readonly Machine[];
  /** null: no kube-proxy runs. */
  readonly proxy: ProxyCluster | null;
  readonly proxyShared: ProxyShared;
}

const sandboxOps = (pod: PodInstance, families: readonly IpFamily[]): readonly NetOp[] => {
  if (pod.sandbox === null) return [];
  const label = `Pod ${pod.name}`;
  return opsBy('containerd', pod.netns, label, newNamespace('pod', label, families, pod.node));
};

/** What is written on one node, in the order in which its components come up. */
function nodeOps(ctx: CniContext, boot: Boot): readonly NetOp[] {
  const { cni, proxy } = boot;
  const { node, families } = ctx;
  const local = boot.pods.filter((pod) => pod.node === node.name);
  const wiring = [...cni.nodeSetup(ctx)];
  for (const { sandbox } of local)
    if (sandbox !== null) {
      wiring.push(...cni.addPod(ctx, sandbox));
      // A conflist: portmap comes after the plugin that wires the pod.
      if (cni.portmap === null || !hasHostPorts(sandbox)) continue;
      const wired = wiredBy(wiring, node.name, sandbox);
      wiring.push(...portmapAdd(ctx, sandbox, cni.portmap, wired));
    }
  const machine = boot.machines.find(({ name }) => name === node.name);
  const self = {
    node,
    sysctls: machine?.sysctls ?? {},
    addresses: [...(machine?.ips ?? []), ...addressesIn(wiring, node.name)],
  };
  const kubelet = families.flatMap((family) =>
    kubeletRules(iptFamily(family)).map((command): NetAction => ({
      op: 'iptables',
      family: iptFamily(family),
      command,
    })),
  );
  return [
    ...opsBy('kubelet', node.name, null, kubelet),
    // The plugin's daemons reach the API server by a Service, so kube-proxy comes first; it looks at the addresses again and again.
    ...(proxy === null
      ? []
      : families.flatMap((family) =>
          proxyOps(proxyConfig(family, proxy, self), boot.services, boot.slices, boot.proxyShared),
        )),
    ...wiring,
    ...cni.policies(policyContext(ctx, boot)),
    ...local.flatMap((pod) =>
      listenersOf(pod, families).flatMap((listener) =>
        opsBy('kubelet', pod.netns, `Pod ${pod.name}`, [{ op: 'listen', listener }]),
      ),
    ),
  ];
}

const policyContext = (ctx: CniContext, { pods, objects }: Boot): PolicyContext => ({
  ...ctx,
  pods: pods.map(({ name, pod, node, ips, hostNetwork, sandbox }) => ({
    pod: name,
    object: pod,
    node,
    ips,
    hostNetwork,
    sandbox,
  })),
  networkPolicies: objects.flatMap(({ object }) =>
    object.kind === 'NetworkPolicy' ? [object] : [],
  ),
  namespaces: namespaceLabels(objects),
});

const addressesIn = (ops: readonly NetOp[], node: string): readonly string[] =>
  ops.flatMap((op) =>
    op.op === 'addr.add' && op.ns === node ? [op.cidr.split('/')[0] ?? ''] : [],
  );

/** Node objects add labels and pod CIDRs to machines of the cluster settings. */
function withNodeObjects(cluster: ClusterSpec, objects: readonly PlacedObject[]): ClusterSpec {
  const nodes = cluster.nodes.map((node) => {
    const found = objects.find(
      ({ object }) => object.kind === 'Node' && object.metadata.name === node.name,
    );
    if (found === undefined || found.object.kind !== 'Node') return node;
    const { metadata, spec } = found.object;
    const listed = spec?.podCIDRs ?? (spec?.podCIDR === undefined ? undefined : [spec.podCIDR]);
    const podCIDR = node.podCIDR ?? listed;
    const labels = { ...metadata.labels, ...node.labels };
    return { ...node, labels, ...(podCIDR === undefined ? {} : { podCIDR }) };
  });
  return { ...cluster, nodes };
}
