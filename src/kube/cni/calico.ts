// Calico with the iptables dataplane (v3.32): pods on routed veths without a bridge, addresses from blocks of a pool, nodes that route
// blocks to each other with or without a tunnel, and Felix that enforces NetworkPolicies. Its parts have files of their own beside this.
import { at } from '../../base/diagnostic.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { lengthOf } from '../cidr.ts';
import { familyOf, ofFamily } from '../families.ts';
import { opsBy } from '../ops.ts';
import { calicoIpam } from './calico-ipam.ts';
import type { CalicoShared } from './calico-ipam.ts';
import { calicoOptions, tunnelOf } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import { calicoPod } from './calico-pod.ts';
import { calicoPolicies } from './calico-policies.ts';
import { calicoRoutes, rangesOf } from './calico-routes.ts';
import { tunnelActions } from './calico-tunnels.ts';
import type { ClusterView, CniDriver } from './types.ts';

export const calico: CniDriver<typeof calicoOptions, CalicoShared> = {
  name: 'calico',
  title: 'Calico',
  reference: 'https://docs.tigera.io/calico/latest/networking/configuring/vxlan-ipip',
  options: calicoOptions,
  podRange: 'pool',
  portmap: () => 'k8s-pod-network',
  families: () => ['IPv4', 'IPv6'],
  check,
  ipam: calicoIpam,
  nodeSetup: (ctx, options) => [
    ...opsBy('felix', ctx.node.name, `Node ${ctx.node.name}`, [
      ...(ctx.families.includes('IPv4')
        ? [{ op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1' } as const]
        : []),
      ...(ctx.families.includes('IPv6')
        ? [{ op: 'sysctl', key: 'net.ipv6.conf.all.forwarding', value: '1' } as const]
        : []),
      ...ctx.families.flatMap((family) => tunnelActions(ctx, options, family)),
    ]),
    ...calicoRoutes(ctx, options),
  ],
  addPod: calicoPod,
  policies: calicoPolicies,
  cloud: ({ families, nodes, shared }, { peerRouter }) => ({
    interfaces: [],
    routes: peerRouter
      ? families.flatMap((family) =>
          nodes.flatMap((node) =>
            rangesOf(shared, node.name, family).map((dst) => ({
              dst,
              node: node.name,
              via: ofFamily(node.ips, family) ?? '',
              component: 'bird',
              object: 'BGPPeer router',
            })),
          ),
        )
      : [],
  }),
};

function check(cluster: ClusterView, options: CalicoOptions): readonly Diagnostic[] {
  const { nodes, podCIDRs, families } = cluster;
  const diagnostics: Diagnostic[] = [];
  for (const pool of podCIDRs)
    if (familyOf(pool) === 'IPv4' && Number(lengthOf(pool)) > options.blockSize)
      diagnostics.push({
        severity: 'error',
        place: at('cluster'),
        reason: `the pool ${pool} is smaller than a block of /${options.blockSize}`,
        fix: 'widen `podCIDR`, or use a larger `blockSize`',
      });
  // proxy_arp answers only for what the node would forward by another device.
  const lost = nodes.filter((node) => ofFamily(node.subnet.gateways, 'IPv4') === null);
  if (families.includes('IPv4') && lost.length > 0)
    diagnostics.push({
      severity: 'warning',
      place: at('cluster'),
      reason: `${lost.map(({ name }) => name).join(', ')}: without a default route a node does not answer for 169.254.1.1, and its pods reach nobody`,
      fix: 'give the subnet a `gateway`',
    });
  const subnets = new Set(nodes.map(({ subnet }) => subnet.name));
  const bare = families.filter((family) => tunnelOf(options, family) === null);
  if (subnets.size > 1 && bare.length > 0 && !options.peerRouter)
    diagnostics.push({
      severity: 'warning',
      place: at('cluster'),
      reason: `the router between the subnets does not know where pods are, and no tunnel hides their ${bare.join(' and ')} addresses from it`,
      fix: 'set `peerRouter: true`, or an `encapsulation`',
    });
  return diagnostics;
}
