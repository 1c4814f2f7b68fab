// The registry of network plugins. To add one: a driver in its own file, a line in `drivers`, and its options in `cniOptions`.
// Everything else (scenario schema, compiler) takes them from here.
import * as v from 'valibot';
import type { NetOp } from '../ops.ts';
import { flannel } from './flannel.ts';
import type { CniContext, CniDriver, PodSandbox } from './types.ts';

export const drivers = { flannel } as const;

export const cniOptions = v.variant('name', [drivers.flannel.options]);
export type CniOptions = v.InferOutput<typeof cniOptions>;

/** A driver together with its options. */
export interface Cni {
  readonly title: string;
  readonly reference: string;
  readonly enforcesPolicies: boolean;
  ipam(podCIDR: string): () => string | null;
  nodeSetup(ctx: CniContext): readonly NetOp[];
  addPod(ctx: CniContext, pod: PodSandbox): readonly NetOp[];
}

export function cniOf(options: CniOptions): Cni {
  const driver: CniDriver<v.GenericSchema<unknown, CniOptions>> = drivers[options.name];
  return {
    title: driver.title,
    reference: driver.reference,
    enforcesPolicies: driver.enforcesPolicies,
    ipam: (podCIDR) => driver.ipam(podCIDR),
    nodeSetup: (ctx) => driver.nodeSetup(ctx, options),
    addPod: (ctx, pod) => driver.addPod(ctx, pod, options),
  };
}
