// -m tcp: ports, flags, the presence of an option (net/netfilter/xt_tcpudp.c tcp_mt).
import type { TcpOption } from '../../wire/types.ts';
import type { Facts } from '../facts.ts';
import { bang, find, type MatchModule } from '../module.ts';
import { parseNumber } from '../save/values.ts';
import { parseBothPorts, PORT_OPTIONS, portFits, portMismatch, printBothPorts } from './ports.ts';
import type { PortsSpec } from './ports.ts';
import { flagBits, parseFlags, printFlags, SYN_MASK, SYN_ONLY } from './tcp-flags.ts';

export interface TcpSpec extends PortsSpec {
  readonly flags: { readonly mask: number; readonly comp: number; readonly invert: boolean } | null;
  readonly option: { readonly number: number; readonly invert: boolean } | null;
}

const OPTION_NUMBER = {
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
  nop: 1,
} as const;
const optionNumber = (option: TcpOption): number =>
  option.kind === 'unknown' ? option.number : OPTION_NUMBER[option.kind];

/** The TCP header, or null. A packet that should have one and has not is dropped, as is a tiny second fragment. */
function header(facts: Facts) {
  if (facts.transport?.kind === 'tcp') return facts.transport.header;
  if (facts.fragOffset <= 1) facts.hotdrop = true;
  return null;
}

export const tcp: MatchModule<TcpSpec> = {
  name: 'tcp',
  limits: { protocols: [6] },
  options: { ...PORT_OPTIONS, syn: '!0', 'tcp-flags': '!2', 'tcp-option': '!1' },
  pure: true,
  parse(given, ctx) {
    const syn = find(given, 'syn');
    const flags = find(given, 'tcp-flags');
    const option = find(given, 'tcp-option');
    if (syn && flags) ctx.fail('Only one of `--syn` or `--tcp-flags` allowed');
    return {
      ...parseBothPorts(given, ctx),
      flags: syn
        ? { mask: SYN_MASK, comp: SYN_ONLY, invert: syn.invert }
        : flags
          ? {
              mask: parseFlags(flags.values[0] ?? '', ctx),
              comp: parseFlags(flags.values[1] ?? '', ctx),
              invert: flags.invert,
            }
          : null,
      option: option
        ? {
            number: parseNumber(option.values[0] ?? '', ctx, 'TCP option', 255),
            invert: option.invert,
          }
        : null,
    };
  },
  print(spec) {
    const { option, flags } = spec;
    const optionText = option ? `${bang(option.invert)} --tcp-option ${option.number}` : '';
    const flagsText =
      flags && (flags.mask !== 0 || flags.invert)
        ? `${bang(flags.invert)} --tcp-flags ${printFlags(flags.mask)} ${printFlags(flags.comp)}`
        : '';
    return printBothPorts(spec) + optionText + flagsText;
  },
  compile: (spec) => (facts) => {
    const tcpHeader = header(facts);
    if (tcpHeader === null) return false;
    if (!portFits(spec.sport, tcpHeader.sport) || !portFits(spec.dport, tcpHeader.dport))
      return false;
    const { flags, option } = spec;
    if (
      flags !== null &&
      ((flagBits(tcpHeader.flags) & flags.mask) === flags.comp) === flags.invert
    )
      return false;
    return (
      option === null ||
      tcpHeader.options.some((o) => optionNumber(o) === option.number) !== option.invert
    );
  },
  explain(spec, facts) {
    if (facts.transport?.kind !== 'tcp') return 'the packet has no TCP header';
    const { header: h } = facts.transport;
    const ports = portMismatch(spec, h.sport, h.dport);
    if (ports !== null) return ports;
    const { flags, option } = spec;
    if (flags !== null && ((flagBits(h.flags) & flags.mask) === flags.comp) === flags.invert)
      return `TCP flags ${printFlags(flagBits(h.flags))}: of ${printFlags(flags.mask)} ${flags.invert ? 'exactly' : 'not exactly'} ${printFlags(flags.comp)} set`;
    if (
      option !== null &&
      h.options.some((o) => optionNumber(o) === option.number) === option.invert
    )
      return `TCP option ${option.number} is ${option.invert ? '' : 'not '}there`;
    return null;
  },
};
