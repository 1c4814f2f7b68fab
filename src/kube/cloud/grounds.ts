// What each cloud puts under its machines. Without a cloud it is switches, and a Linux router between them.
import type { ApplianceSpec } from '../../network/appliances.ts';
import { groundOps } from '../machine-ops.ts';
import type { GroundPlan } from '../machine-ops.ts';
import type { NetOp } from '../ops.ts';
import { awsGround } from './aws-ground.ts';
import type { CloudName, CloudOptions } from './index.ts';

export interface LaidGround {
  readonly ops: readonly NetOp[];
  readonly appliances: readonly ApplianceSpec[];
}
type LayGround<O> = (plan: GroundPlan, options: O) => LaidGround;

const grounds: { readonly [N in CloudName]: LayGround<Extract<CloudOptions, { name: N }>> } = {
  aws: awsGround,
};

export const ground = (plan: GroundPlan, options: CloudOptions | null): LaidGround =>
  options === null
    ? { ops: groundOps(plan), appliances: [] }
    : grounds[options.name](plan, options);
