// The bridge plugin of the CNI reference plugins: pods of a node are ports of one bridge, which is their gateway
// (plugins/main/bridge). Flannel and kubenet delegate to it; they differ in the settings. Its IPv6 knobs (accept_ra, accept_dad) are left
// out: these clusters have IPv4 only.
import { randomMac, hexId } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { gatewayOf } from './host-local.ts';
import type { CniContext, PodSandbox } from './types.ts';

export interface BridgeSettings {
  readonly bridge: string;
  readonly mtu: number;
  readonly hairpin: boolean;
  /** Destinations for which the pod gets a route by the gateway. */
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
  const gateway = gatewayOf(ctx.node.podCIDR);
  const length = ctx.node.podCIDR.split('/')[1];
  const onHost = (...actions: NetAction[]) => opsBy(COMPONENT, node, `Pod ${pod.pod}`, actions);
  const inPod = (...actions: NetAction[]) => opsBy(COMPONENT, pod.netns, `Pod ${pod.pod}`, actions);
  // A bridge takes the lowest address of its ports; when it gets the gateway address the plugin pins the one it has, that of the
  // first pod's port.
  const makeBridge = pod.first
    ? opsBy(COMPONENT, node, `Node ${node}`, [
        { op: 'link.add', dev: { name: bridge, type: 'bridge', mac: hostMac, mtu } },
        { op: 'addr.add', dev: bridge, cidr: `${gateway}/${length}` },
        { op: 'sysctl', key: 'net.ipv4.ip_forward', value: '1' },
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
      { op: 'sysctl', key: 'net.ipv4.conf.eth0.arp_notify', value: '1' },
      { op: 'addr.add', dev: 'eth0', cidr: `${pod.ip}/${length}` },
      ...settings.routes.map((dst): NetAction => ({
        op: 'route.add',
        route: { dst, via: gateway, dev: 'eth0' },
      })),
    ),
  ];
}
