// The bridge plugin by itself, with host-local addresses, as a conflist written by hand has it.
import * as v from 'valibot';
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { bridgeAdd } from './bridge-plugin.ts';
import { hostLocal } from './host-local.ts';
import { checkNodeRoutes, nodeRoutes, planOf, staticRoutes } from './node-routes.ts';
import type { ClusterView, CniDriver } from './types.ts';

const options = v.strictObject({
  name: v.literal('bridge'),
  /** `name` in the conflist. */
  network: v.optional(v.pipe(v.string(), v.regex(/^[a-zA-Z0-9][\w.-]*$/)), 'mynet'),
  bridge: v.optional(v.pipe(v.string(), v.regex(/^[^\s/:]{1,15}$/)), 'cni0'),
  hairpinMode: v.optional(v.boolean(), false),
  ipMasq: v.optional(v.boolean(), false),
  mtu: v.optional(v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(9216)), 1500),
  /** Who makes the way to pods of other nodes. */
  routes: v.optional(nodeRoutes, 'static'),
});

const TITLE = 'The bridge plugin';

/** The plugin takes a device that is there; one that is no bridge it refuses. */
const checkName = ({ nodes }: ClusterView, name: string): readonly Diagnostic[] =>
  name !== 'lo' && nodes.every(({ device }) => device !== name)
    ? []
    : [
        {
          severity: 'error',
          place: at('cluster'),
          reason: `${name} is no bridge: nodes have another device of that name`,
          fix: 'use a name such as cni0',
        },
      ];

export const bridge: CniDriver<typeof options> = {
  name: 'bridge',
  title: TITLE,
  reference: 'https://www.cni.dev/plugins/current/main/bridge/',
  options,
  podRange: 'node',
  portmap: ({ network }) => network,
  families: () => ['IPv4', 'IPv6'],
  check: (view, { routes, bridge: name }) => [
    ...checkNodeRoutes(view, routes, TITLE),
    ...checkName(view, name),
  ],
  ipam: hostLocal,
  nodeSetup: (ctx, { routes }) => staticRoutes(ctx, routes),
  addPod: (ctx, pod, { network, bridge: name, hairpinMode, ipMasq, mtu }) =>
    bridgeAdd(ctx, pod, {
      network,
      bridge: name,
      mtu,
      hairpin: hairpinMode,
      ipMasq,
      routes: ['default'],
    }),
  cloud: (view, { routes }) => planOf(view, routes),
};
