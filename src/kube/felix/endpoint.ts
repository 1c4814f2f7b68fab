// The two chains of a pod (felix/rules/endpoints.go): cali-tw- for what goes to it, cali-fw- for what comes from it. Replies pass at
// once; then its policies, if any select it; else the profiles of its namespace and service account, which allow.
import type { Workload } from '../policy/workloads.ts';
import { jump } from './chain.ts';
import type { FelixChain, FelixRule } from './chain.ts';
import { fromWorkload, toWorkload } from './dispatch.ts';
import type { PolicyGroup } from './groups.ts';
import { ACCEPT, clearMark, markClear, markSet, PASS } from './marks.ts';
import { chainName } from './names.ts';
import type { FelixConfig } from './types.ts';

export const profileChain = (profile: string, way: 'in' | 'out'): string =>
  chainName(way === 'in' ? 'cali-pri-' : 'cali-pro-', profile);

const returnIf = (what: string): FelixRule => ({
  match: [markSet(ACCEPT)],
  action: jump('RETURN'),
  comments: [`Return if ${what} accepted`],
});
const drop = (comment: string, match: readonly string[] = []): FelixRule => ({
  match,
  action: jump('DROP'),
  comments: [comment],
});

/** A pod that wraps its packets itself could bypass its egress rules. */
const noTunnels = (vxlanPort: number): readonly FelixRule[] => [
  drop('Drop VXLAN encapped packets originating in workloads', [
    '-p 17',
    `-m multiport --destination-ports ${vxlanPort}`,
  ]),
  drop('Drop IPinIP encapped packets originating in workloads', ['-p 4']),
];

const tier = (groups: readonly PolicyGroup[]): readonly FelixRule[] =>
  groups.length === 0
    ? []
    : [
        { action: clearMark(PASS), comments: ['Start of tier default'] },
        ...groups.flatMap((group): readonly FelixRule[] => [
          { match: [markClear(PASS)], action: jump(group.chain) },
          returnIf('policy'),
        ]),
        drop('End of tier default. Drop if no policies passed packet', [markClear(PASS)]),
      ];

function endpointChain(
  name: string,
  workload: Workload,
  way: 'in' | 'out',
  groups: readonly PolicyGroup[],
  guards: readonly FelixRule[],
): FelixChain {
  return {
    name,
    object: `Pod ${workload.pod}`,
    rules: [
      { match: ['-m conntrack --ctstate RELATED,ESTABLISHED'], action: jump('ACCEPT') },
      { match: ['-m conntrack --ctstate INVALID'], action: jump('DROP') },
      { action: clearMark(ACCEPT | PASS) },
      ...guards,
      ...tier(groups),
      ...workload.profiles.flatMap((profile): readonly FelixRule[] => [
        { action: jump(profileChain(profile, way)) },
        returnIf('profile'),
      ]),
      drop('Drop if no profiles matched'),
    ],
  };
}

export const endpointChains = (
  config: FelixConfig,
  workload: Workload,
  inbound: readonly PolicyGroup[],
  outbound: readonly PolicyGroup[],
): readonly FelixChain[] => [
  endpointChain(toWorkload(workload.iface), workload, 'in', inbound, []),
  endpointChain(
    fromWorkload(workload.iface),
    workload,
    'out',
    outbound,
    noTunnels(config.workloadVxlanPort),
  ),
];
