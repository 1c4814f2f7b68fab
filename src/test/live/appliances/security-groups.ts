// Security groups as rules in FORWARD, which routed packets pass and, with br_netfilter, bridged ones: conntrack knows answers, an interface
// is known by its bridge port on the way in and by its addresses on the way out.
import type { Eni, Vpc } from '../../../appliance/vpc-table.ts';
import type { SecurityRuleSpec, VpcRouterSpec } from '../../../network/appliances.ts';
import { printPrefix } from '../../../wire/addr/prefix.ts';
import { table } from './types.ts';

const ANYTHING: readonly SecurityRuleSpec[] = [{ protocol: 'all', peer: '0.0.0.0/0' }];

export function filterTable(vpc: Vpc, { securityGroups = [], enis }: VpcRouterSpec): string {
  const members = (group: string): readonly string[] =>
    enis
      .filter((eni) => eni.securityGroups?.includes(group) === true)
      .flatMap((eni) => vpc.enis.get(eni.name)?.addresses ?? [])
      .map(printPrefix);
  const peers = (peer: string): readonly string[] =>
    securityGroups.some(({ name }) => name === peer) ? members(peer) : [peer];
  const rulesOf = (eni: Eni, direction: 'ingress' | 'egress', chain: string): readonly string[] => [
    ...securityGroups
      .filter(({ name }) => eni.groups.some((group) => group.name === name))
      .flatMap((group) => group[direction] ?? ANYTHING)
      .flatMap(({ protocol, ports, peer }) =>
        peers(peer).map((range) =>
          [
            `-A ${chain}`,
            direction === 'ingress' ? `-s ${range}` : `-d ${range}`,
            protocol === 'all' ? '' : `-p ${protocol}`,
            ports === undefined ? '' : `-m ${protocol} --dport ${ports.replace('-', ':')}`,
            '-j RETURN',
          ]
            .filter((word) => word !== '')
            .join(' '),
        ),
      ),
    `-A ${chain} -j DROP`,
  ];
  const guarded = [...vpc.enis.values()].filter((eni) => eni.groups.length > 0);
  const chains = guarded.map((eni, i) => ({ eni, out: `OUT-${i}`, in: `IN-${i}` }));
  return table(
    'filter',
    [
      'INPUT DROP',
      'FORWARD ACCEPT',
      'OUTPUT ACCEPT',
      ...chains.flatMap((one) => [`${one.out} -`, `${one.in} -`]),
    ],
    chains.length === 0
      ? []
      : [
          '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
          ...chains.flatMap(({ eni, out, in: into }) => [
            `-A FORWARD -m physdev --physdev-in ${eni.name} -j ${out}`,
            ...eni.addresses.map((prefix) => `-A FORWARD -d ${printPrefix(prefix)} -j ${into}`),
          ]),
          ...chains.flatMap(({ eni, out, in: into }) => [
            ...rulesOf(eni, 'egress', out),
            ...rulesOf(eni, 'ingress', into),
          ]),
        ],
  );
}
