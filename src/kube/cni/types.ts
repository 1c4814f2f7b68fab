// A CNI driver: how one network plugin gives pods their addresses and wires them. It answers with values (net operations, rules, plans)
// and touches nothing itself. Verbs are those of the CNI specification (ADD), of its IPAM plugins, and of the daemons beside them.
//
//   ipam ──▶ addresses of all pods ──▶ joinNode ──▶ nodeSetup, addPod, policies of every node
//                                  └─▶ cloud: what the cloud's controllers put around the nodes
import type * as v from 'valibot';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Result } from '../../base/result.ts';
import type { IpFamily } from '../families.ts';
import type { Labels } from '../objects/meta.ts';
import type { NetworkPolicy } from '../objects/network-policy.ts';
import type { Pod } from '../objects/pod.ts';
import type { NetOp } from '../ops.ts';

/** A subnet of the ground on which nodes stand. Lists have one entry of each family, the primary one first. */
export interface SubnetInfo {
  readonly name: string;
  /** `192.168.1.0/24` */
  readonly cidrs: readonly string[];
  /** The router's addresses in it; empty where there is no router. */
  readonly gateways: readonly string[];
  readonly mtu: number;
}

/** One line of `status.addresses` of a Node. */
export interface NodeAddress {
  readonly type: 'InternalIP' | 'ExternalIP';
  readonly ip: string;
  /** `kubelet`, or `cloud-controller-manager` where a cloud knows better. */
  readonly reportedBy: string;
}

/** A machine of the cluster as the network plugin sees it. */
export interface NodeInfo {
  readonly name: string;
  readonly labels: Labels;
  /** The primary address. */
  readonly ip: string;
  /** One address of each family that its subnet has. */
  readonly ips: readonly string[];
  readonly addresses: readonly NodeAddress[];
  readonly subnet: SubnetInfo;
  /** The interface that holds `ips`. */
  readonly device: string;
  readonly mtu: number;
  /** `spec.podCIDRs`: the node's share of the cluster's pod ranges, one of each family. */
  readonly podCIDRs: readonly string[];
}

/** The cluster before any pod has an address. */
export interface ClusterView {
  readonly seed: number;
  /** Families of pods, the primary one first. */
  readonly families: readonly IpFamily[];
  readonly podCIDRs: readonly string[];
  readonly serviceCIDRs: readonly string[];
  readonly nodes: readonly NodeInfo[];
  readonly subnets: readonly SubnetInfo[];
  /** Addresses of the subnets that machines and routers have. */
  readonly taken: ReadonlySet<string>;
  /** Ranges of the cloud's own network; empty where there is none. */
  readonly vpcCIDRs: readonly string[];
}

/** One node's daemon at work. `Shared` is what the driver's IPAM has to tell all of them. */
export interface CniContext<Shared = unknown> extends ClusterView {
  readonly node: NodeInfo;
  /** The other nodes. */
  readonly peers: readonly NodeInfo[];
  readonly shared: Shared;
}

/** An address knows who gave it, and from where. */
export interface AssignedAddress {
  readonly ip: string;
  /** `host-local`, `calico-ipam`, `ipamd`, ... */
  readonly by: string;
  /** The range that it was taken from: a pod CIDR, a block, an interface's addresses. */
  readonly from: string;
}

export interface PodRequest {
  readonly node: NodeInfo;
  /** `default/web-0` */
  readonly pod: string;
  readonly object: Pod;
  /** Addresses that it had in the cluster it was copied from; empty: any. To be given, or refused with the reason. */
  readonly wanted: readonly string[];
}
export interface Allocation<PerPod> {
  /** One of each family of the cluster, in its order. */
  readonly addresses: readonly AssignedAddress[];
  readonly data: PerPod;
}
/** Why not: a clause that continues "Pod default/web gets no address: ". */
export interface Refusal {
  readonly reason: string;
  readonly fix: string;
}

/** Addresses over the whole cluster. Pods that want given addresses ask first, then the others in order. Private to a compilation. */
export interface Ipam<Shared = unknown, PerPod = unknown> {
  allocate(request: PodRequest): Result<Allocation<PerPod>, Refusal>;
  /** What the plugin's daemons know once all pods have addresses: blocks of nodes, interfaces, ... */
  shared(): Shared;
}

