// What DNAT, SNAT, MASQUERADE and REDIRECT parse and print alike: `addr[-addr][:port[-port]]` and the ways to choose from it
// (libxt_NAT.c; struct nf_nat_range2).
import { printAddr } from '../../wire/addr/ip.ts';
import type { Ipv4 } from '../../wire/addr/types.ts';
import type { Given, ParseContext } from '../module.ts';
import { parseIp, parsePort, readAddr4 } from '../save/values.ts';
import type { NatRange } from '../types.ts';

export const NAT_FLAGS = { random: '0', 'random-fully': '0', persistent: '0' } as const;

type Head = Pick<NatRange, 'manip' | 'by'>;

function has(given: readonly Given[], flag: string): boolean {
  for (const { name } of given) if (name === flag) return true;
  return false;
}

/** The choice flags and no address: what MASQUERADE and REDIRECT start from. */
export function natRange(head: Head, given: readonly Given[]): NatRange {
  return {
    ...head,
    minAddr: null,
    maxAddr: null,
    minPort: null,
    maxPort: null,
    random: has(given, 'random'),
    randomFully: has(given, 'random-fully'),
    persistent: has(given, 'persistent'),
  };
}

/** `[addr]:ports`: an IPv6 address with ports stands in brackets. */
const BRACKETS = /^(?:\[([^\]]*)\])?(?::(.*))?$/;

const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136, 1, 58]);

export function parsePorts(
  text: string,
  ctx: ParseContext,
): { readonly minPort: number; readonly maxPort: number } {
  const { protocol, protocolInvert } = ctx.header;
  if (protocolInvert || protocol === null || !WITH_PORTS.has(protocol))
    ctx.fail('Need TCP, UDP, SCTP or DCCP with port specification', 'add -p tcp or -p udp');
  if (text.includes('/')) ctx.fail('shifted port ranges are not modelled');
  const dash = text.indexOf('-');
  const minPort = parsePort(dash < 0 ? text : text.slice(0, dash), ctx);
  const maxPort = dash < 0 ? minPort : parsePort(text.slice(dash + 1), ctx);
  if (maxPort < minPort) ctx.fail(`port range ${text} goes down`);
  return { minPort, maxPort };
}

function parseAddrs(text: string, ctx: ParseContext): Pick<NatRange, 'minAddr' | 'maxAddr'> {
  const dash = text.indexOf('-');
  const minAddr = text === '' ? null : parseIp(dash < 0 ? text : text.slice(0, dash), ctx);
  const maxAddr = dash < 0 ? minAddr : parseIp(text.slice(dash + 1), ctx);
  if (minAddr !== null && maxAddr !== null && minAddr > maxAddr)
    ctx.warn(`address range ${text} goes down`);
  return { minAddr, maxAddr };
}

export function parseNat(
  head: Head,
  text: string,
  given: readonly Given[],
  ctx: ParseContext,
): NatRange {
  const brackets = ctx.family === 'ipv6' ? BRACKETS.exec(text) : null;
  const colon = ctx.family === 'ipv4' ? text.indexOf(':') : -1;
  const ports = brackets ? (brackets[2] ?? null) : colon < 0 ? null : text.slice(colon + 1);
  const end = colon < 0 ? text.length : colon;
  // One IPv4 address, as nearly always, is read where it stands.
  const quick = ctx.family === 'ipv4' ? readAddr4(text, 0, end) : -1;
  const { minAddr, maxAddr } =
    quick >= 0
      ? { minAddr: quick as Ipv4, maxAddr: quick as Ipv4 }
      : parseAddrs(brackets ? (brackets[1] ?? '') : text.slice(0, end), ctx);
  const range = ports === null ? null : parsePorts(ports, ctx);
  return {
    manip: head.manip,
    by: head.by,
    minAddr,
    maxAddr,
    minPort: range?.minPort ?? null,
    maxPort: range?.maxPort ?? null,
    random: has(given, 'random'),
    randomFully: has(given, 'random-fully'),
    persistent: has(given, 'persistent'),
  };
}

const printRange = (min: string, max: string): string => (min === max ? min : `${min}-${max}`);
export const printPorts = ({ minPort, maxPort }: NatRange): string =>
  minPort === null ? '' : printRange(`${minPort}`, `${maxPort}`);

export function printNat(range: NatRange): string {
  const bracket = typeof range.minAddr === 'bigint' && range.minPort !== null;
  const addrs =
    range.minAddr === null || range.maxAddr === null
      ? ''
      : printRange(printAddr(range.minAddr), printAddr(range.maxAddr));
  if (range.minPort === null) return addrs;
  return `${bracket ? `[${addrs}]` : addrs}:${printPorts(range)}`;
}
export const printFlags = (range: NatRange): string =>
  (range.random ? ' --random' : '') +
  (range.randomFully ? ' --random-fully' : '') +
  (range.persistent ? ' --persistent' : '');
