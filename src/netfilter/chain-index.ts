// Finds the next rule of a long chain that can match, without looking at all: most rules of such chains name one address,
// one port or one device. Invisible: the walk sees the same matches in the same order (a property test proves it).
import type { Facts } from './facts.ts';
import type { CompiledRule } from './compile.ts';
import { exactHost } from './save/header.ts';

/** Positions in a chain, ascending. */
type Places = number[];
type Key = number | bigint | string;
interface AddrBucket {
  readonly any: Places;
  /** By protocol << 16 | destination port. */
  readonly ports: Map<number, Places>;
}
export interface ChainIndex {
  readonly dst: ReadonlyMap<Key, AddrBucket>;
  readonly src: ReadonlyMap<Key, Places>;
  readonly ports: ReadonlyMap<number, Places>;
  readonly in: ReadonlyMap<string, Places>;
  readonly out: ReadonlyMap<string, Places>;
  /** What no key leads to. */
  readonly rest: Places;
}

const portKey = (protocol: number, port: number): number => (protocol << 16) | port;

function add<K>(map: Map<K, Places>, key: K, place: number): void {
  const places = map.get(key);
  if (places === undefined) map.set(key, [place]);
  else places.push(place);
}
const exactDevice = (name: string | null, invert: boolean): name is string =>
  name !== null && !invert && !name.endsWith('+');

/** null where most rules have no key. */
export function buildIndex(rules: readonly CompiledRule[]): ChainIndex | null {
  const index = {
    dst: new Map<Key, AddrBucket>(),
    src: new Map<Key, Places>(),
    ports: new Map<number, Places>(),
    in: new Map<string, Places>(),
    out: new Map<string, Places>(),
    rest: [] as Places,
  };
  for (const [place, { rule, head }] of rules.entries()) {
    const { header: h } = rule;
    const port =
      head.protocol !== 0 &&
      !head.protocolInvert &&
      head.dportMin >= 0 &&
      head.dportMin === head.dportMax
        ? portKey(head.protocol, head.dportMin)
        : null;
    if (exactHost(h.dst, h.dstInvert)) {
      let bucket = index.dst.get(h.dst.addr);
      if (bucket === undefined) index.dst.set(h.dst.addr, (bucket = { any: [], ports: new Map() }));
      if (port === null) bucket.any.push(place);
      else add(bucket.ports, port, place);
    } else if (exactHost(h.src, h.srcInvert)) add(index.src, h.src.addr, place);
    else if (port !== null) add(index.ports, port, place);
    else if (exactDevice(h.in, h.inInvert)) add(index.in, h.in, place);
    else if (exactDevice(h.out, h.outInvert)) add(index.out, h.out, place);
    else index.rest.push(place);
  }
  return index.rest.length > rules.length / 2 ? null : index;
}

/** The first of `places` from `from` on, or `otherwise`. */
function firstFrom(places: Places | undefined, from: number, otherwise: number): number {
  if (places === undefined) return otherwise;
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]! < from) low = middle + 1;
    else high = middle;
  }
  const found = places[low];
  return found === undefined || found > otherwise ? otherwise : found;
}

/** The next place from `from` on whose rule can match; `end` where none can. */
export function nextPlace(
  index: ChainIndex,
  from: number,
  end: number,
  facts: Facts,
  input: string,
  output: string,
): number {
  // Without a transport header a port test drops the packet: then every rule counts.
  if (facts.dport < 0 && (facts.protocol === 6 || facts.protocol === 17)) return from;
  const port = facts.dport < 0 ? -1 : portKey(facts.protocol, facts.dport);
  let place = firstFrom(index.rest, from, end);
  const bucket = index.dst.get(facts.dst);
  if (bucket !== undefined) {
    place = firstFrom(bucket.any, from, place);
    place = firstFrom(bucket.ports.get(port), from, place);
  }
  if (index.src.size > 0) place = firstFrom(index.src.get(facts.src), from, place);
  if (index.ports.size > 0) place = firstFrom(index.ports.get(port), from, place);
  if (index.in.size > 0) place = firstFrom(index.in.get(input), from, place);
  return index.out.size > 0 ? firstFrom(index.out.get(output), from, place) : place;
}
