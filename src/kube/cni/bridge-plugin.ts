// The bridge plugin of the CNI reference plugins: pods of a node are ports of one bridge, which is their gateway
// (plugins/main/bridge). Flannel and kubenet delegate to it; they differ in the settings.
import { lengthOf } from '../cidr.ts';
import { familyOf, ofFamily } from '../families.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { gatewayOf } from './host-local.ts';
import { ipMasqOps } from './ip-masq.ts';
import type { CniContext, PodSandbox } from './types.ts';
import { vethPair } from './veth.ts';

export interface BridgeSettings {
  /** `name` of the network in its conflist. */
  readonly network: string;
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpin: boolean;
  readonly ipMasq: boolean;
  /** Destinations for which the pod gets a route by the gateway of their family; `default`: of each. */
  readonly routes: readonly string[];
}

const COMPONENT = 'CNI bridge plugin';
const sysctl = (key: string, value: string): NetAction => ({ op: 'sysctl', key, value });

export function bridgeAdd(
  ctx: CniContext,
  pod: PodSandbox,
  settings: BridgeSettings,
): readonly NetOp[] {
  const { bridge, mtu } = settings;
  const node = ctx.node.name;
  const { veth, hostMac, podOps, hostOps } = vethPair(COMPONENT, ctx, pod, mtu);
  const ranges = pod.ips.map((ip) => ofFamily(ctx.node.podCIDRs, familyOf(ip)) ?? '');
  const v6 = ranges.some((range) => familyOf(range) === 'IPv6');
  // A bridge takes the lowest address of its ports; when it gets the gateway address the plugin pins the one it has, that of the
  // first pod's port.
  const makeBridge = pod.first
    ? opsBy(COMPONENT, node, `Node ${node}`, [
        { op: 'link.add', dev: { name: bridge, type: 'bridge', mac: hostMac, mtu } },
        ...(v6 ? [sysctl(`net.ipv6.conf.${bridge}.accept_ra`, '0')] : []),
        ...ranges.map((range): NetAction => ({
          op: 'addr.add',
          dev: bridge,
          cidr: `${gatewayOf(range)}/${lengthOf(range)}`,
        })),
        sysctl('net.ipv4.ip_forward', '1'),
        ...(v6 ? [sysctl('net.ipv6.conf.all.forwarding', '1')] : []),
      ])
    : [];
  return [
    ...makeBridge,
    ...podOps,
    ...hostOps,
    ...opsBy(COMPONENT, node, `Pod ${pod.pod}`, [
      { op: 'link.master', dev: veth, master: bridge },
      { op: 'port.hairpin', dev: veth, on: settings.hairpin },
    ]),
    ...opsBy(COMPONENT, pod.netns, `Pod ${pod.pod}`, [
      ...(v6 ? [sysctl('net.ipv6.conf.eth0.accept_dad', '0')] : []),
      sysctl('net.ipv4.conf.eth0.arp_notify', '1'),
      ...pod.ips.map((ip, i): NetAction => ({
        op: 'addr.add',
        dev: 'eth0',
        cidr: `${ip}/${lengthOf(ranges[i] ?? '')}`,
      })),
      ...settings.routes.flatMap((dst) =>
        ranges
          .filter((range) => dst === 'default' || familyOf(dst) === familyOf(range))
          .map((range): NetAction => ({
            op: 'route.add',
            route: { dst, via: gatewayOf(range), dev: 'eth0' },
          })),
      ),
    ]),
    ...(settings.ipMasq ? ipMasqOps(COMPONENT, ctx, pod, settings.network) : []),
  ];
}
