// The head of a rule as numbers (struct ipt_ip): words under masks, so that a rule that does not fit costs a few operations.
// The port of `-m tcp|udp --dport` is drawn in here, where nothing before it remembers anything.
import type { IpAddr, Prefix } from '../wire/addr/types.ts';
import type { Facts } from './facts.ts';
import { findMatch, type MatchSpec } from './matches/index.ts';
import type { Rule } from './types.ts';

interface Words {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}
export interface AddrTest {
  readonly value: Words;
  readonly mask: Words;
  readonly invert: boolean;
}
export interface DeviceTest {
  readonly name: string;
  /** `veth+`: the name is a beginning. */
  readonly prefix: boolean;
  readonly invert: boolean;
}
export interface Head {
  readonly src: AddrTest | null;
  readonly dst: AddrTest | null;
  readonly in: DeviceTest | null;
  readonly out: DeviceTest | null;
  readonly protocol: number;
  readonly protocolInvert: boolean;
  readonly fragment: boolean | null;
  /** Bounds of the destination port; -1: not asked, or not to be asked here. */
  readonly dportMin: number;
  readonly dportMax: number;
}

const part = (value: bigint, shift: bigint): number => Number((value >> shift) & 0xffffffffn) | 0;
const words6 = (value: bigint): Words => ({
  w0: part(value, 96n),
  w1: part(value, 64n),
  w2: part(value, 32n),
  w3: part(value, 0n),
});
const words4 = (value: number): Words => ({ w0: value | 0, w1: 0, w2: 0, w3: 0 });
const words = (addr: IpAddr): Words =>
  typeof addr === 'bigint' ? words6(addr) : words4(addr as number);
const maskWords = ({ addr, length }: Prefix): Words =>
  typeof addr === 'bigint'
    ? words6(((1n << BigInt(length)) - 1n) << BigInt(128 - length))
    : words4(length === 0 ? 0 : 0xffffffff << (32 - length));

function addrTest(prefix: Prefix | null, invert: boolean): AddrTest | null {
  return prefix === null ? null : { value: words(prefix.addr), mask: maskWords(prefix), invert };
}
function deviceTest(name: string | null, invert: boolean): DeviceTest | null {
  if (name === null) return null;
  const prefix = name.endsWith('+');
  return { name: prefix ? name.slice(0, -1) : name, prefix, invert };
}

/** The port range that the rule asks for with its first match that is no mere comment or pure test. */
function dport(rule: Rule): { readonly min: number; readonly max: number } | null {
  for (const { name, spec } of rule.matches) {
    if (name === 'tcp' || name === 'udp') {
      const port = (spec as MatchSpec<'tcp' | 'udp'>).dport;
      if (port !== null && !port.invert) return port;
    }
    if (findMatch(name)?.pure !== true) return null;
  }
  return null;
}

export function compileHead(rule: Rule): Head {
  const h = rule.header;
  const port = dport(rule);
  return {
    src: addrTest(h.src, h.srcInvert),
    dst: addrTest(h.dst, h.dstInvert),
    in: deviceTest(h.in, h.inInvert),
    out: deviceTest(h.out, h.outInvert),
    protocol: h.protocol ?? 0,
    protocolInvert: h.protocolInvert,
    fragment: h.fragment,
    dportMin: port?.min ?? -1,
    dportMax: port?.max ?? -1,
  };
}

const deviceFits = (test: DeviceTest, name: string): boolean =>
  (test.prefix ? name.startsWith(test.name) : name === test.name) !== test.invert;

/** ip_packet_match and ip6_packet_match. `input` and `output` are '' where there is no device. */
export function headFits(h: Head, f: Facts, input: string, output: string): boolean {
  const { src, dst } = h;
  if (
    dst !== null &&
    (((f.d0 ^ dst.value.w0) & dst.mask.w0) === 0 &&
      ((f.d3 ^ dst.value.w3) & dst.mask.w3) === 0 &&
      ((f.d1 ^ dst.value.w1) & dst.mask.w1) === 0 &&
      ((f.d2 ^ dst.value.w2) & dst.mask.w2) === 0) === dst.invert
  )
    return false;
  if (h.dportMin >= 0 && f.dport >= 0 && (f.dport < h.dportMin || f.dport > h.dportMax))
    return false;
  if (
    src !== null &&
    (((f.s0 ^ src.value.w0) & src.mask.w0) === 0 &&
      ((f.s3 ^ src.value.w3) & src.mask.w3) === 0 &&
      ((f.s1 ^ src.value.w1) & src.mask.w1) === 0 &&
      ((f.s2 ^ src.value.w2) & src.mask.w2) === 0) === src.invert
  )
    return false;
  if (h.in !== null && !deviceFits(h.in, input)) return false;
  if (h.out !== null && !deviceFits(h.out, output)) return false;
  if (h.protocol !== 0 && (f.protocol === h.protocol) === h.protocolInvert) return false;
  return h.fragment === null || (f.fragOffset !== 0) === h.fragment;
}
