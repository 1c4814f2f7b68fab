// The ptp plugin by itself, with host-local addresses.
import * as v from 'valibot';
import { hostLocal } from './host-local.ts';
import { checkNodeRoutes, nodeRoutes, planOf, staticRoutes } from './node-routes.ts';
import { ptpAdd } from './ptp-plugin.ts';
import type { CniDriver } from './types.ts';

const options = v.strictObject({
  name: v.literal('ptp'),
  /** `name` in the conflist. */
  network: v.optional(v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][\w.-]*$/)), 'mynet'),
  ipMasq: v.optional(v.boolean(), false),
  mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(9216)), 1500),
  /** Who makes the way to pods of other nodes. */
  routes: v.optional(nodeRoutes, 'static'),
});

const TITLE = 'The ptp plugin';

export const ptp: CniDriver<typeof options> = {
  name: 'ptp',
  title: TITLE,
  reference: 'https://www.cni.dev/plugins/current/main/ptp/',
  options,
  podRange: 'node',
  portmap: ({ network }) => network,
  families: () => ['IPv4', 'IPv6'],
  check: (view, { routes }) => checkNodeRoutes(view, routes, TITLE),
  ipam: hostLocal,
  nodeSetup: (ctx, { routes }) => staticRoutes(ctx, routes),
  addPod: (ctx, pod, { network, ipMasq, mtu }) => ptpAdd(ctx, pod, { network, mtu, ipMasq }),
  cloud: (view, { routes }) => planOf(view, routes),
};
