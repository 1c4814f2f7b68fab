// flanneld's iptables chains (pkg/trafficmngr/iptables, since 0.22): masquerade what leaves the pod network, forward what is in it.
import type { IptRule, IptTable } from '../iptables/types.ts';
import type { NetAction } from '../ops.ts';

export function flannelRules(clusterCIDR: string, podCIDR: string): readonly NetAction[] {
  const chain = (table: IptTable, name: string): NetAction => ({
    op: 'iptables',
    family: 'ipv4',
    command: { do: 'chain', table, chain: name },
  });
  const append = (
    table: IptTable,
    name: string,
    match: string,
    why: string,
    target: string,
  ): NetAction => {
    const args = [match, `-m comment --comment "${why}"`, `-j ${target}`]
      .filter((part) => part !== '')
      .join(' ');
    const rule: IptRule = {
      chain: name,
      args,
      origin: {
        component: 'flannel',
        object: null,
        command: `iptables -t ${table} -A ${name} ${args}`,
      },
    };
    return { op: 'iptables', family: 'ipv4', command: { do: 'append', table, rule } };
  };
  const masq = (match: string, target: string): NetAction =>
    append('nat', 'FLANNEL-POSTRTG', match, 'flanneld masq', target);
  const forward = (match: string): NetAction =>
    append('filter', 'FLANNEL-FWD', match, 'flanneld forward', 'ACCEPT');
  return [
    chain('nat', 'FLANNEL-POSTRTG'),
    append('nat', 'POSTROUTING', '', 'flanneld masq', 'FLANNEL-POSTRTG'),
    masq('-m mark --mark 0x4000/0x4000', 'RETURN'),
    masq(`-s ${podCIDR} -d ${clusterCIDR}`, 'RETURN'),
    masq(`-s ${clusterCIDR} -d ${podCIDR}`, 'RETURN'),
    masq(`! -s ${clusterCIDR} -d ${podCIDR}`, 'RETURN'),
    masq(`-s ${clusterCIDR} ! -d 224.0.0.0/4`, 'MASQUERADE --random-fully'),
    masq(`! -s ${clusterCIDR} -d ${clusterCIDR}`, 'MASQUERADE --random-fully'),
    chain('filter', 'FLANNEL-FWD'),
    append('filter', 'FORWARD', '', 'flanneld forward', 'FLANNEL-FWD'),
    forward(`-s ${clusterCIDR}`),
    forward(`-d ${clusterCIDR}`),
  ];
}
