// A CNI driver: how pods of one network plugin are wired. It answers with net operations and touches nothing itself. Verbs are those of
// the CNI specification (ADD) and of the daemon beside it (node set-up).
import type * as v from 'valibot';
import type { NetOp } from '../ops.ts';

/** A machine of the cluster as the network plugin sees it. */
export interface NodeInfo {
  readonly name: string;
  readonly ip: string;
  /** The subnet that its address is in, `192.168.1.0/24`. */
  readonly subnet: string;
  readonly device: string;
  readonly mtu: number;
  readonly podCIDR: string;
}

export interface CniContext {
  readonly seed: number;
  readonly clusterCIDR: string;
  readonly node: NodeInfo;
  /** The other nodes. */
  readonly peers: readonly NodeInfo[];
}

export interface PodSandbox {
  /** `default/web-0` */
  readonly pod: string;
  readonly netns: string;
  readonly ip: string;
  /** The first pod on its node: shared devices do not exist yet. */
  readonly first: boolean;
}

export interface CniDriver<Schema extends v.GenericSchema> {
  readonly name: string;
  readonly title: string;
  readonly reference: string;
  readonly options: Schema;
  /** Does it enforce NetworkPolicy objects? */
  readonly enforcesPolicies: boolean;
  /** Addresses for pods of a node, one by one; null where the pod CIDR is used up. */
  ipam(podCIDR: string): () => string | null;
  nodeSetup(ctx: CniContext, options: v.InferOutput<Schema>): readonly NetOp[];
  addPod(ctx: CniContext, pod: PodSandbox, options: v.InferOutput<Schema>): readonly NetOp[];
}
