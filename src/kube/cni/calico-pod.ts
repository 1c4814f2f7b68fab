// What Calico's CNI plugin does for a pod (cni-plugin/pkg/dataplane/linux): a veth pair, a route to its address, and a next hop that
// exists nowhere. The node answers for 169.254.1.1 by proxy ARP, which it does only where it has a route to it by another device: its
// default route. With IPv6 the next hop is the link-local address of the node's end. Felix writes rp_filter of the node's end, too: the
// value of `default`, which a new device has anyway.
import { hostCidr } from '../cidr.ts';
import { familyOf } from '../families.ts';
import { podDigits, randomMac } from '../hash/names.ts';
import { opsBy } from '../ops.ts';
import type { NetAction, NetOp } from '../ops.ts';
import type { CalicoOptions } from './calico-options.ts';
import { podMtu } from './calico-tunnels.ts';
import type { CalicoShared } from './calico-ipam.ts';
import type { CniContext, PodSandbox } from './types.ts';

const HOST_MAC = 'ee:ee:ee:ee:ee:ee';
const NEXT_HOP = '169.254.1.1';
/** The EUI-64 address of HOST_MAC. */
const NEXT_HOP_V6 = 'fe80::ecee:eeff:feee:eeee';

export const caliName = (pod: string): string => `cali${podDigits(pod)}`;

export function calicoPod(
  ctx: CniContext<CalicoShared>,
  pod: PodSandbox<null>,
  options: CalicoOptions,
): readonly NetOp[] {
  const node = ctx.node.name;
  const cali = caliName(pod.pod);
  const mtu = podMtu(ctx, options);
  const object = `Pod ${pod.pod}`;
  const inPod = (...actions: NetAction[]) => opsBy('calico-cni', pod.netns, object, actions);
  const onHost = (...actions: NetAction[]) => opsBy('calico-cni', node, object, actions);
  const conf = (key: string, value = '1'): NetAction => ({ op: 'sysctl', key, value });
  const host = { name: cali, type: 'veth', mac: HOST_MAC, mtu } as const;
  const eth0 = {
    name: 'eth0',
    type: 'veth',
    mac: randomMac(`${ctx.seed} ${pod.netns} eth0`),
    mtu,
  } as const;
  const families = pod.ips.map(familyOf);
  return [
    ...inPod({ op: 'link.add', dev: { ...eth0, peer: { ns: node, dev: cali } } }),
    ...onHost({ op: 'link.add', dev: { ...host, peer: { ns: pod.netns, dev: 'eth0' } } }),
    ...(families.includes('IPv4')
      ? [
          ...onHost(
            conf(`net.ipv4.conf.${cali}.route_localnet`),
            conf(`net.ipv4.neigh.${cali}.proxy_delay`, '0'),
            conf(`net.ipv4.conf.${cali}.proxy_arp`),
            conf(`net.ipv4.conf.${cali}.forwarding`),
          ),
          ...inPod(conf('net.ipv4.ip_forward', '0')),
        ]
      : []),
    ...(families.includes('IPv6')
      ? [
          ...onHost(
            conf(`net.ipv6.conf.${cali}.proxy_ndp`),
            conf(`net.ipv6.conf.${cali}.forwarding`),
          ),
          ...inPod(conf('net.ipv6.conf.all.forwarding', '0')),
        ]
      : []),
    ...pod.ips.flatMap((ip) => {
      const via = familyOf(ip) === 'IPv4' ? NEXT_HOP : NEXT_HOP_V6;
      return [
        ...inPod({ op: 'addr.add', dev: 'eth0', cidr: hostCidr(ip) }),
        ...(via === NEXT_HOP
          ? inPod({
              op: 'route.add',
              route: { dst: hostCidr(via), dev: 'eth0', scope: 'link' },
            })
          : []),
        ...inPod({ op: 'route.add', route: { dst: 'default', via, dev: 'eth0' } }),
        ...onHost({
          op: 'route.add',
          route: { dst: hostCidr(ip), dev: cali, ...(via === NEXT_HOP ? { scope: 'link' } : {}) },
        }),
      ];
    }),
  ];
}
