// What kube-proxy does on one node: a sysctl, its jumps, its rules.
import type { EndpointSlice } from '../objects/endpoint-slice.ts';
import type { Service } from '../objects/service.ts';
import type { KubeProxySpec } from '../cluster-schema.ts';
import type { ClusterNode } from '../machines.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { answersOnLocalhost } from './closing.ts';
import { localDetector, markOf, PROXY_DEFAULTS } from './config.ts';
import type { DetectLocal } from './config.ts';
import { proxyPlumbing } from './plumbing.ts';
import { syncProxyRules } from './sync.ts';
import type { ProxyConfig } from './types.ts';

export interface ProxyNode {
  readonly node: ClusterNode;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Addresses of its interfaces, without lengths. */
  readonly addresses: readonly string[];
}

const detectLocal = (flags: KubeProxySpec, clusterCIDR: string, podCIDR: string): DetectLocal => {
  switch (flags.detectLocalMode) {
    case 'ClusterCIDR':
      return { mode: 'ClusterCIDR', cidr: flags.clusterCIDR ?? clusterCIDR };
    case 'NodeCIDR':
      return { mode: 'ClusterCIDR', cidr: podCIDR };
    case 'BridgeInterface':
      return { mode: 'BridgeInterface', interface: flags.bridgeInterface };
    case 'InterfaceNamePrefix':
      return { mode: 'InterfaceNamePrefix', prefix: flags.interfaceNamePrefix };
    default:
      return { mode: 'None' };
  }
};

export function proxyConfig(
  flags: KubeProxySpec,
  clusterCIDR: string,
  { node, sysctls, addresses }: ProxyNode,
): ProxyConfig {
  const liberal = sysctls['net.netfilter.nf_conntrack_tcp_be_liberal'] ?? '0';
  return {
    ...PROXY_DEFAULTS,
    family: 'IPv4',
    nodeName: node.name,
    nodeLabels: node.labels,
    nodeIP: node.ip,
    localAddresses: ['127.0.0.1', ...addresses],
    detector: localDetector(detectLocal(flags, clusterCIDR, node.podCIDR), 'IPv4'),
    masqueradeAll: flags.masqueradeAll,
    mark: markOf(flags.masqueradeBit),
    nodePortAddresses: flags.nodePortAddresses,
    localhostNodePorts: flags.localhostNodePorts,
    conntrackTcpLiberal: liberal !== '0',
  };
}

export function proxyOps(
  config: ProxyConfig,
  services: readonly Service[],
  slices: readonly EndpointSlice[],
): readonly NetOp[] {
  const commands = [...proxyPlumbing(), syncProxyRules({ services, slices }, config)];
  const actions: readonly NetAction[] = [
    ...(answersOnLocalhost(config)
      ? ([{ op: 'sysctl', key: 'net.ipv4.conf.all.route_localnet', value: '1' }] as const)
      : []),
    ...commands.map((command): NetAction => ({ op: 'iptables', family: 'ipv4', command })),
  ];
  return opsBy('kube-proxy', config.nodeName, null, actions);
}
