// Jumps from the built-in chains, and the canaries. Done with single iptables commands before the restore; each jump is put on top of
// its chain, so the reading order is the reverse of this list (createAndEnsure.. in proxier.go).
import type { IptCommand, IptTable } from '../iptables/types.ts';
import type { IpFamily } from '../objects/service.ts';
import { comment } from './writer.ts';

const NEW = '-m conntrack --ctstate NEW';

const JUMPS: readonly (readonly [IptTable, string, string, string, string])[] = [
  [
    'filter',
    'INPUT',
    NEW,
    'kubernetes externally-visible service portals',
    'KUBE-EXTERNAL-SERVICES',
  ],
  [
    'filter',
    'FORWARD',
    NEW,
    'kubernetes externally-visible service portals',
    'KUBE-EXTERNAL-SERVICES',
  ],
  ['filter', 'INPUT', '', 'kubernetes health check service ports', 'KUBE-NODEPORTS'],
  ['filter', 'FORWARD', NEW, 'kubernetes service portals', 'KUBE-SERVICES'],
  ['filter', 'OUTPUT', NEW, 'kubernetes service portals', 'KUBE-SERVICES'],
  ['filter', 'FORWARD', '', 'kubernetes forwarding rules', 'KUBE-FORWARD'],
  ['filter', 'INPUT', NEW, 'kubernetes load balancer firewall', 'KUBE-PROXY-FIREWALL'],
  ['filter', 'OUTPUT', NEW, 'kubernetes load balancer firewall', 'KUBE-PROXY-FIREWALL'],
  ['filter', 'FORWARD', NEW, 'kubernetes load balancer firewall', 'KUBE-PROXY-FIREWALL'],
  ['nat', 'OUTPUT', '', 'kubernetes service portals', 'KUBE-SERVICES'],
  ['nat', 'PREROUTING', '', 'kubernetes service portals', 'KUBE-SERVICES'],
  ['nat', 'POSTROUTING', '', 'kubernetes postrouting rules', 'KUBE-POSTROUTING'],
  ['filter', 'INPUT', '', '', 'KUBE-FIREWALL'],
  ['filter', 'OUTPUT', '', '', 'KUBE-FIREWALL'],
];

const CANARY = 'KUBE-PROXY-CANARY';

export function proxyPlumbing(family: IpFamily): readonly IptCommand[] {
  const tool = family === 'IPv4' ? 'iptables' : 'ip6tables';
  const jumps = JUMPS.flatMap(([table, from, match, why, to]): readonly IptCommand[] => {
    const args = [match, why === '' ? '' : comment(why), `-j ${to}`]
      .filter((p) => p !== '')
      .join(' ');
    const command = `${tool} -t ${table} -I ${from} ${args}`;
    return [
      { do: 'chain', table, chain: to },
      {
        do: 'insert',
        table,
        rule: { chain: from, args, origin: { component: 'kube-proxy', object: null, command } },
      },
    ];
  });
  const canaries = (['mangle', 'nat', 'filter'] as const).map((table): IptCommand => ({
    do: 'chain',
    table,
    chain: CANARY,
  }));
  return [...jumps, ...canaries];
}
