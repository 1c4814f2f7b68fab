// The conditions of `-m conntrack` on the two tuples of a connection: --ctproto, --ctorigsrc, --ctreplsrcport, ...
import type { CtEntry } from '../../conntrack/types.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import { addrBits, contains } from '../../wire/addr/prefix.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { bang, type Given, type ParseContext } from '../module.ts';
import { protocolName, protocolNumber } from '../save/protocols.ts';
import { parseHost, parsePortRange, printPortRange, type Range } from '../save/values.ts';

/** In the order in which iptables-save prints them. */
const ADDRS = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst'] as const;
const PORTS = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport'] as const;
type AddrField = (typeof ADDRS)[number];
type PortField = (typeof PORTS)[number];

export type TupleCondition = { readonly invert: boolean } & (
  | { readonly field: 'ctproto'; readonly protocol: number }
  | { readonly field: AddrField; readonly prefix: Prefix }
  | { readonly field: PortField; readonly range: Range }
);

export const TUPLE_OPTIONS = {
  ctproto: '!1',
  ctorigsrc: '!1',
  ctorigdst: '!1',
  ctreplsrc: '!1',
  ctrepldst: '!1',
  ctorigsrcport: '!1',
  ctorigdstport: '!1',
  ctreplsrcport: '!1',
  ctrepldstport: '!1',
} as const;

const isAddr = (name: string): name is AddrField => (ADDRS as readonly string[]).includes(name);
const isPort = (name: string): name is PortField => (PORTS as readonly string[]).includes(name);

export function parseTupleOption(option: Given, ctx: ParseContext): TupleCondition {
  const text = option.values[0] ?? '';
  const { name, invert } = option;
  if (isAddr(name)) return { field: name, prefix: parseHost(text, ctx), invert };
  if (isPort(name)) return { field: name, range: parsePortRange(text, ctx), invert };
  const protocol = protocolNumber(text);
  if (protocol === null) ctx.fail(`unknown protocol "${text}"`);
  return { field: 'ctproto', protocol: protocol ?? 0, invert };
}

function printValue(condition: TupleCondition): string {
  if (condition.field === 'ctproto') return `${condition.protocol}`;
  if ('range' in condition) return printPortRange(condition.range);
  const { addr, length } = condition.prefix;
  return length === addrBits(addr) ? printAddr(addr) : `${printAddr(addr)}/${length}`;
}
const ORDER: readonly string[] = ['ctproto', ...ADDRS, ...PORTS];
export const printTuple = (conditions: readonly TupleCondition[]): string =>
  [...conditions]
    .sort((a, b) => ORDER.indexOf(a.field) - ORDER.indexOf(b.field))
    .map((c) => `${bang(c.invert)} --${c.field} ${printValue(c)}`)
    .join('');

export function tupleMismatch(
  conditions: readonly TupleCondition[],
  entry: CtEntry,
): string | null {
  for (const condition of conditions) {
    const { field, invert } = condition;
    const tuple = field.includes('repl') ? entry.reply : entry.original;
    let fits: boolean;
    let value: string;
    if (field === 'ctproto') {
      fits = tuple.protocol === condition.protocol;
      value = protocolName(tuple.protocol);
    } else if ('range' in condition) {
      const port = field.includes('src') ? tuple.sport : tuple.dport;
      fits = port >= condition.range.min && port <= condition.range.max;
      value = `${port}`;
    } else {
      const addr = field.includes('src') ? tuple.src : tuple.dst;
      fits = contains(condition.prefix, addr);
      value = printAddr(addr);
    }
    if (fits === invert)
      return `${field} ${value} is ${invert ? '' : 'not '}${printValue(condition)}`;
  }
  return null;
}
