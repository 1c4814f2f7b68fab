// nf_conntrack_in: which connection does a packet belong to (net/netfilter/nf_conntrack_core.c)? Entries are made here and
// confirmed when their first packet leaves the host or reaches a socket.
import type { Nanos } from '../base/queue.ts';
import { SECOND } from '../base/queue.ts';
import { byteLength, headerLength } from '../wire/length.ts';
import { IPPROTO } from '../wire/types.ts';
import type { Icmpv4Body, Icmpv6Body, Layer } from '../wire/types.ts';
import { createEntry, findEntry, removeEntry } from './table.ts';
import type { CtTable } from './table.ts';
import type { TcpSettings } from './tcp.ts';
import { trackTcp, validFlags } from './tcp.ts';
import type { Segment } from './tcp-window.ts';
import { GENERIC_TIMEOUT, ICMP_TIMEOUT, UDP_TIMEOUT, UDP_TIMEOUT_STREAM } from './timeouts.ts';
import { invertTuple, isIcmp, opensIcmp, tupleOf } from './tuple.ts';
import type { CtBinding, CtEntry } from './types.ts';

export interface TrackOptions extends TcpSettings {
  readonly zone: number;
  readonly max: number;
  readonly now: Nanos;
}

export type Tracked =
  | {
      readonly kind: 'bound';
      readonly binding: CtBinding;
      readonly created: boolean;
      readonly why: string | null;
    }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'untracked' }
  | { readonly kind: 'drop'; readonly why: string };

const invalid = (why: string): Tracked => ({ kind: 'invalid', why });

/** Neighbour discovery and MLD are never tracked (nf_conntrack_proto_icmpv6.c). */
const UNTRACKED_ICMPV6: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** `layers` start with the IP header. Changes the table; `changed` is called for each entry whose row changed. */
export function trackPacket(
  table: CtTable,
  layers: readonly Layer[],
  options: TrackOptions,
  changed: (entry: CtEntry) => void,
): Tracked {
  const l4 = layers[1];
  if (l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') {
    if (l4.kind === 'icmpv6' && UNTRACKED_ICMPV6.has(l4.header.type)) return { kind: 'untracked' };
    if (quotes(l4.header.body)) return related(table, layers, options);
  }
  const tuple = tupleOf(layers);
  if (tuple === null) return invalid('no transport header to read');
  if (l4?.kind === 'tcp' && !validFlags(l4.header.flags))
    return invalid('flags that no segment has');
  const hit = findEntry(table, tuple, options.zone, options.now);
  let entry = hit?.entry ?? null;
  const direction = hit?.direction ?? 'original';
  if (entry === null) {
    if (table.entries.size >= options.max)
      return { kind: 'drop', why: 'nf_conntrack: table full, dropping packet' };
    if (isIcmp(tuple.protocol) && !opensIcmp(tuple.protocol, tuple.dport >> 8))
      return invalid('an answer to no question that was seen');
    entry = createEntry(table, tuple, options.zone);
    if (entry === null) return invalid('this kind of packet has no reply to wait for');
    if (tuple.protocol === IPPROTO.udp) entry.streamAfter = (options.now + 2 * SECOND) as Nanos;
  }
  const shown = shownOf(entry);
  const refresh = (seconds: number): void => {
    entry.timeout = seconds;
    entry.expires = (options.now + seconds * SECOND) as Nanos;
  };
  let why: string | null = null;
  if (l4?.kind === 'tcp') {
    const result = trackTcp(entry, direction, segmentOf(layers), l4.header.flags, options);
    if (result.verdict === 'repeat') {
      removeEntry(table, entry);
      changed(entry);
      return trackPacket(table, layers, options, changed);
    }
    if (result.verdict === 'invalid') return invalid(result.why ?? 'TCP');
    why = result.why;
    if (result.timeout !== null) refresh(result.timeout);
    if (result.verdict === 'kill') removeEntry(table, entry);
  } else if (tuple.protocol === IPPROTO.udp) {
    const stream = entry.seenReply && options.now > entry.streamAfter;
    if (stream && !entry.assured) entry.assured = true;
    refresh(stream ? UDP_TIMEOUT_STREAM : UDP_TIMEOUT);
  } else refresh(isIcmp(tuple.protocol) ? ICMP_TIMEOUT : GENERIC_TIMEOUT);
  const established = direction === 'reply' || entry.seenReply;
  if (direction === 'reply' && !entry.seenReply) entry.seenReply = true;
  if (hit !== null && !looksLike(entry, shown)) changed(entry);
  const state = established ? 'ESTABLISHED' : entry.master === null ? 'NEW' : 'RELATED';
  return { kind: 'bound', binding: { entry, direction, state }, created: hit === null, why };
}

/** What `conntrack -L` shows of an entry, besides its tuples. */
const shownOf = ({ tcp, seenReply, assured, timeout, dying }: CtEntry) => ({
  state: tcp?.state,
  seenReply,
  assured,
  timeout,
  dying,
});
const looksLike = (entry: CtEntry, shown: ReturnType<typeof shownOf>): boolean =>
  entry.tcp?.state === shown.state &&
  entry.seenReply === shown.seenReply &&
  entry.assured === shown.assured &&
  entry.timeout === shown.timeout &&
  entry.dying === shown.dying;

/** Of a redirect, only a first option is looked at (nf_conntrack_icmpv6_redirect). */
const quotes = (body: Icmpv4Body | Icmpv6Body): boolean =>
  body.kind === 'error' || (body.kind === 'redirect' && body.lladdr === null);

/** nf_conntrack_inet_error: an ICMP error belongs to the connection of the packet that it quotes. */
function related(table: CtTable, layers: readonly Layer[], options: TrackOptions): Tracked {
  const l4 = layers[1] as Layer<'icmpv4'> | Layer<'icmpv6'>;
  const body = l4.header.body;
  const quoted = 'quoted' in body ? tupleOf(body.quoted.layers) : null;
  const inner = quoted === null ? null : invertTuple(quoted);
  const hit = inner === null ? null : findEntry(table, inner, options.zone, options.now);
  if (hit === null) return invalid('it quotes a packet of no known connection');
  const outer = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const own = hit.direction === 'original' ? hit.entry.original : hit.entry.reply;
  if (outer.header.dst !== own.dst)
    return invalid('it is not sent to an end of the quoted connection');
  return {
    kind: 'bound',
    binding: { entry: hit.entry, direction: hit.direction, state: 'RELATED' },
    created: false,
    why: 'it quotes a packet of this connection',
  };
}

export function segmentOf(layers: readonly Layer[]): Segment {
  const tcp = layers[1] as Layer<'tcp'>;
  const { seq, ack, flags, window, options } = tcp.header;
  const data = byteLength(layers, 1) - headerLength(tcp);
  const length = data + (flags.syn ? 1 : 0) + (flags.fin ? 1 : 0);
  return { seq, end: (seq + length) >>> 0, ack: flags.ack ? ack : null, window, options };
}
