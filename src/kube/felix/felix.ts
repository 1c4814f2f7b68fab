// Felix at work on one node, one family: static tables, the chains of its pods, the policies that select one of them, and the sets that
// these ask. Policies that select no pod of the node are not written.
import { iptFamily } from '../families.ts';
import type { IptCommand } from '../iptables/types.ts';
import type { CalicoPolicy } from '../policy/convert.ts';
import { selectorMatches } from '../policy/selector.ts';
import type { Workload } from '../policy/workloads.ts';
import { renderRules } from './chain.ts';
import type { FelixChain } from './chain.ts';
import { dispatchChains } from './dispatch.ts';
import { endpointChains } from './endpoint.ts';
import { byOrder, groupChain, groupPolicies } from './groups.ts';
import type { PolicyGroup } from './groups.ts';
import { policyRulesChain, profileChains } from './policy-rules.ts';
import { policySets } from './policy-sets.ts';
import { staticSet } from './sets.ts';
import { staticFilter } from './static-filter.ts';
import { staticMangle } from './static-mangle.ts';
import { staticNat } from './static-nat.ts';
import { staticRaw } from './static-raw.ts';
import type { FelixConfig, FelixSet, FelixTable } from './types.ts';

export interface FelixInput {
  readonly config: FelixConfig;
  readonly node: string;
  /** All workloads of the cluster. */
  readonly workloads: readonly Workload[];
  readonly policies: readonly CalicoPolicy[];
  /** Members of sets with fixed names. */
  readonly members: {
    /** Other nodes, by what they send to this one. */
    readonly allHosts: readonly string[];
    readonly allVxlan: readonly string[];
    readonly allPools: readonly string[];
    readonly masqPools: readonly string[];
    readonly thisHost: readonly string[];
  };
}

export interface FelixOutput {
  readonly commands: readonly IptCommand[];
  readonly sets: readonly FelixSet[];
}

export function felix(input: FelixInput): FelixOutput {
  const { config } = input;
  const sets = policySets(config.family, input.workloads);
  const filter = staticFilter(config);
  const tables: readonly FelixTable[] = [
    { ...filter, chains: [...filter.chains, ...policyChains(input, sets)] },
    staticNat(config),
    staticMangle(config),
    staticRaw(config),
  ];
  return {
    sets: [...staticSets(input), ...sets.made.values()],
    commands: tables.flatMap((table) => write(table, config)),
  };
}

function policyChains(
  { config, node, workloads, policies }: FelixInput,
  sets: ReturnType<typeof policySets>,
): readonly FelixChain[] {
  const local = workloads.filter((workload) => workload.node === node);
  const ordered = [...policies].sort(byOrder);
  const groups = new Map<string, PolicyGroup>();
  const groupsOf = (workload: Workload, direction: PolicyGroup['direction']) => {
    const found = groupPolicies(
      ordered.filter(
        (policy) =>
          (direction === 'inbound' ? policy.ingress : policy.egress) !== null &&
          selectorMatches(policy.selector, workload.labels),
      ),
      direction,
    );
    for (const group of found) groups.set(group.chain, group);
    return found;
  };
  const pods = local.flatMap((workload) =>
    endpointChains(config, workload, groupsOf(workload, 'inbound'), groupsOf(workload, 'outbound')),
  );
  const profiles = new Set(local.flatMap((workload) => workload.profiles));
  return [
    ...dispatchChains(local.map((workload) => workload.iface)),
    ...pods,
    ...[...groups.values()].flatMap((group) => [
      ...(group.policies.length > 1 ? [groupChain(group)] : []),
      ...group.policies.map((policy) =>
        policyRulesChain(policy, { family: config.family, direction: group.direction, sets }),
      ),
    ]),
    ...[...profiles].flatMap(profileChains),
  ];
}

function staticSets({ config, members }: FelixInput): readonly FelixSet[] {
  const { family, ipip, vxlanPort } = config;
  const net = (
    set: Parameters<typeof staticSet>[1],
    entries: readonly string[],
    object: string,
  ): FelixSet => ({ name: staticSet(family, set), type: 'hash:net', entries, object });
  return [
    ...(ipip ? [net('allHosts', members.allHosts, 'Nodes that may send IPIP')] : []),
    ...(vxlanPort === null ? [] : [net('allVxlan', members.allVxlan, 'Nodes that may send VXLAN')]),
    net('masqPools', members.masqPools, 'IPPools with natOutgoing'),
    net('allPools', members.allPools, 'All IPPools'),
    net('dscpSources', [], 'Pods with a DSCP of their own'),
    {
      name: staticSet(family, 'thisHost'),
      type: 'hash:ip',
      entries: members.thisHost,
      object: 'Addresses of the node',
    },
  ];
}

/** One iptables-restore for the table's own chains; then the rules in chains of the kernel. */
function write(
  { table, chains, top, end }: FelixTable,
  config: FelixConfig,
): readonly IptCommand[] {
  const family = iptFamily(config.family);
  return [
    {
      do: 'restore',
      tables: [
        {
          table,
          chains: chains.map((chain) => chain.name),
          rules: chains.flatMap((chain) => renderRules(family, table, chain)),
          deletions: [],
        },
      ],
    },
    ...top.flatMap((chain) =>
      [...renderRules(family, table, chain, 'top')]
        .reverse()
        .map((rule): IptCommand => ({ do: 'insert', table, rule })),
    ),
    ...end.flatMap((chain) =>
      renderRules(family, table, chain, 'end').map((rule): IptCommand => ({
        do: 'append',
        table,
        rule,
      })),
    ),
  ];
}
