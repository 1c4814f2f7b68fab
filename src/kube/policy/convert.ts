// A NetworkPolicy as Calico's policy model (libcalico-go/lib/backend/k8s/conversion/conversion.go): tier `default`, one rule for every
// protocol and peer. All its rules allow; what none of them allows, the end of the tier drops.
import { normalCidr } from '../cidr.ts';
import type { NetworkPolicy } from '../objects/network-policy.ts';
import { namespaceOf } from '../objects/meta.ts';
import { NAMESPACE, NAMESPACE_PREFIX, ORCHESTRATOR } from './labels.ts';
import { mergePorts, NO_PORTS } from './ports.ts';
import type { PolicyPorts } from './ports.ts';
import { allOf, selectorTerms } from './selector.ts';
import type { Selector } from './selector.ts';

type Spec = NetworkPolicy['spec'];
type K8sRule = NonNullable<Spec['ingress']>[number];
type K8sPeer = NonNullable<K8sRule['from']>[number];
type K8sPort = NonNullable<K8sRule['ports']>[number];

export type PolicyProtocol = 'TCP' | 'UDP' | 'SCTP';
export type PolicyPeer =
  | { readonly kind: 'any' }
  | { readonly kind: 'workloads'; readonly selector: Selector }
  | { readonly kind: 'net'; readonly cidr: string; readonly except: readonly string[] };

export interface PolicyRule {
  /** null: any. */
  readonly protocol: PolicyProtocol | null;
  readonly peer: PolicyPeer;
  /** Of the destination. None: all. */
  readonly ports: PolicyPorts;
}

export interface CalicoPolicy {
  readonly namespace: string;
  readonly name: string;
  /** The workloads that it applies to. */
  readonly selector: Selector;
  /** null: it says nothing about that direction. */
  readonly ingress: readonly PolicyRule[] | null;
  readonly egress: readonly PolicyRule[] | null;
}

const KUBERNETES: Selector = { kind: 'equals', key: ORCHESTRATOR, value: 'k8s' };
const inNamespace = (namespace: string): Selector => ({
  kind: 'equals',
  key: NAMESPACE,
  value: namespace,
});
const podsOf = (selector: K8sPeer['podSelector']): Selector =>
  allOf([KUBERNETES, ...selectorTerms(selector ?? {})]);

/** As the API server defaults it: Ingress always, Egress where the policy has egress rules. */
function directions({ policyTypes, egress }: Spec): readonly string[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress !== undefined && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

export function convertPolicy(policy: NetworkPolicy): CalicoPolicy {
  const namespace = namespaceOf(policy);
  const { spec } = policy;
  const types = directions(spec);
  const rules = (list: readonly { peers: K8sRule['from']; ports: K8sRule['ports'] }[]) =>
    list.flatMap(({ peers, ports }) => convertRule(peers, ports, namespace));
  return {
    namespace,
    name: policy.metadata.name,
    selector: allOf([podsOf(spec.podSelector), inNamespace(namespace)]),
    ingress: types.includes('Ingress')
      ? rules((spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports })))
      : null,
    egress: types.includes('Egress')
      ? rules((spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports })))
      : null,
  };
}

function convertRule(
  peers: readonly K8sPeer[] = [],
  ports: readonly K8sPort[] = [],
  namespace: string,
): readonly PolicyRule[] {
  const from: readonly PolicyPeer[] =
    peers.length === 0 ? [{ kind: 'any' }] : peers.map((peer) => convertPeer(peer, namespace));
  return portsByProtocol(ports).flatMap(([protocol, numbers]) =>
    from.map((peer): PolicyRule => ({ protocol, peer, ports: numbers })),
  );
}

/** Ports of one protocol make one rule. A protocol that is named without a port has all of them. */
function portsByProtocol(
  ports: readonly K8sPort[],
): readonly (readonly [PolicyProtocol | null, PolicyPorts])[] {
  if (ports.length === 0) return [[null, NO_PORTS]];
  const found = new Map<PolicyProtocol, PolicyPorts | null>();
  for (const { protocol = 'TCP', port, endPort } of ports) {
    const before = found.get(protocol);
    if (port === undefined) found.set(protocol, null);
    else if (before !== null)
      found.set(protocol, mergePorts(before ?? NO_PORTS, portsOf(port, endPort)));
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([protocol, numbers]) => [protocol, numbers ?? NO_PORTS]);
}

function portsOf(port: number | string, endPort: number | undefined): PolicyPorts {
  const first = Number(port);
  return Number.isInteger(first)
    ? { ranges: [{ first, last: endPort ?? first }], names: [] }
    : { ranges: [], names: [String(port)] };
}

function convertPeer(peer: K8sPeer, namespace: string): PolicyPeer {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock !== undefined)
    return {
      kind: 'net',
      cidr: normalCidr(ipBlock.cidr),
      except: (ipBlock.except ?? []).map(normalCidr),
    };
  return {
    kind: 'workloads',
    selector: allOf([namespacesOf(namespaceSelector, namespace), podsOf(podSelector)]),
  };
}

/** Without a selector the policy's own namespace; an empty one selects every namespace, but only what is in one. */
function namespacesOf(selector: K8sPeer['namespaceSelector'], namespace: string): Selector {
  if (selector === undefined) return inNamespace(namespace);
  const terms = selectorTerms(selector, NAMESPACE_PREFIX);
  return terms.length === 0 ? { kind: 'has', key: NAMESPACE } : allOf(terms);
}
