// Kubernetes objects and cluster settings in, a plain Linux network out: the control plane's work (workloads, scheduling, addresses,
// endpoint slices) and then each node's (kubelet, network plugin, kube-proxy) as net operations, applied in boot order.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { LinuxNetwork } from '../network/types.ts';
import { applyOps } from './apply.ts';
import { checkNodes, checkPolicies, checkTargetPorts, tooManyRules } from './checks.ts';
import { cniOf } from './cni/index.ts';
import type { CniContext } from './cni/types.ts';
import type { ClusterSpec, KubeProxySpec } from './cluster-schema.ts';
import { completeSlice, endpointSlices } from './controllers/endpoint-slices.ts';
import { expandWorkloads } from './controllers/expand.ts';
import { isProxyConfigMap, readProxyConfigMap } from './controllers/proxy-config-map.ts';
import { schedulePods } from './controllers/schedule.ts';
import { allocateServices } from './controllers/services.ts';
import { kubeletRules } from './kubelet.ts';
import { groundOps, newNamespace } from './machine-ops.ts';
import { layGround, ROUTER, switchName } from './machines.ts';
import type { ClusterNode, Machine } from './machines.ts';
import type { EndpointSlice } from './objects/endpoint-slice.ts';
import type { PlacedObject } from './objects/parse.ts';
import type { Service } from './objects/service.ts';
import { opsBy } from './ops.ts';
import type { NetAction, NetOp } from './ops.ts';
import { listenersOf, runPods } from './pods.ts';
import type { PodInstance } from './pods.ts';
import { proxyConfig, proxyOps } from './proxy/node-ops.ts';
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
  readonly diagnostics: readonly Diagnostic[];
}

export function compileCluster({ cluster, objects, seed }: ClusterInput): CompiledCluster {
  const cni = cniOf(cluster.cni);
  const ground = layGround(withNodeObjects(cluster, objects));
  const { nodes, machines } = ground;
  const wanted = expandWorkloads(
    objects,
    nodes.map((node) => node.name),
  );
  const scheduled = schedulePods(wanted.pods, nodes);
  const taken = new Set([
    ROUTER,
    ...machines.map((machine) => machine.name),
    ...cluster.subnets.map((subnet) => switchName(cluster, subnet)),
  ]);
  const { pods, diagnostics: addressing } = runPods(scheduled.pods, nodes, cni, taken);
  const allocated = allocateServices(objects, cluster.serviceCIDR);
  const services = allocated.services.map((placed) => placed.service);
  const slices = [
    ...endpointSlices(services, pods),
    ...objects.flatMap(({ object }) =>
      object.kind === 'EndpointSlice' ? [completeSlice(object)] : [],
    ),
  ];
  const proxy = proxyFlags(cluster, objects);
  const excess = tooManyRules(services, slices, nodes.length);

  const ops: NetOp[] = [...groundOps(cluster, machines, seed)];
  for (const pod of pods)
    if (!pod.hostNetwork)
      ops.push(
        ...opsBy(
          'containerd',
          pod.netns,
          `Pod ${pod.name}`,
          newNamespace('pod', `Pod ${pod.name}`, pod.node),
        ),
      );
  for (const node of nodes) {
    const ctx: CniContext = {
      seed,
      clusterCIDR: cluster.podCIDR,
      node,
      peers: nodes.filter((peer) => peer !== node),
    };
    const local = pods.filter((pod) => pod.node === node.name);
    ops.push(...opsBy('kubelet', node.name, null, kubeletActions()));
    ops.push(...cni.nodeSetup(ctx));
    for (const { netns, name, ip, first } of local.filter((pod) => !pod.hostNetwork))
      ops.push(...cni.addPod(ctx, { pod: name, netns, ip, first }));
    if (proxy.flags.mode === 'iptables' && excess.length === 0) {
      const sysctls = machines.find((machine) => machine.name === node.name)?.sysctls ?? {};
      const self = { node, sysctls, addresses: addressesIn(ops, node) };
      ops.push(...proxyOps(proxyConfig(proxy.flags, cluster.podCIDR, self), services, slices));
    }
    for (const pod of local)
      for (const listener of listenersOf(pod))
        ops.push(...opsBy('kubelet', pod.netns, `Pod ${pod.name}`, [{ op: 'listen', listener }]));
  }
  return {
    network: applyOps(ops),
    resolve: createResolver(services, pods, machines),
    machines,
    pods,
    services,
    slices,
    diagnostics: [
      ...ground.diagnostics,
      ...checkNodes(objects, nodes),
      ...wanted.diagnostics,
      ...scheduled.diagnostics,
      ...addressing,
      ...allocated.diagnostics,
      ...proxy.diagnostics,
      ...excess,
      ...checkPolicies(objects, cni),
      ...checkTargetPorts(allocated.services, pods),
    ],
  };
}

const kubeletActions = (): readonly NetAction[] =>
  kubeletRules('ipv4').map((command) => ({ op: 'iptables', family: 'ipv4', command }));

const addressesIn = (ops: readonly NetOp[], node: ClusterNode): readonly string[] =>
  ops.flatMap((op) =>
    op.op === 'addr.add' && op.ns === node.name ? [op.cidr.split('/')[0] ?? ''] : [],
  );

/** Node objects add labels and a pod CIDR to machines of the cluster settings. */
function withNodeObjects(cluster: ClusterSpec, objects: readonly PlacedObject[]): ClusterSpec {
  const nodes = cluster.nodes.map((node) => {
    const found = objects.find(
      ({ object }) => object.kind === 'Node' && object.metadata.name === node.name,
    );
    if (found === undefined || found.object.kind !== 'Node') return node;
    const { metadata, spec } = found.object;
    const podCIDR = node.podCIDR ?? spec?.podCIDR;
    const labels = { ...metadata.labels, ...node.labels };
    return { ...node, labels, ...(podCIDR === undefined ? {} : { podCIDR }) };
  });
  return { ...cluster, nodes };
}

function proxyFlags(
  cluster: ClusterSpec,
  objects: readonly PlacedObject[],
): { readonly flags: KubeProxySpec; readonly diagnostics: readonly Diagnostic[] } {
  for (const { object } of objects)
    if (object.kind === 'ConfigMap' && isProxyConfigMap(object))
      return readProxyConfigMap(object, cluster.kubeProxy);
  return { flags: cluster.kubeProxy, diagnostics: [] };
}
