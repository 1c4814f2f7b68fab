// kube-proxy on one node: its flags and the node's addresses become the generator's configuration, its commands become net operations.
// A node of two families runs it once for each.
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import type { KubeProxySpec } from '../cluster-schema.ts';
import type { NodeInfo, PodRange } from '../cni/types.ts';
import { hostCidr } from '../cidr.ts';
import { familyOf, iptFamily, ofFamily } from '../families.ts';
import type { IpFamily } from '../families.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { answersOnLocalhost } from './closing.ts';
import { localDetector, markOf, PROXY_DEFAULTS } from './config.ts';
import type { DetectLocal } from './config.ts';
import { proxyPlumbing } from './plumbing.ts';
import type { ProxyShared } from './shared.ts';
import { syncProxyRules } from './sync.ts';
import type { ProxyConfig } from './types.ts';

export interface ProxyNode {
  readonly node: NodeInfo;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Addresses of its interfaces, without lengths. */
  readonly addresses: readonly string[];
}
export interface ProxyCluster {
  readonly flags: KubeProxySpec;
  readonly podCIDRs: readonly string[];
  readonly podRange: PodRange;
}

const detectLocal = ({ flags, podCIDRs, podRange }: ProxyCluster, node: NodeInfo): DetectLocal => {
  switch (flags.detectLocalMode) {
    case 'ClusterCIDR': {
      // Where pods have addresses of the machines' subnets, nobody sets the flag: there is no range of pods alone.
      const cidrs = flags.clusterCIDR ?? (podRange === 'subnet' ? [] : podCIDRs);
      return cidrs.length === 0 ? { mode: 'None' } : { mode: 'ClusterCIDR', cidr: cidrs.join(',') };
    }
    case 'NodeCIDR':
      return { mode: 'ClusterCIDR', cidr: node.podCIDRs.join(',') };
    case 'BridgeInterface':
      return { mode: 'BridgeInterface', interface: flags.bridgeInterface };
    case 'InterfaceNamePrefix':
      return { mode: 'InterfaceNamePrefix', prefix: flags.interfaceNamePrefix };
    default:
      return { mode: 'None' };
  }
};

const LOOPBACK: Readonly<Record<IpFamily, string>> = { IPv4: '127.0.0.1', IPv6: '::1' };

export function proxyConfig(
  family: IpFamily,
  cluster: ProxyCluster,
  { node, sysctls, addresses }: ProxyNode,
): ProxyConfig {
  const { flags } = cluster;
  const liberal = sysctls['net.netfilter.nf_conntrack_tcp_be_liberal'] ?? '0';
  return {
    ...PROXY_DEFAULTS,
    family,
    nodeName: node.name,
    nodeLabels: node.labels,
    nodeIP: ofFamily(node.ips, family) ?? '',
    localAddresses: [LOOPBACK[family], ...addresses.filter((ip) => familyOf(ip) === family)],
    detector: localDetector(detectLocal(cluster, node), family),
    masqueradeAll: flags.masqueradeAll,
    mark: markOf(flags.masqueradeBit),
    nodePortAddresses: flags.nodePortAddresses.flatMap((range) =>
      range === 'primary' ? node.ips.map(hostCidr) : [range],
    ),
    localhostNodePorts: flags.localhostNodePorts,
    conntrackTcpLiberal: liberal !== '0',
  };
}

export function proxyOps(
  config: ProxyConfig,
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  shared: ProxyShared,
): readonly NetOp[] {
  const commands = [
    ...proxyPlumbing(config.family),
    syncProxyRules({ services, slices }, config, shared),
  ];
  const family = iptFamily(config.family);
  const actions: readonly NetAction[] = [
    ...(answersOnLocalhost(config)
      ? ([{ op: 'sysctl', key: 'net.ipv4.conf.all.route_localnet', value: '1' }] as const)
      : []),
    ...commands.map((command): NetAction => ({ op: 'iptables', family, command })),
  ];
  return opsBy('kube-proxy', config.nodeName, null, actions);
}
