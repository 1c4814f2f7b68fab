// Kubernetes' network model as a check of a journey (https://kubernetes.io/docs/concepts/services-networking/): every pod has an address of
// its own in the whole cluster, pods reach each other, and a node its own pods, without address translation, and the address that a pod
// knows as its own is the one that others see. What breaks it is found in the trace, with the event that does.
import { printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import type { PacketId } from '../../wire/types.ts';
import { lookupOf } from '../replay/lookup.ts';
import { revisionOf } from '../replay/packets.ts';
import type { Seq, Topology, Trace, TraceEvent } from '../types.ts';

export type ModelRule =
  /** Two pods have one address. */
  | 'one-address'
  /** A pod is seen by another address than its own, by a pod. */
  | 'pod-to-pod'
  /** The same between a pod and its own node, in either direction. */
  | 'node-and-pod'
  /** Who asks for a pod's own address is led elsewhere. */
  | 'own-address';

export interface Breach {
  readonly rule: ModelRule;
  /** The event that does it, or null where the addresses alone do. */
  readonly seq: Seq | null;
  readonly packet: PacketId | null;
  /** Namespaces of who sent the packet and of who took it; of the two pods, for `one-address`. */
  readonly from: string;
  readonly to: string;
  /** The address before, and the one that takes its place. */
  readonly address: string;
  readonly instead: string;
}

interface Party {
  readonly name: string;
  readonly kind: 'pod' | 'node';
  readonly host: string | null;
  readonly addresses: ReadonlySet<string>;
}

const isGlobal = (address: string): boolean =>
  !address.startsWith('127.') && address !== '::1' && !/^fe[89ab]/i.test(address);

function partiesOf(topology: Topology): ReadonlyMap<string, Party> {
  const parties = new Map<string, Party>();
  for (const { name, kind, host, devices } of topology.namespaces) {
    if (kind !== 'pod' && kind !== 'node') continue;
    const all = devices.flatMap(({ addresses }) => addresses.map((one) => one.split('/')[0] ?? ''));
    parties.set(name, { name, kind, host, addresses: new Set(all.filter(isGlobal)) });
  }
  return parties;
}

/** Which pod has which address; each after the first that has the same breaks the model. */
function sharedAddresses(parties: ReadonlyMap<string, Party>): readonly Breach[] {
  const owner = new Map<string, string>();
  const breaches: Breach[] = [];
  for (const { name, kind, addresses } of parties.values())
    for (const address of kind === 'pod' ? addresses : []) {
      const first = owner.get(address);
      if (first === undefined) owner.set(address, name);
      else
        breaches.push({
          rule: 'one-address', seq: null, packet: null, from: first, to: name, address, instead: address,
        }); // prettier-ignore
    }
  return breaches;
}

/** The outermost IP header's address: NAT knows no other. */
function addressIn(trace: Trace, id: PacketId, revision: number, end: 'src' | 'dst'): string {
  for (const layer of revisionOf(trace, id, revision).layers)
    if (layer.kind === 'ipv4' || layer.kind === 'ipv6')
      return printAddr(layer.header[end] as IpAddr);
  return '';
}

/** Where a packet was made; a copy or a piece is its parent's. */
function senderOf(trace: Trace, id: PacketId): string | null {
  const { parent } = lookupOf(trace).record(id);
  if (parent !== null) return senderOf(trace, parent);
  return lookupOf(trace).eventsOf(id)[0]?.site.netns ?? null;
}

/** Where it was taken, by a process or the kernel; null: nowhere. */
function receiverOf(trace: Trace, id: PacketId): string | null {
  const { fate } = lookupOf(trace).record(id);
  if (fate.kind !== 'delivered' && fate.kind !== 'consumed') return null;
  return lookupOf(trace).eventsOf(id).at(-1)?.site.netns ?? null;
}

function relation(from: Party, to: Party): ModelRule | null {
  if (from.kind === 'pod' && to.kind === 'pod') return 'pod-to-pod';
  const together = from.host === to.name || to.host === from.name;
  return together ? 'node-and-pod' : null;
}

function breachOf(
  trace: Trace,
  parties: ReadonlyMap<string, Party>,
  event: TraceEvent<'nat.rewrite'>,
): Breach | null {
  const { packet: id, detail } = event;
  if (id === null || detail.undo) return null;
  const sender = parties.get(senderOf(trace, id) ?? '');
  const receiver = parties.get(receiverOf(trace, id) ?? '');
  if (sender === undefined || receiver === undefined) return null;
  const address = addressIn(trace, id, lookupOf(trace).revisionBefore(event), detail.manip);
  const instead = addressIn(trace, id, event.revision, detail.manip);
  if (address === instead) return null;
  const found = {
    seq: event.seq,
    packet: id,
    from: sender.name,
    to: receiver.name,
    address,
    instead,
  };
  if (detail.manip === 'src') {
    const rule = sender.addresses.has(address) ? relation(sender, receiver) : null;
    return rule === null ? null : { rule, ...found };
  }
  const owned = [...parties.values()].some(
    ({ kind, addresses }) => kind === 'pod' && addresses.has(address),
  );
  return owned ? { rule: 'own-address', ...found } : null;
}

const known = new WeakMap<Trace, readonly Breach[]>();

/** Everything in a journey that breaks the model, in order, once a connection. A Service's address is nobody's, so its DNAT breaks
 *  nothing. */
export function modelBreaches(trace: Trace): readonly Breach[] {
  let breaches = known.get(trace);
  if (breaches === undefined) {
    const parties = partiesOf(trace.topology);
    const told = new Set<string>();
    const rewrites = trace.events.flatMap((event) => {
      if (event.kind !== 'nat.rewrite') return [];
      const connection = `${event.site.netns} ${event.detail.entry} ${event.detail.manip}`;
      const one = told.has(connection) ? null : breachOf(trace, parties, event);
      if (one === null) return [];
      told.add(connection);
      return [one];
    });
    known.set(trace, (breaches = [...sharedAddresses(parties), ...rewrites]));
  }
  return breaches;
}
