// The kubelet's share of a node's iptables (since 1.28, pkg/kubelet/kubelet_network_linux.go): a chain by which other components
// recognize the iptables variant, canaries, and for IPv4 the guard that keeps others out of 127.0.0.0/8.
import type { Origin } from '../network/types.ts';
import type { IptCommand, IptFamily } from './iptables/types.ts';
import { LOCALNET_GUARD } from './proxy/closing.ts';

const by = (command: string): Origin => ({ component: 'kubelet', object: null, command });

export function kubeletRules(family: IptFamily): readonly IptCommand[] {
  const jump = (chain: string): IptCommand => ({
    do: 'insert',
    table: 'filter',
    rule: {
      chain,
      args: '-j KUBE-FIREWALL',
      origin: by(`iptables -I ${chain} -j KUBE-FIREWALL`),
    },
  });
  return [
    { do: 'chain', table: 'mangle', chain: 'KUBE-IPTABLES-HINT' },
    ...(['mangle', 'nat', 'filter'] as const).map((table): IptCommand => ({
      do: 'chain',
      table,
      chain: 'KUBE-KUBELET-CANARY',
    })),
    ...(family === 'ipv6'
      ? []
      : ([
          { do: 'chain', table: 'filter', chain: 'KUBE-FIREWALL' },
          jump('OUTPUT'),
          jump('INPUT'),
          {
            do: 'append',
            table: 'filter',
            rule: {
              chain: 'KUBE-FIREWALL',
              args: LOCALNET_GUARD,
              origin: by(`iptables -A KUBE-FIREWALL ${LOCALNET_GUARD}`),
            },
          },
        ] as const)),
  ];
}
