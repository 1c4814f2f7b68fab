// Why a rule did not match a packet: the first condition that does not fit, in the order in which the kernel looks.
// Pure and on demand; what a match remembers between packets is told in general words.
import { printPrefix } from '../wire/addr/prefix.ts';
import { printAddr } from '../wire/addr/ip.ts';
import { contains } from '../wire/addr/prefix.ts';
import type { IpAddr, Prefix } from '../wire/addr/types.ts';
import { moduleOf } from './compile.ts';
import { protocolName } from './save/protocols.ts';
import { deviceFits } from './save/values.ts';
import type { NfView, Rule } from './types.ts';

const is = (invert: boolean): string => (invert ? 'is' : 'is not');

function address(
  side: string,
  prefix: Prefix | null,
  invert: boolean,
  addr: IpAddr,
): string | null {
  if (prefix === null || contains(prefix, addr) !== invert) return null;
  return `${side} ${printAddr(addr)} ${is(invert)} in ${printPrefix(prefix)}`;
}
function device(
  side: string,
  pattern: string | null,
  invert: boolean,
  name: string | null,
): string | null {
  if (pattern === null || deviceFits(name, pattern) !== invert) return null;
  return name === null
    ? `there is no ${side} device`
    : `${side} device ${name} ${is(invert)} ${pattern}`;
}

/** `dport 80 is not 443`; `it matches` where every condition fits. */
export function whyNot(rule: Rule, view: NfView): string {
  const { facts } = view;
  const { header: h } = rule;
  const head =
    address('source', h.src, h.srcInvert, facts.src) ??
    address('destination', h.dst, h.dstInvert, facts.dst) ??
    device('in', h.in, h.inInvert, view.in) ??
    device('out', h.out, h.outInvert, view.out);
  if (head !== null) return head;
  if (h.protocol !== null && (facts.protocol === h.protocol) === h.protocolInvert)
    return `protocol ${protocolName(facts.protocol)} ${is(h.protocolInvert)} ${protocolName(h.protocol)}`;
  if (h.fragment !== null && (facts.fragOffset !== 0) !== h.fragment)
    return h.fragment ? 'it is not a later fragment' : 'it is a later fragment';
  const remembered: string[] = [];
  for (const match of rule.matches) {
    const module = moduleOf(match);
    const reason = module.explain(match.spec, facts, view);
    if (reason === null) continue;
    if (module.pure) return reason;
    remembered.push(reason);
  }
  return remembered[0] ?? 'it matches';
}
