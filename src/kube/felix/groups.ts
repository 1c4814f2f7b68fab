// Policies of a pod, in Felix' order, cut into groups that select the same pods. A group of several has a chain of its own, which all
// those pods share (felix/rules/endpoints.go PolicyGroup).
import { base64url } from '../hash/base64url.ts';
import { sha3of224 } from '../hash/sha3.ts';
import type { CalicoPolicy } from '../policy/convert.ts';
import { printSelector } from '../policy/selector.ts';
import { jump } from './chain.ts';
import type { FelixChain, FelixRule } from './chain.ts';
import { ACCEPT, markClear, markNotClear, PASS } from './marks.ts';
import { chainName, policyId } from './names.ts';

export type Direction = 'inbound' | 'outbound';

export const policyChain = (policy: CalicoPolicy, direction: Direction): string =>
  chainName(direction === 'inbound' ? 'cali-pi-' : 'cali-po-', policyId(policy));

/** All have order 1000; names decide between them (felix/calc/policy_sorter.go). */
export const byOrder = (a: CalicoPolicy, b: CalicoPolicy): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.namespace < b.namespace ? -1 : 1;

export interface PolicyGroup {
  readonly direction: Direction;
  readonly policies: readonly CalicoPolicy[];
  /** What a pod's chain jumps to: the group's chain, or that of its only policy. */
  readonly chain: string;
}

export function groupPolicies(
  policies: readonly CalicoPolicy[],
  direction: Direction,
): readonly PolicyGroup[] {
  const groups: CalicoPolicy[][] = [];
  let last: string | null = null;
  for (const policy of policies) {
    const selector = printSelector(policy.selector);
    if (selector === last) groups.at(-1)!.push(policy);
    else groups.push([policy]);
    last = selector;
  }
  return groups.map((members) => ({
    direction,
    policies: members,
    chain:
      members.length === 1
        ? policyChain(members[0]!, direction)
        : groupChainName(members, direction),
  }));
}

const UID_LENGTH = 20;

function groupChainName(policies: readonly CalicoPolicy[], direction: Direction): string {
  const lines = [
    printSelector(policies[0]!.selector),
    direction,
    String(policies.length),
    ...policies.map(
      ({ name, namespace }) =>
        `{Name: ${name}, Namespace: ${namespace}, Kind: KubernetesNetworkPolicy}`,
    ),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  const uid = base64url(sha3of224(new TextEncoder().encode(text))).slice(0, UID_LENGTH);
  return `${direction === 'inbound' ? 'cali-gi-' : 'cali-go-'}${uid}`;
}

/** A verdict is looked for before every policy, and ends the chain before every sixth. */
const STRIDE = 5;

export const groupChain = ({ chain, policies, direction }: PolicyGroup): FelixChain => ({
  name: chain,
  rules: policies.flatMap((policy, i): readonly FelixRule[] => [
    ...(i > 0 && i % STRIDE === 0
      ? [
          {
            match: [markNotClear(ACCEPT | PASS)],
            action: jump('RETURN'),
            comments: ['Return on verdict'],
          },
        ]
      : []),
    {
      match: i % STRIDE === 0 ? [] : [markClear(ACCEPT | PASS)],
      action: jump(policyChain(policy, direction)),
    },
  ]),
});
