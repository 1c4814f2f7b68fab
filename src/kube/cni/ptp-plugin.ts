// The ptp plugin of the CNI reference plugins: a cable from every pod to its node, no bridge. The node's end has the gateway's address, the
// same on every cable, and the node has a route to each pod (plugins/main/ptp).
import { hostCidr, lengthOf, normalCidr } from '../cidr.ts';
import { familyOf, ofFamily } from '../families.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import { gatewayOf } from './host-local.ts';
import { ipMasqOps } from './ip-masq.ts';
import type { CniContext, PodSandbox } from './types.ts';
import { vethPair } from './veth.ts';

export interface PtpSettings {
  /** `name` of the network in its conflist. */
  readonly network: string;
  readonly mtu: number;
  readonly ipMasq: boolean;
}

const COMPONENT = 'CNI ptp plugin';
const sysctl = (key: string, value: string): NetAction => ({ op: 'sysctl', key, value });

export function ptpAdd(ctx: CniContext, pod: PodSandbox, settings: PtpSettings): readonly NetOp[] {
  const { veth, podOps, hostOps } = vethPair(COMPONENT, ctx, pod, settings.mtu);
  const object = `Pod ${pod.pod}`;
  const ends = pod.ips.map((ip) => {
    const range = ofFamily(ctx.node.podCIDRs, familyOf(ip)) ?? '';
    return { ip, gateway: gatewayOf(range), subnet: normalCidr(range), length: lengthOf(range) };
  });
  const v6 = ends.some(({ ip }) => familyOf(ip) === 'IPv6');
  const inPod = ends.flatMap(({ ip, gateway, subnet, length }): readonly NetAction[] => {
    const dev = 'eth0';
    return [
      { op: 'addr.add', dev, cidr: `${ip}/${length}` },
      // The subnet is not on the cable: all of it lies behind the gateway.
      { op: 'route.del', route: { dst: subnet, dev } },
      { op: 'route.add', route: { dst: hostCidr(gateway), dev, scope: 'link', src: ip } },
      { op: 'route.add', route: { dst: subnet, via: gateway, dev, src: ip } },
      { op: 'route.add', route: { dst: 'default', via: gateway, dev } },
    ];
  });
  return [
    ...opsBy(COMPONENT, ctx.node.name, object, [
      sysctl('net.ipv4.ip_forward', '1'),
      ...(v6 ? [sysctl('net.ipv6.conf.all.forwarding', '1')] : []),
    ]),
    ...podOps,
    ...hostOps,
    ...opsBy(COMPONENT, pod.netns, object, [
      ...(v6 ? [sysctl('net.ipv6.conf.eth0.accept_dad', '0')] : []),
      ...inPod,
    ]),
    ...opsBy(
      COMPONENT,
      ctx.node.name,
      object,
      ends.flatMap(({ ip, gateway }): readonly NetAction[] => [
        { op: 'addr.add', dev: veth, cidr: hostCidr(gateway) },
        { op: 'route.add', route: { dst: hostCidr(ip), dev: veth, scope: 'host' } },
      ]),
    ),
    ...(settings.ipMasq ? ipMasqOps(COMPONENT, ctx, pod, settings.network) : []),
  ];
}
