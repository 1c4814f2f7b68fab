// The head of a rule, `-s -d -i -o -p -f`, as text and as value (struct ipt_ip, ip6t_ip6; iptables.c print_rule4).
import { addrBits, printPrefix } from '../../wire/addr/prefix.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { bang, type ParseContext } from '../module.ts';
import type { RuleHeader } from '../types.ts';
import { protocolName, protocolNumber } from './protocols.ts';
import { parseHost } from './values.ts';

export type HeaderDraft = { -readonly [K in keyof RuleHeader]: RuleHeader[K] };
/** A head without conditions, to write into. (Spread copies would not all have one shape to the engine that runs this.) */
export const anyHeader = (): HeaderDraft => ({
  src: null,
  srcInvert: false,
  dst: null,
  dstInvert: false,
  in: null,
  inInvert: false,
  out: null,
  outInvert: false,
  protocol: null,
  protocolInvert: false,
  fragment: null,
});
export const ANY_HEADER: RuleHeader = anyHeader();

/** `-s a,b` makes one rule of each. An address of length 0 says nothing, unless inverted. */
export function parseHosts(
  text: string,
  invert: boolean,
  ctx: ParseContext,
): readonly (Prefix | null)[] {
  const hosts = text.includes(',')
    ? text.split(',').map((word) => parseHost(word, ctx))
    : [parseHost(text, ctx)];
  if (invert && hosts.length > 1)
    ctx.fail(
      '! not allowed with multiple source or destination addresses',
      'write one rule for each',
    );
  if (invert || hosts.every(({ length }) => length > 0)) return hosts;
  return hosts.map((prefix) => (prefix.length === 0 ? null : prefix));
}

export function parseProtocol(text: string, invert: boolean, ctx: ParseContext): number | null {
  const protocol = protocolNumber(text);
  if (protocol === null) ctx.fail(`unknown protocol "${text}" specified`);
  if (protocol === 0 && invert) ctx.fail('rule would never match protocol');
  return protocol === 0 ? null : protocol;
}

/** null for `+`, which any device fits. */
export function parseDevice(text: string, ctx: ParseContext): string | null {
  if (text === '') ctx.fail('Empty interface is likely to be undesired');
  if (text.length > 15) ctx.fail(`interface name "${text}" must be shorter than 16 characters`);
  return text === '+' ? null : text;
}

const printHost = (option: string, prefix: Prefix | null, invert: boolean): string =>
  prefix === null ? '' : `${bang(invert)} ${option} ${printPrefix(prefix)}`;

export const printHeader = (h: RuleHeader): string =>
  printHost('-s', h.src, h.srcInvert) +
  printHost('-d', h.dst, h.dstInvert) +
  (h.in === null ? '' : `${bang(h.inInvert)} -i ${h.in}`) +
  (h.out === null ? '' : `${bang(h.outInvert)} -o ${h.out}`) +
  (h.protocol === null ? '' : `${bang(h.protocolInvert)} -p ${protocolName(h.protocol)}`) +
  (h.fragment === null ? '' : `${bang(!h.fragment)} -f`);

/** No condition at all: the kernel's unconditional(). */
export const isAnyHeader = (h: RuleHeader): boolean =>
  h.src === null &&
  h.dst === null &&
  h.in === null &&
  h.out === null &&
  h.protocol === null &&
  h.fragment === null;

/** The whole address, not inverted: what an index can look up. */
export const exactHost = (prefix: Prefix | null, invert: boolean): prefix is Prefix =>
  prefix !== null && !invert && prefix.length === addrBits(prefix.addr);
