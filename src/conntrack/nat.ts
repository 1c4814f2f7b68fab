// NAT bindings: choosing the new tuple once per connection, and rewriting every packet of it (net/netfilter/nf_nat_core.c,
// nf_nat_proto.c). A rule is asked for the first packet only; afterwards the entry decides.
import type { Nanos } from '../base/queue.ts';
import type { CtDirection } from '../trace/types.ts';
import type { IpAddr } from '../wire/addr/types.ts';
import { IPPROTO } from '../wire/types.ts';
import type { Layer, Quote } from '../wire/types.ts';
import type { CtTable } from './table.ts';
import { entriesFrom, findEntry, removeEntry, tupleTaken } from './table.ts';
import { invertTuple, isIcmp, sameTuple } from './tuple.ts';
import type { CtEntry, Tuple } from './types.ts';

export type Manip = 'src' | 'dst';

/** What a rule allows. null: keep. Ports are inclusive ranges. */
export interface Range {
  readonly minAddr: IpAddr | null;
  readonly maxAddr: IpAddr | null;
  readonly minPort: number | null;
  readonly maxPort: number | null;
  readonly random: boolean;
  readonly randomFully: boolean;
}

export interface NatContext {
  readonly table: CtTable;
  readonly now: Nanos;
  /** Uniform u16: where the search for a free port starts. */
  random(): number;
  /** A closed connection makes room for a new one: its row is gone. */
  evicted(entry: CtEntry): void;
}

export const natDone = (entry: CtEntry, manip: Manip): boolean =>
  manip === 'src' ? entry.srcNatDone : entry.dstNatDone;

const inRange = (addr: IpAddr, range: Range): boolean =>
  range.minAddr === null || (addr >= range.minAddr && addr <= range.maxAddr!);

const portOf = (t: Tuple, manip: Manip): number =>
  manip === 'src' || isIcmp(t.protocol) ? t.sport : t.dport;
const withPort = (t: Tuple, manip: Manip, port: number): Tuple =>
  manip === 'src' || isIcmp(t.protocol) ? { ...t, sport: port } : { ...t, dport: port };
const withAddr = (t: Tuple, manip: Manip, addr: IpAddr): Tuple =>
  manip === 'src' ? { ...t, src: addr } : { ...t, dst: addr };

/** What is said of the binding that was made. */
export interface Binding {
  readonly from: Tuple;
  readonly to: Tuple;
  readonly why: string | null;
}

/** nf_nat_setup_info. null: no free tuple was found, the packet must be dropped. */
export function setupNat(
  ctx: NatContext,
  entry: CtEntry,
  manip: Manip,
  range: Range,
): Binding | null {
  const current = invertTuple(entry.reply)!;
  const used = (t: Tuple): boolean => tupleTaken(ctx.table, invertTuple(t)!, entry, ctx.now);
  const chosen = uniqueTuple(ctx, entry, current, manip, range, used);
  if (chosen === null) return null;
  if (!sameTuple(chosen.tuple, current)) {
    entry.reply = invertTuple(chosen.tuple)!;
    if (manip === 'src') entry.srcNat = true;
    else entry.dstNat = true;
  }
  if (manip === 'src') entry.srcNatDone = true;
  else entry.dstNatDone = true;
  return { from: current, to: chosen.tuple, why: chosen.why };
}

/** A range that no rule asked for. */
export interface NullRange extends Range {
  readonly manip: Manip;
  readonly by: 'null';
  readonly persistent: false;
}

/** The binding that leaves the packet as it is, unless that would collide (nf_nat_alloc_null_binding). */
export function nullRange(entry: CtEntry, manip: Manip): NullRange {
  const t = invertTuple(entry.reply)!;
  const addr = manip === 'src' ? t.src : t.dst;
  return {
    manip,
    by: 'null',
    minAddr: addr,
    maxAddr: addr,
    minPort: null,
    maxPort: null,
    random: false,
    randomFully: false,
    persistent: false,
  };
}

/** NF_NAT_MAX_ATTEMPTS, NF_NAT_HARDER_THRESH */
const MAX_ATTEMPTS = 128;
const HARDER_THRESHOLD = 32;

interface Choice {
  readonly tuple: Tuple;
  readonly why: string | null;
}

