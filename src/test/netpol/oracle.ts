// What the API says about a connection (networking/v1 types.go), computed from the objects alone: no chain, no set, no packet. It knows
// pods, machines outside and nodes; the engine is held against it.
import type { NetworkPolicy } from '../../kube/objects/network-policy.ts';
import { matchesSelector } from '../../kube/objects/selector.ts';
import { contains, parsePrefix } from '../../wire/addr/prefix.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import type { NetpolFile, NetpolPod } from './cases.ts';

type Spec = NetworkPolicy['spec'];
type Rule = NonNullable<Spec['ingress']>[number];
type Peer = NonNullable<Rule['from']>[number];

export interface Party {
  readonly ip: string;
  /** null: no pod, or one with hostNetwork. */
  readonly pod: NetpolPod | null;
  /** The node that it is on, or is. */
  readonly node: string | null;
}
export interface Connection {
  readonly from: Party;
  readonly to: Party;
  readonly protocol: string;
  readonly port: number;
}

const inBlock = (cidr: string, ip: string): boolean => {
  const [prefix, addr] = [parsePrefix(cidr), parseAddr(ip)];
  return prefix !== null && addr !== null && contains(prefix, addr);
};

function peerMatches(peer: Peer, party: Party, policyNs: string, file: NetpolFile): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock !== undefined)
    return (
      inBlock(ipBlock.cidr, party.ip) &&
      !(ipBlock.except ?? []).some((cidr) => inBlock(cidr, party.ip))
    );
  const { pod } = party;
  if (pod === null) return false;
  const labels = {
    ...file.namespaces.find(({ name }) => name === pod.ns)?.labels,
    'kubernetes.io/metadata.name': pod.ns,
  };
  const there =
    namespaceSelector === undefined
      ? pod.ns === policyNs
      : matchesSelector(namespaceSelector, labels);
  return there && (podSelector === undefined || matchesSelector(podSelector, pod.labels));
}

function portMatches(ports: Rule['ports'], { protocol, port, to }: Connection): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? 'TCP') !== protocol) return false;
    if (one.port === undefined) return true;
    if (typeof one.port === 'number') return port >= one.port && port <= (one.endPort ?? one.port);
    return (to.pod?.ports ?? []).some(
      (p) => p.name === one.port && (p.protocol ?? 'TCP') === protocol && p.containerPort === port,
    );
  });
}

/** One side's word: true where no policy isolates it, or a rule of one that does lets the connection pass. */
function sideAllows(
  side: 'Ingress' | 'Egress',
  connection: Connection,
  policies: readonly NetworkPolicy[],
  file: NetpolFile,
): boolean {
  const own = side === 'Ingress' ? connection.to : connection.from;
  const other = side === 'Ingress' ? connection.from : connection.to;
  const { pod } = own;
  if (pod === null) return true;
  const isolating = policies.filter(({ metadata, spec }) => {
    const types = spec.policyTypes ?? [
      'Ingress',
      ...((spec.egress ?? []).length > 0 ? ['Egress'] : []),
    ];
    return (
      types.includes(side) &&
      metadata.namespace === pod.ns &&
      matchesSelector(spec.podSelector, pod.labels)
    );
  });
  return (
    isolating.length === 0 ||
    isolating.some(({ metadata, spec }) => {
      const rules =
        side === 'Ingress'
          ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
          : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
      return rules.some(
        ({ peers = [], ports }) =>
          (peers.length === 0 ||
            peers.some((peer) => peerMatches(peer, other, metadata.namespace ?? '', file))) &&
          portMatches(ports, connection),
      );
    })
  );
}

export function apiAllows(
  connection: Connection,
  policies: readonly NetworkPolicy[],
  file: NetpolFile,
): boolean {
  const { from, to } = connection;
  // The kubelet must reach the pods of its node.
  const ownNode = from.pod === null && from.node !== null && from.node === to.node;
  return (
    sideAllows('Egress', connection, policies, file) &&
    (ownNode || sideAllows('Ingress', connection, policies, file))
  );
}
