// A policy's or a profile's rules as iptables rules (felix/rules/policy.go). A rule that matches sets the accept bit; the pod's chain
// looks at it. Selectors and named ports are asked of sets, whose members follow the pods.
import { assertNever } from '../../base/assert.ts';
import { familyOf } from '../families.ts';
import type { IpFamily } from '../families.ts';
import type { CalicoPolicy, PolicyPeer, PolicyRule } from '../policy/convert.ts';
import { printPorts, splitPorts } from '../policy/ports.ts';
import type { Selector } from '../policy/selector.ts';
import { jump } from './chain.ts';
import type { FelixChain, FelixRule } from './chain.ts';
import { profileChain } from './endpoint.ts';
import { policyChain } from './groups.ts';
import type { Direction } from './groups.ts';
import { ACCEPT, markSet, setMark } from './marks.ts';
import { blocksMatched, forbid, noBlocks, requireAny } from './match-blocks.ts';
import { inSet } from './sets.ts';

/** Names of the sets that policy rules ask; asking makes a set exist. */
export interface PolicySets {
  /** Addresses of workloads. */
  workloads(selector: Selector): string;
  /** Address and port of what is called so, on the workloads of a selector. */
  namedPort(selector: Selector, protocol: PolicyRule['protocol'], port: string): string;
}

interface RuleContext {
  readonly family: IpFamily;
  readonly direction: Direction;
  readonly sets: PolicySets;
}

export function policyRulesChain(policy: CalicoPolicy, ctx: RuleContext): FelixChain {
  const inbound = ctx.direction === 'inbound';
  const rules = ((inbound ? policy.ingress : policy.egress) ?? []).flatMap((rule) =>
    renderRule(rule, ctx),
  );
  const object = `${policy.namespace}/${policy.name}`;
  return {
    name: policyChain(policy, ctx.direction),
    object: `NetworkPolicy ${object}`,
    rules: finish(rules, `KubernetesNetworkPolicy ${object} ${inbound ? 'ingress' : 'egress'}`),
  };
}

/** The profile of a namespace allows; that of a service account has no rules, only labels. */
export const profileChains = (profile: string): readonly FelixChain[] =>
  (['in', 'out'] as const).map((way) => ({
    name: profileChain(profile, way),
    object: `Profile ${profile}`,
    rules: finish(
      profile.startsWith('kns.') ? acceptRules([]) : [],
      `Profile ${profile} ${way === 'in' ? 'ingress' : 'egress'}`,
    ),
  }));

const RETURN = jump('RETURN');
const acceptRules = (match: readonly string[]): readonly FelixRule[] => [
  { match, action: setMark(ACCEPT) },
  { match: [markSet(ACCEPT)], action: RETURN },
];

/** A RETURN at the end of a chain changes nothing; the first rule says whose chain it is. */
function finish(rules: readonly FelixRule[], comment: string): readonly FelixRule[] {
  const kept = [...rules];
  while (kept.at(-1)?.action === RETURN) kept.pop();
  const [first = {}, ...rest] = kept;
  return [{ ...first, comments: [...(first.comments ?? []), comment] }, ...rest];
}

function renderRule(rule: PolicyRule, ctx: RuleContext): readonly FelixRule[] {
  const inbound = ctx.direction === 'inbound';
  const peer = matchPeer(rule.peer, ctx.family, inbound ? 'source' : 'destination');
  if (peer === null) return [];
  const { ports, protocol } = rule;
  const blocks = noBlocks();
  const onProtocol = protocol === null ? [] : [`-p ${protocol.toLowerCase()}`];

  // Egress: named ports are those of the peer. Ingress: of any workload, and only the pod itself is ever asked.
  const owner = !inbound && rule.peer.kind === 'workloads' ? rule.peer.selector : EVERYONE;
  const numbers = splitPorts(ports.ranges).map(
    (split) => `-m multiport --destination-ports ${printPorts(split)}`,
  );
  const names = ports.names.map((name) =>
    inSet(ctx.sets.namedPort(owner, protocol, name), 'dst,dst'),
  );
  const inBlock = numbers.length + names.length > 1;
  if (inBlock)
    requireAny(blocks, [...numbers.map((match) => [...onProtocol, match]), ...names.map(one)]);
  const onPorts = inBlock ? [] : [...numbers, ...names];

  // A set of named ports on the peer's workloads says already who the peer is.
  const coveredByNames = !inbound && ports.names.length > 0 && ports.ranges.length === 0;
  const onPeer =
    rule.peer.kind === 'workloads' && !coveredByNames
      ? [inSet(ctx.sets.workloads(rule.peer.selector), inbound ? 'src' : 'dst')]
      : [];
  if (peer.except.length > 0) forbid(blocks, peer.except.map(one));
  const asked = blocks.rules.length === 0 ? [] : [markSet(blocksMatched)];
  return [
    ...blocks.rules,
    ...acceptRules([...onProtocol, ...peer.nets, ...onPeer, ...onPorts, ...asked]),
  ];
}

const EVERYONE: Selector = { kind: 'all' };
const one = (match: string): readonly string[] => [match];

interface PeerNets {
  readonly nets: readonly string[];
  /** iptables takes one net of a side: exceptions go into a block. */
  readonly except: readonly string[];
}

/** null: the rule says nothing about this family. */
function matchPeer(
  peer: PolicyPeer,
  family: IpFamily,
  side: 'source' | 'destination',
): PeerNets | null {
  switch (peer.kind) {
    case 'any':
    case 'workloads':
      return { nets: [], except: [] };
    case 'net': {
      if (familyOf(peer.cidr) !== family) return null;
      const except = peer.except.filter((cidr) => familyOf(cidr) === family);
      // "Everything but everything" cannot be said to iptables; such a rule is left out.
      if (except.includes(family === 'IPv4' ? '0.0.0.0/0' : '::/0')) return null;
      return {
        nets: [`--${side} ${peer.cidr}`],
        except: except.map((cidr) => `--${side} ${cidr}`),
      };
    }
    default:
      return assertNever(peer);
  }
}