export interface PodSandbox<PerPod = unknown> {
  /** `default/web-0` */
  readonly pod: string;
  readonly object: Pod;
  readonly netns: string;
  /** What containerd calls the sandbox: 64 hexadecimal digits. */
  readonly containerID: string;
  readonly ip: string;
  readonly ips: readonly string[];
  /** The first pod on its node: shared devices do not exist yet. */
  readonly first: boolean;
  readonly data: PerPod;
}

/** A pod that runs, as the policy engine sees it. */
export interface PolicyPod<PerPod = unknown> {
  readonly pod: string;
  readonly object: Pod;
  readonly node: string;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  /** null: it has no sandbox of its own (hostNetwork). */
  readonly sandbox: PodSandbox<PerPod> | null;
}
export interface PolicyContext<Shared = unknown, PerPod = unknown> extends CniContext<Shared> {
  /** All pods of the cluster. */
  readonly pods: readonly PolicyPod<PerPod>[];
  readonly networkPolicies: readonly NetworkPolicy[];
  /** Labels of every namespace that an object is in, `kubernetes.io/metadata.name` among them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** A further interface that the plugin has attached to a node. The ground plugs it in; the plugin configures it. */
export interface JoinedInterface {
  readonly name: string;
  /** Name of the subnet. */
  readonly subnet: string;
  readonly mac?: string;
  readonly mtu?: number;
}

/** What a cloud's controllers do for the plugin, outside of every node. */
export interface CloudPlan {
  /** Entries of the route table of the nodes' subnets. */
  readonly routes: readonly CloudRoute[];
  /** Interfaces of nodes where the cloud is told something. */
  readonly interfaces: readonly CloudInterface[];
}
export interface CloudRoute {
  readonly dst: string;
  readonly node: string;
  /** The node's address that packets are handed to. */
  readonly via: string;
  readonly component: string;
  readonly object: string | null;
}
export interface CloudInterface {
  readonly node: string;
  readonly device: string;
  /** Private addresses and prefixes besides the node's own. */
  readonly addresses: readonly string[];
  /** Does the cloud drop packets from or to addresses that are not the interface's? */
  readonly sourceDestCheck: boolean;
}

/** Where pod addresses come from: each node's pod CIDR, a pool of the cluster, or the nodes' own subnets. */
export type PodRange = 'node' | 'pool' | 'subnet';

export interface CniDriver<Schema extends v.GenericSchema, Shared = null, PerPod = null> {
  readonly name: string;
  readonly title: string;
  readonly reference: string;
  readonly options: Schema;
  readonly podRange: PodRange;
  /** `name` of its network where the portmap plugin is chained to it. Absent: hostPorts have no effect. */
  portmap?(options: v.InferOutput<Schema>): string;
  /** What the real plugin does and this one does not: how it goes about it, as the end of a sentence. */
  readonly notModelled?: { readonly policies?: string; readonly hostPorts?: string };
  /** Families that it can give to pods with these options, alone or together. */
  families(options: v.InferOutput<Schema>): readonly IpFamily[];
  /** What does not go together, besides families. */
  check?(cluster: ClusterView, options: v.InferOutput<Schema>): readonly Diagnostic[];
  ipam(cluster: ClusterView, options: v.InferOutput<Schema>): Ipam<Shared, PerPod>;
  joinNode?(ctx: CniContext<Shared>, options: v.InferOutput<Schema>): readonly JoinedInterface[];
  nodeSetup(ctx: CniContext<Shared>, options: v.InferOutput<Schema>): readonly NetOp[];
  addPod(
    ctx: CniContext<Shared>,
    pod: PodSandbox<PerPod>,
    options: v.InferOutput<Schema>,
  ): readonly NetOp[];
  /** Rules and sets of a node's policy agent, written after kube-proxy's. Absent: NetworkPolicy objects have no effect. */
  policies?(ctx: PolicyContext<Shared, PerPod>, options: v.InferOutput<Schema>): readonly NetOp[];
  cloud?(
    cluster: ClusterView & { readonly shared: Shared },
    options: v.InferOutput<Schema>,
  ): CloudPlan;
}
