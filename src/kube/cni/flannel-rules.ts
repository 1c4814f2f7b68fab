// flanneld's iptables chains (pkg/trafficmngr/iptables, since 0.22): masquerade what leaves the pod network, forward what is in it.
import { familyOf, iptFamily } from '../families.ts';
import { iptablesBy } from '../iptables/by.ts';
import type { NetAction } from '../ops.ts';

const MULTICAST = { IPv4: '224.0.0.0/4', IPv6: 'ff00::/8' } as const;

/** Of one family: the ranges are both of it. */
export function flannelRules(clusterCIDR: string, podCIDR: string): readonly NetAction[] {
  const family = familyOf(podCIDR);
  const { chain, append } = iptablesBy('flannel', iptFamily(family));
  const comment = (why: string): string => `-m comment --comment "${why}"`;
  const masq = (match: string, target: string): NetAction =>
    append('nat', 'FLANNEL-POSTRTG', match, comment('flanneld masq'), `-j ${target}`);
  const forward = (match: string): NetAction =>
    append('filter', 'FLANNEL-FWD', match, comment('flanneld forward'), '-j ACCEPT');
  return [
    chain('nat', 'FLANNEL-POSTRTG'),
    append('nat', 'POSTROUTING', comment('flanneld masq'), '-j FLANNEL-POSTRTG'),
    masq('-m mark --mark 0x4000/0x4000', 'RETURN'),
    masq(`-s ${podCIDR} -d ${clusterCIDR}`, 'RETURN'),
    masq(`-s ${clusterCIDR} -d ${podCIDR}`, 'RETURN'),
    masq(`! -s ${clusterCIDR} -d ${podCIDR}`, 'RETURN'),
    masq(`-s ${clusterCIDR} ! -d ${MULTICAST[family]}`, 'MASQUERADE --random-fully'),
    masq(`! -s ${clusterCIDR} -d ${clusterCIDR}`, 'MASQUERADE --random-fully'),
    chain('filter', 'FLANNEL-FWD'),
    append('filter', 'FORWARD', comment('flanneld forward'), '-j FLANNEL-FWD'),
    forward(`-s ${clusterCIDR}`),
    forward(`-d ${clusterCIDR}`),
  ];
}
