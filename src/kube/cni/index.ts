// The registry of network plugins. To add one: a driver in its own file, a line in `drivers`, and its options in `cniOptions`.
// Everything else (scenario schema, compiler, the table of packets in packets.test.ts) takes them from here.
import * as v from 'valibot';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { IpFamily } from '../families.ts';
import type { NetOp } from '../ops.ts';
import { awsVpc } from './aws-vpc.ts';
import { bridge } from './bridge.ts';
import { calico } from './calico.ts';
import { flannel } from './flannel.ts';
import { kindnet } from './kindnet.ts';
import { kubenet } from './kubenet.ts';
import { ptp } from './ptp.ts';
import type {
  CloudPlan,
  ClusterView,
  CniContext,
  CniDriver,
  Ipam,
  JoinedInterface,
  PodRange,
  PodSandbox,
  PolicyContext,
} from './types.ts';

export const drivers = {
  'aws-vpc': awsVpc,
  bridge,
  calico,
  flannel,
  kindnet,
  kubenet,
  ptp,
} as const;

export const cniOptions = v.variant('name', [
  awsVpc.options,
  bridge.options,
  calico.options,
  flannel.options,
  kindnet.options,
  kubenet.options,
  ptp.options,
]);
export type CniOptions = v.InferOutput<typeof cniOptions>;

/** A driver together with its options. */
export interface Cni {
  readonly title: string;
  readonly reference: string;
  readonly podRange: PodRange;
  readonly families: readonly IpFamily[];
  readonly enforcesPolicies: boolean;
  /** Name of the network that portmap is chained to, or null. */
  readonly portmap: string | null;
  readonly notModelled: NonNullable<CniDriver<v.GenericSchema>['notModelled']>;
  check(cluster: ClusterView): readonly Diagnostic[];
  ipam(cluster: ClusterView): Ipam;
  joinNode(ctx: CniContext): readonly JoinedInterface[];
  nodeSetup(ctx: CniContext): readonly NetOp[];
  addPod(ctx: CniContext, pod: PodSandbox): readonly NetOp[];
  policies(ctx: PolicyContext): readonly NetOp[];
  cloud(cluster: ClusterView & { readonly shared: unknown }): CloudPlan;
}

const NO_PLAN: CloudPlan = { routes: [], interfaces: [] };

export function cniOf(options: CniOptions): Cni {
  const driver: CniDriver<v.GenericSchema<unknown, CniOptions>, unknown, unknown> = drivers[
    options.name
  ];
  return {
    title: driver.title,
    reference: driver.reference,
    podRange: driver.podRange,
    families: driver.families(options),
    enforcesPolicies: driver.policies !== undefined,
    portmap: driver.portmap?.(options) ?? null,
    notModelled: driver.notModelled ?? {},
    check: (cluster) => driver.check?.(cluster, options) ?? [],
    ipam: (cluster) => driver.ipam(cluster, options),
    joinNode: (ctx) => driver.joinNode?.(ctx, options) ?? [],
    nodeSetup: (ctx) => driver.nodeSetup(ctx, options),
    addPod: (ctx, pod) => driver.addPod(ctx, pod, options),
    policies: (ctx) => driver.policies?.(ctx, options) ?? [],
    cloud: (cluster) => driver.cloud?.(cluster, options) ?? NO_PLAN,
  };
}
