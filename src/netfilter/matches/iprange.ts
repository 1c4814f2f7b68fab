// -m iprange: addresses between two (net/netfilter/xt_iprange.c).
import { printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import {
  bang,
  byMismatch,
  find,
  type Given,
  type MatchModule,
  type ParseContext,
} from '../module.ts';
import { parseIp } from '../save/values.ts';

interface AddrRange {
  readonly min: IpAddr;
  readonly max: IpAddr;
  readonly invert: boolean;
}
export interface IprangeSpec {
  readonly src: AddrRange | null;
  readonly dst: AddrRange | null;
}
function parseAddrs(option: Given | undefined, ctx: ParseContext): AddrRange | null {
  if (option === undefined) return null;
  const text = option.values[0] ?? '';
  const dash = text.indexOf('-');
  const min = parseIp(dash < 0 ? text : text.slice(0, dash), ctx);
  const max = dash < 0 ? min : parseIp(text.slice(dash + 1), ctx);
  if (min > max) ctx.warn(`address range ${text} goes down: no address is in it`);
  return { min, max, invert: option.invert };
}
const words = ({ min, max }: AddrRange): string => `${printAddr(min)}-${printAddr(max)}`;
const printOne = (name: string, range: AddrRange | null): string =>
  range ? `${bang(range.invert)} --${name} ${words(range)}` : '';
const rangeMismatch = (range: AddrRange | null, addr: IpAddr): string | null =>
  range === null || (addr >= range.min && addr <= range.max) !== range.invert
    ? null
    : `${printAddr(addr)} is ${range.invert ? '' : 'not '}in ${words(range)}`;

export const iprange: MatchModule<IprangeSpec> = {
  name: 'iprange',
  options: { 'src-range': '!1', 'dst-range': '!1' },
  parse(given, ctx) {
    if (given.length === 0) ctx.fail('iprange match: you must specify --src-range or --dst-range');
    return {
      src: parseAddrs(find(given, 'src-range'), ctx),
      dst: parseAddrs(find(given, 'dst-range'), ctx),
    };
  },
  print: ({ src, dst }) => printOne('src-range', src) + printOne('dst-range', dst),
  ...byMismatch<IprangeSpec>(
    (spec, facts) => rangeMismatch(spec.src, facts.src) ?? rangeMismatch(spec.dst, facts.dst),
  ),
};
