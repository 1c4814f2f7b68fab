// -m addrtype: what kind of address the routing tables say it is (net/netfilter/xt_addrtype.c).
// Simplified: for IPv6 the kernel asks its own table by flags; the type of the route is taken instead.
import type { IpAddr } from '../../wire/addr/types.ts';
import { isLoopback, isMulticast, isZero, printAddr } from '../../wire/addr/ip.ts';
import { bang, find, type Given, type MatchModule, type ParseContext } from '../module.ts';
import type { HookName, RouteType } from '../../trace/types.ts';
import type { NfView } from '../types.ts';

/** Bits in the kernel's order of RTN_*. */
const TYPES = [
  'UNSPEC', 'UNICAST', 'LOCAL', 'BROADCAST', 'ANYCAST', 'MULTICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT',
  'THROW', 'NAT', 'XRESOLVE',
] as const; // prettier-ignore
const bitOf = (name: string): number => 1 << TYPES.findIndex((type) => type === name);
const [UNSPEC, UNICAST, LOCAL, ANYCAST, MULTICAST, UNREACHABLE] = (
  ['UNSPEC', 'UNICAST', 'LOCAL', 'ANYCAST', 'MULTICAST', 'UNREACHABLE'] as const
).map(bitOf) as [number, number, number, number, number, number];

/** addrtype_mt_checkentry_v1 refuses these. */
const NOT_IN_IPV6 = ['BROADCAST', 'BLACKHOLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE']
  .map(bitOf)
  .reduce((all, bit) => all | bit);

interface Types {
  readonly bits: number;
  readonly invert: boolean;
}
export interface AddrtypeSpec {
  readonly src: Types | null;
  readonly dst: Types | null;
  /** Only addresses of the device it came in on (or goes out on) count. */
  readonly limit: 'in' | 'out' | null;
}

function parseTypes(option: Given | undefined, ctx: ParseContext): Types | null {
  if (option === undefined) return null;
  let bits = 0;
  for (const name of (option.values[0] ?? '').split(',')) {
    const known = TYPES.some((type) => type === name.toUpperCase());
    if (!known) ctx.fail(`addrtype: bad type "${name}"`, TYPES.join(', '));
    else bits |= bitOf(name.toUpperCase());
  }
  return { bits, invert: option.invert };
}
const printTypes = (bits: number): string => TYPES.filter((_, i) => bits & (1 << i)).join(',');

const typeBit = (type: RouteType): number =>
  type === 'none' ? UNICAST : bitOf(type.toUpperCase());

/** match_type6: some types follow from the address itself, the others need the table. */
function fits6(bits: number, addr: IpAddr, type: RouteType): boolean {
  if (bits & MULTICAST && !isMulticast(addr)) return false;
  if (bits & UNICAST && (isMulticast(addr) || isZero(addr))) return false;
  if (bits & UNSPEC && !isZero(addr)) return false;
  if (!(bits & (LOCAL | ANYCAST | UNREACHABLE))) return true;
  return (bits & (isLoopback(addr) ? LOCAL : typeBit(type))) !== 0;
}

function mismatchOf(
  spec: AddrtypeSpec,
  view: NfView,
  side: 'src' | 'dst',
  addr: IpAddr,
): string | null {
  const types = spec[side];
  if (types === null) return null;
  const dev = spec.limit === 'in' ? view.in : spec.limit === 'out' ? view.out : null;
  const type = view.addrType(addr, dev);
  const fits =
    view.family === 'ipv4' ? (types.bits & typeBit(type)) !== 0 : fits6(types.bits, addr, type);
  if (fits !== types.invert) return null;
  return `${printAddr(addr)} is ${type.toUpperCase()}${dev === null ? '' : ` on ${dev}`}, ${types.invert ? '' : 'not '}${printTypes(types.bits)}`;
}

const refused: Readonly<Record<'in' | 'out', readonly HookName[]>> = {
  in: ['POSTROUTING', 'OUTPUT'],
  out: ['PREROUTING', 'INPUT'],
};

export const addrtype: MatchModule<AddrtypeSpec> = {
  name: 'addrtype',
  options: { 'src-type': '!1', 'dst-type': '!1', 'limit-iface-in': '0', 'limit-iface-out': '0' },
  pure: true,
  parse(given, ctx) {
    const src = parseTypes(find(given, 'src-type'), ctx);
    const dst = parseTypes(find(given, 'dst-type'), ctx);
    const limitIn = find(given, 'limit-iface-in');
    const limitOut = find(given, 'limit-iface-out');
    if (!src && !dst) ctx.fail('addrtype: you must specify --src-type or --dst-type');
    if (ctx.family === 'ipv6' && ((src?.bits ?? 0) | (dst?.bits ?? 0)) & NOT_IN_IPV6)
      ctx.fail('addrtype: ipv6 does not support BROADCAST, BLACKHOLE, PROHIBIT, THROW and NAT');
    if (limitIn && limitOut) ctx.fail('--limit-iface-in and --limit-iface-out exclude each other');
    return { src, dst, limit: limitIn ? 'in' : limitOut ? 'out' : null };
  },
  print: ({ src, dst, limit }) =>
    (src ? `${bang(src.invert)} --src-type ${printTypes(src.bits)}` : '') +
    (dst ? `${bang(dst.invert)} --dst-type ${printTypes(dst.bits)}` : '') +
    (limit ? ` --limit-iface-${limit}` : ''),
  compile: (spec) => (facts, view) =>
    mismatchOf(spec, view, 'src', facts.src) === null &&
    mismatchOf(spec, view, 'dst', facts.dst) === null,
  explain: (spec, facts, view) =>
    mismatchOf(spec, view, 'src', facts.src) ?? mismatchOf(spec, view, 'dst', facts.dst),
  refusedHooks: ({ limit }) => (limit === null ? [] : refused[limit]),
};
