// Source and destination ports of `-m tcp` and `-m udp` (net/netfilter/xt_tcpudp.c port_match).
import { bang, find, type Given, type ParseContext } from '../module.ts';
import { parsePortRange, printPortRange, type Range } from '../save/values.ts';

export interface PortSpec extends Range {
  readonly invert: boolean;
}
export interface PortsSpec {
  readonly sport: PortSpec | null;
  readonly dport: PortSpec | null;
}

export const PORT_OPTIONS = {
  sport: '!1',
  'source-port': '!1',
  dport: '!1',
  'destination-port': '!1',
} as const;

function parsePorts(option: Given | undefined, ctx: ParseContext): PortSpec | null {
  if (option === undefined) return null;
  const text = option.values[0] ?? '';
  return { ...parsePortRange(text, ctx), invert: option.invert };
}
export const parseBothPorts = (given: readonly Given[], ctx: ParseContext): PortsSpec => ({
  sport: parsePorts(find(given, 'sport', 'source-port'), ctx),
  dport: parsePorts(find(given, 'dport', 'destination-port'), ctx),
});

/** `0:65535` is not printed, not even inverted. */
const says = (port: PortSpec | null): port is PortSpec =>
  port !== null && (port.min !== 0 || port.max !== 65535);
const printOne = (name: string, port: PortSpec | null): string =>
  says(port) ? `${bang(port.invert)} --${name} ${printPortRange(port)}` : '';
export const printBothPorts = ({ sport, dport }: PortsSpec): string =>
  printOne('sport', sport) + printOne('dport', dport);

export const portFits = (port: PortSpec | null, value: number): boolean =>
  port === null || (value >= port.min && value <= port.max) !== port.invert;

export function portMismatch(spec: PortsSpec, sport: number, dport: number): string | null {
  for (const [name, port, value] of [
    ['sport', spec.sport, sport],
    ['dport', spec.dport, dport],
  ] as const)
    if (port !== null && !portFits(port, value))
      return `${name} ${value} is ${port.invert ? '' : 'not '}${port.min === port.max ? '' : 'in '}${printPortRange(port)}`;
  return null;
}
