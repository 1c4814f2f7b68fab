// The registry of clouds. To add one: a driver in its own file, a line in `clouds`, its options in `cloudOptions`, and its ground in
// grounds.ts.
import * as v from 'valibot';
import { aws } from './aws.ts';
import type { CloudDriver, CloudNetwork } from './types.ts';

export const clouds = { aws } as const;
export type CloudName = keyof typeof clouds;

export const cloudOptions = v.variant('name', [aws.options]);
export type CloudOptions = v.InferOutput<typeof cloudOptions>;

const driverOf = (options: CloudOptions): CloudDriver<v.GenericSchema<unknown, CloudOptions>> =>
  clouds[options.name];

export const cloudNetwork = (options: CloudOptions): CloudNetwork =>
  driverOf(options).network(options);
export const cloudSubnet = (
  options: CloudOptions,
): { readonly name: string; readonly cidr: string } => driverOf(options).subnet;
