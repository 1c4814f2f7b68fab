// The bridge plugin of the CNI reference plugins: pods of a node are ports of one bridge, which is their gateway
// (plugins/main/bridge). Flannel and kubenet delegate to it; they differ in the settings.
import { randomMac, hexId } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { lengthOf } from '../cidr.ts';
import { familyOf, ofFamily } from '../families.ts';
import { gatewayOf } from './host-local.ts';
import type { CniContext, PodSandbox } from './types.ts';

export interface BridgeSettings {
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpin: boolean;
  /** Destinations for which the pod gets a route by the gateway of their family; `default`: of each. */
  readonly routes: readonly string[];
}

const COMPONENT = 'CNI bridge plugin';

/** `veth` and eight hex digits, as the plugin names the host's end. */
export const hostVeth = (seed: number, pod: string): string =>
  `veth${hexId(`veth ${seed} ${pod}`, 8)}`;

export function bridgeAdd(
  ctx: CniContext,
  pod: PodSandbox,
  settings: BridgeSettings,
): readonly NetOp[] {
  const { bridge, mtu } = settings;
  const node = ctx.node.name;
  const veth = hostVeth(ctx.seed, pod.pod);
  const hostMac = randomMac(`${ctx.seed} ${node} ${veth}`);
  const ranges = pod.ips.map((ip) => ofFamily(ctx.node.podCIDRs, familyOf(ip)) ?? '');
  const v6 = ranges.some((range) => familyOf(range) === 'IPv6');
  const onHost = (...actions: NetAction[]) => opsBy(COMPONENT, node, `Pod ${pod.pod}`, actions);
  const inPod = (...actions: NetAction[]) => opsBy(COMPONENT, pod.netns, `Pod ${pod.pod}`, actions);
  // A bridge takes the lowest address of its ports; when it gets the gateway address the plugin pins the one it has, that of the
  // first pod's port.
  const makeBridge = pod.first
    ? opsBy(COMPONENT, node, `Node ${node}`, [
        { op: 'link.add', dev: { name: bridge, type: 'bridge', mac: hostMac, mtu } },
        ...(v6
          ? ([{ op: 'sysctl', key: `net.ipv6.conf.${bridge}.accept_ra`, value: '0' }] as const)
          : []),
        ...ranges.map((range): NetAction => ({
          op: 'addr.add',
          dev: bridge,
          cidr: `${gatewayOf(range)}/${lengthOf(range)}`,
        })),
        { op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1' },
        ...(v6
          ? ([{ op: 'sysctl', key: 'net.ipv6.conf.all.forwarding', value: '1' }] as const)
          : []),
      ])
    : [];
  return [
    ...makeBridge,
    ...inPod({
      op: 'link.add',
      dev: {
        name: 'eth0',
        type: 'veth',
        mac: randomMac(`${ctx.seed} ${pod.netns} eth0`),
        mtu,
        peer: { ns: node, dev: veth },
      },
    }),
    ...onHost(
      {
        op: 'link.add',
        dev: { name: veth, type: 'veth', mac: hostMac, mtu, peer: { ns: pod.netns, dev: 'eth0' } },
      },
      { op: 'link.master', dev: veth, master: bridge },
      { op: 'port.hairpin', dev: veth, on: settings.hairpin },
    ),
    ...inPod(
      ...(v6
        ? ([{ op: 'sysctl', key: 'net.ipv6.conf.eth0.accept_dad', value: '0' }] as const)
        : []),
      { op: 'sysctl', key: 'net.ipv4.conf.eth0.arp_notify', value: '1' },
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
    ),
  ];
}
