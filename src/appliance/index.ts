// Kinds of appliances. To add one: its table in network/appliances.ts, a file beside this one that exports an ApplianceDriver, and a
// line here.
import type { ApplianceKind, ApplianceSpec } from '../network/appliances.ts';
import type { DeviceSpec } from '../network/types.ts';
import { internetGateway } from './internet-gateway.ts';
import { natGateway } from './nat-gateway.ts';
import type { Appliance, ApplianceDriver, Complain } from './types.ts';
import { vpcRouter } from './vpc-router.ts';

export const appliances = {
  'vpc-router': vpcRouter,
  'internet-gateway': internetGateway,
  'nat-gateway': natGateway,
} as const satisfies { readonly [K in ApplianceKind]: ApplianceDriver<K> };

/** The driver for a specification: the kind of both is the same, which types cannot say of a union. */
const driverOf = (spec: ApplianceSpec): ApplianceDriver<ApplianceKind> =>
  appliances[spec.kind] as unknown as ApplianceDriver<ApplianceKind>;

export const portsOf = (spec: ApplianceSpec): readonly DeviceSpec[] => driverOf(spec).ports(spec);
export const startAppliance = (spec: ApplianceSpec, complain: Complain): Appliance =>
  driverOf(spec).start(spec, complain);
