// The way from NetworkPolicy objects to a node's rules under Calico: objects become Calico's model (kube/policy), and Felix writes that
// down (kube/felix), once for each family.
import { familyOf, iptFamily, ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { felix } from '../felix/felix.ts';
import type { FelixConfig } from '../felix/types.ts';
import { namespaceOf } from '../objects/meta.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { convertPolicy } from '../policy/convert.ts';
import { workloadOf } from '../policy/workloads.ts';
import type { Workload } from '../policy/workloads.ts';
import type { CalicoShared } from './calico-ipam.ts';
import { natOutgoing, tunnelOf } from './calico-options.ts';
import type { CalicoOptions } from './calico-options.ts';
import { caliName } from './calico-pod.ts';
import { tunnelAddress, tunnelDevice } from './calico-tunnels.ts';
import type { PolicyContext } from './types.ts';

type Context = PolicyContext<CalicoShared, null>;

export function calicoPolicies(ctx: Context, options: CalicoOptions): readonly NetOp[] {
  const workloads = workloadsOf(ctx);
  const policies = ctx.networkPolicies.map(convertPolicy);
  return ctx.families.flatMap((family) => {
    const { commands, sets } = felix({
      config: felixConfig(ctx, options, family),
      node: ctx.node.name,
      workloads,
      policies,
      members: members(ctx, options, family),
    });
    return [
      ...sets.flatMap(({ name, type, entries, object }) =>
        opsBy('felix', ctx.node.name, object, [
          {
            op: 'ipset.create',
            set: { name, type, family: family === 'IPv4' ? 'inet' : 'inet6' },
          },
          ...entries.map((entry): NetAction => ({ op: 'ipset.add', set: name, entry })),
        ]),
      ),
      ...opsBy(
        'felix',
        ctx.node.name,
        null,
        commands.map((command): NetAction => ({
          op: 'iptables',
          family: iptFamily(family),
          command,
        })),
      ),
    ];
  });
}

const workloadsOf = ({ pods, namespaces }: Context): readonly Workload[] =>
  pods.flatMap(({ pod, object, node, ips, sandbox }): Workload[] => {
    if (sandbox === null) return [];
    const namespace = namespaceOf(object);
    return [
      workloadOf(
        {
          namespace,
          name: object.metadata.name,
          node,
          ips,
          iface: caliName(pod),
          labels: object.metadata.labels ?? {},
          serviceAccount: object.spec.serviceAccountName ?? 'default',
          ports: object.spec.containers.flatMap(({ ports = [] }) =>
            ports.flatMap(({ name, protocol = 'TCP', containerPort }) =>
              name === undefined ? [] : [{ name, protocol, port: containerPort }],
            ),
          ),
        },
        namespaces.get(namespace) ?? {},
      ),
    ];
  });

function felixConfig(ctx: Context, options: CalicoOptions, family: IpFamily): FelixConfig {
  const tunnel = tunnelOf(options, family);
  const device = tunnelDevice(options, family);
  const address = tunnelAddress(ctx.shared, ctx.node.name, family);
  return {
    family,
    vxlanPort: tunnel === 'vxlan' ? options.vxlanPort : null,
    workloadVxlanPort: options.vxlanPort,
    ipip: tunnel === 'ipip',
    tunnels: device === null || address === null ? [] : [device],
    natOutgoing: natOutgoing(options, family),
    endpointToHost: ACTIONS[options.defaultEndpointToHostAction],
  };
}

const ACTIONS = { Accept: 'ACCEPT', Drop: 'DROP', Return: 'RETURN' } as const;

function members(ctx: Context, options: CalicoOptions, family: IpFamily) {
  const addresses = (nodes: Context['peers']): readonly string[] =>
    nodes.flatMap(({ ips }) => ofFamily(ips, family) ?? []);
  const tunnel = tunnelAddress(ctx.shared, ctx.node.name, family);
  const pools = ctx.podCIDRs.filter((cidr) => familyOf(cidr) === family);
  return {
    allHosts: addresses(ctx.nodes),
    allVxlan: addresses(ctx.peers),
    allPools: pools,
    masqPools: natOutgoing(options, family) ? pools : [],
    thisHost: [...addresses([ctx.node]), ...(tunnel === null ? [] : [tunnel])],
  };
}