function uniqueTuple(
  ctx: NatContext,
  entry: CtEntry,
  current: Tuple,
  manip: Manip,
  range: Range,
  used: (t: Tuple) => boolean,
): Choice | null {
  const anyRandom = range.random || range.randomFully;
  if (manip === 'src' && !anyRandom) {
    const portFits = range.minPort === null || within(portOf(current, manip), range);
    if (inRange(current.src, range) && portFits) {
      if (!used(current)) return { tuple: current, why: null };
    } else {
      const same = sameSource(ctx, entry, current, range);
      if (same !== null && !used(same))
        return { tuple: same, why: 'the same source is mapped like this already' };
    }
  }
  const addr = manip === 'src' ? current.src : current.dst;
  let tuple = current;
  if (range.minAddr !== null && !inRange(addr, range))
    tuple = withAddr(current, manip, pickAddr(range, current, manip));
  if (!anyRandom) {
    if (range.minPort !== null) {
      if (within(portOf(tuple, manip), range) && (range.minPort === range.maxPort || !used(tuple)))
        return { tuple, why: null };
    } else if (!used(tuple)) return { tuple, why: null };
  }
  return uniquePort(ctx, entry, tuple, manip, range, used, anyRandom);
}

const within = (port: number, range: Range): boolean =>
  port >= range.minPort! && port <= range.maxPort!;

/** find_best_ips_proto: spread over the range by source (the kernel hashes; here the low bits of it). */
function pickAddr(range: Range, current: Tuple, manip: Manip): IpAddr {
  const { minAddr, maxAddr } = range;
  if (minAddr === maxAddr) return minAddr!;
  const span = BigInt(maxAddr!) - BigInt(minAddr!) + 1n;
  const key = BigInt(current.src) + (manip === 'src' ? 0n : BigInt(current.dst));
  const chosen = BigInt(minAddr!) + (key % span);
  return (typeof minAddr === 'number' ? Number(chosen) : chosen) as IpAddr;
}

/** find_appropriate_src: another connection of the same source address and port keeps its mapping. */
function sameSource(ctx: NatContext, entry: CtEntry, current: Tuple, range: Range): Tuple | null {
  for (const other of entriesFrom(ctx.table, current, entry.zone)) {
    const o = other.original;
    if (
      other.zone !== entry.zone ||
      !other.srcNatDone ||
      o.protocol !== current.protocol ||
      o.src !== current.src ||
      o.sport !== current.sport
    )
      continue;
    const mapped = invertTuple(other.reply)!;
    const tuple = { ...current, src: mapped.src, sport: mapped.sport };
    if (inRange(tuple.src, range) && (range.minPort === null || within(tuple.sport, range)))
      return tuple;
  }
  return null;
}

/** nf_nat_l4proto_unique_tuple: from a start, the first port (or ICMP id) that is free. */
function uniquePort(
  ctx: NatContext,
  entry: CtEntry,
  tuple: Tuple,
  manip: Manip,
  range: Range,
  used: (t: Tuple) => boolean,
  anyRandom: boolean,
): Choice | null {
  let min: number;
  let size: number;
  if (isIcmp(tuple.protocol)) {
    min = range.minPort ?? 0;
    size = range.minPort === null ? 65_536 : range.maxPort! - range.minPort + 1;
  } else if (![IPPROTO.tcp, IPPROTO.udp, IPPROTO.sctp].includes(tuple.protocol as 6))
    return { tuple, why: null };
  else if (range.minPort !== null) {
    min = range.minPort;
    size = range.maxPort! - min + 1;
  } else if (manip === 'dst') return { tuple, why: null };
  else {
    const port = portOf(tuple, manip);
    [min, size] = port >= 1024 ? [1024, 64_512] : port < 512 ? [1, 511] : [600, 424];
  }
  const offset = anyRandom || manip !== 'dst' ? ctx.random() : 0;
  const tries = Math.min(size, MAX_ATTEMPTS);
  let candidate = tuple;
  const why = anyRandom ? 'a random port was asked for' : 'the port is taken by another connection';
  for (let i = 0; i < tries; i++) {
    candidate = withPort(tuple, manip, min + ((offset + i) % size));
    const last = tries - i <= HARDER_THRESHOLD;
    if (!used(candidate) || (last && evict(ctx, entry, candidate)))
      return {
        tuple: candidate,
        why: range.minPort !== null && !anyRandom && i === 0 ? null : why,
      };
  }
  // The last one stays: if nothing else makes it unique, the entry is not inserted in the end.
  return { tuple: candidate, why: 'no port is free' };
}

