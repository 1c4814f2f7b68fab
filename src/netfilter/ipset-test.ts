// Is a packet in a set? (net/netfilter/ipset ip_set_test and the kadt functions of the types.)
import { contains } from '../wire/addr/prefix.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { printMac } from '../wire/addr/mac.ts';
import type { Facts } from './facts.ts';
import { entryLength, type SetEntry, type SetPart } from './ipset-entry.ts';
import type { IpSet, Part, Sets } from './ipset.ts';
import { protocolName } from './save/protocols.ts';
import type { NfView } from './types.ts';

export type SetSide = 'src' | 'dst';

const PORTED: ReadonlySet<number> = new Set([1, 6, 17, 58, 132, 136]);

/** ICMP and ICMPv6 have type and code in place of a port; other protocols have 0; -1 where a fragment hides it. */
function portOf(facts: Facts, side: SetSide): number {
  const { transport } = facts;
  if (transport === null) {
    const hidden = PORTED.has(facts.protocol) || typeof facts.src === 'bigint';
    return facts.fragOffset !== 0 && hidden ? -1 : 0;
  }
  if (transport?.kind === 'icmpv4' || transport?.kind === 'icmpv6')
    return transport.header.type * 256 + transport.header.code;
  return side === 'src' ? facts.sport : facts.dport;
}

function partFits(part: SetPart, side: SetSide, facts: Facts, view: NfView): boolean {
  switch (part.kind) {
    case 'net':
      return contains(part.prefix, side === 'src' ? facts.src : facts.dst);
    case 'range': {
      const addr = side === 'src' ? facts.src : facts.dst;
      return typeof addr === typeof part.min && addr >= part.min && addr <= part.max;
    }
    case 'port': {
      const port = portOf(facts, side);
      return (
        (part.protocol === null || part.protocol === facts.protocol) &&
        port >= part.min &&
        port <= part.max
      );
    }
    case 'iface': {
      const physical = side === 'src' ? view.physin : view.physout;
      return part.name === (part.physical ? physical : side === 'src' ? view.in : view.out);
    }
    case 'mac':
      return side === 'src' && view.srcMac === part.mac;
  }
}

/** The entry that decides: of those that fit, the one with the longest prefixes. */
export function findEntry(
  set: IpSet,
  sides: readonly SetSide[],
  facts: Facts,
  view: NfView,
): SetEntry | null {
  const fits = (entry: SetEntry): boolean =>
    entry.parts.every((part, i) => partFits(part, sides[i] ?? 'src', facts, view));
  let best: SetEntry | null = null;
  for (const entries of set.entries.near(sides[0] === 'dst' ? facts.dst : facts.src))
    for (const entry of entries)
      if (fits(entry) && (best === null || entryLength(entry) > entryLength(best))) best = entry;
  return best;
}

/** A set with fewer parts than the rule has sides takes the first ones. */
export function inSet(
  sets: Sets,
  set: IpSet,
  sides: readonly SetSide[],
  facts: Facts,
  view: NfView,
): boolean {
  if (set.type === 'list:set')
    return set.members.some((name) => {
      const member = sets.get(name);
      return (
        member !== undefined &&
        member.type !== 'list:set' &&
        member.parts.length <= sides.length &&
        inSet(sets, member, sides, facts, view)
      );
    });
  if (set.parts[0] !== 'port' && set.parts[0] !== 'mac' && set.family !== view.family) return false;
  const entry = findEntry(set, sides, facts, view);
  return entry !== null && !entry.nomatch;
}

/** The packet's own entry for `sides`, as `ipset add` would write it; also what a reader is told. */
export function packetElement(
  parts: readonly Part[],
  sides: readonly SetSide[],
  facts: Facts,
  view: NfView,
): string {
  return parts
    .map((part, i) => {
      const side = sides[i] ?? 'src';
      if (part === 'port') return `${protocolName(facts.protocol)}:${portOf(facts, side)}`;
      if (part === 'iface') return (side === 'src' ? view.in : view.out) ?? '';
      if (part === 'mac') return view.srcMac === null ? '' : printMac(view.srcMac);
      return printAddr(side === 'src' ? facts.src : facts.dst);
    })
    .join(',');
}