/** nf_nat_used_tuple_harder: a connection in TIME_WAIT gives way to a SYN that is beyond its sequence numbers. */
function evict(ctx: NatContext, entry: CtEntry, wanted: Tuple): boolean {
  if (entry.tcp?.state !== 'SYN_SENT') return false;
  const hit = findEntry(ctx.table, invertTuple(wanted)!, entry.zone, ctx.now);
  if (hit === null) return true;
  const old = hit.entry.tcp;
  if (hit.direction === 'original' || old?.state !== 'TIME_WAIT') return false;
  if (((entry.tcp.seen[0].end - old.seen[0].end) | 0) <= 0) return false;
  removeEntry(ctx.table, hit.entry);
  ctx.evicted(hit.entry);
  return true;
}

/** Must a packet of this direction be rewritten at a hook of this manipulation? (nf_nat_packet) */
export const needsManip = (entry: CtEntry, manip: Manip, direction: CtDirection): boolean =>
  (manip === 'src') === (direction === 'original') ? entry.srcNat : entry.dstNat;

/** The tuple that a packet of this direction has when all rewriting is done. */
export const targetTuple = (entry: CtEntry, direction: CtDirection): Tuple =>
  invertTuple(direction === 'original' ? entry.reply : entry.original)!;

type IpLayer = Layer<'ipv4'> | Layer<'ipv6'>;

const withAddress = (ip: IpLayer, manip: Manip, { src, dst }: Tuple): IpLayer =>
  ({ ...ip, header: manip === 'src' ? { ...ip.header, src } : { ...ip.header, dst } }) as IpLayer;

/** nf_nat_manip_pkt: sets one end of a packet whose layers start with its IP header. */
export function manipulate(
  layers: readonly Layer[],
  manip: Manip,
  target: Tuple,
): readonly Layer[] {
  const ip = layers[0]!;
  if (ip.kind !== 'ipv4' && ip.kind !== 'ipv6') return layers;
  const next = layers.slice();
  next[0] = withAddress(ip, manip, target);
  const l4 = layers[1];
  if (l4?.kind === 'tcp' || l4?.kind === 'udp')
    next[1] = {
      ...l4,
      header:
        manip === 'src'
          ? { ...l4.header, sport: target.sport }
          : { ...l4.header, dport: target.dport },
    } as Layer;
  else if ((l4?.kind === 'icmpv4' || l4?.kind === 'icmpv6') && l4.header.body.kind === 'echo')
    next[1] = {
      ...l4,
      header: { ...l4.header, body: { ...l4.header.body, id: target.sport } },
    } as Layer;
  const at = l4?.kind === 'ipv6Fragment' ? 2 : 1;
  const piece = layers[at];
  if (piece?.kind === 'fragment') {
    const of = manipulate([next[0]!, ...piece.header.of], manip, target).slice(1);
    next[at] = { ...piece, header: { ...piece.header, of } };
  }
  return next;
}

/** nf_nat_icmp_reply_translation: the quoted packet is turned back, then the outer addresses. */
export function manipulateError(
  layers: readonly Layer[],
  manip: Manip,
  entry: CtEntry,
  direction: CtDirection,
): readonly Layer[] {
  const l4 = layers[1]!;
  if ((l4.kind !== 'icmpv4' && l4.kind !== 'icmpv6') || l4.header.body.kind !== 'error')
    return layers;
  const other = direction === 'original' ? entry.reply : entry.original;
  const inner = manipulate(l4.header.body.quoted.layers, manip === 'src' ? 'dst' : 'src', other);
  const quoted: Quote = { ...l4.header.body.quoted, layers: inner };
  const next = layers.slice();
  next[1] = { ...l4, header: { ...l4.header, body: { ...l4.header.body, quoted } } } as Layer;
  const target = invertTuple(other)!;
  next[0] = withAddress(next[0] as IpLayer, manip, target);
  return next;
}
