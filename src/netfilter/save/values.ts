// Values as iptables options take them (libxtables xtoptions.c): numbers in C notation, value/mask pairs, ports, hosts.
import { parseAddr } from '../../wire/addr/ip.ts';
import { addrBits, network, parsePrefix } from '../../wire/addr/prefix.ts';
import type { IpAddr, Ipv4, Prefix } from '../../wire/addr/types.ts';
import type { Family } from '../../trace/types.ts';
import type { ParseContext } from '../module.ts';
import { serviceNumber } from './services.ts';

/** strtoul with base 0: decimal, 0x hexadecimal, leading 0 octal. */
export function readNumber(text: string, max = 0xffffffff): number | null {
  const value = readDecimal(text) ?? readAnyBase(text);
  return value === null || value > max ? null : value;
}
/** Nearly all numbers: one to nine digits, the first of them no zero. */
function readDecimal(text: string): number | null {
  if (text.length === 0 || text.length > 9 || text.charCodeAt(0) === 48) return null;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value;
}
function readAnyBase(text: string): number | null {
  if (/^(0|[1-9]\d*)$/.test(text) || /^0x[0-9a-f]+$/i.test(text)) return Number(text);
  return /^0[0-7]+$/.test(text) ? parseInt(text, 8) : null;
}

export function parseNumber(text: string, ctx: ParseContext, what: string, max?: number): number {
  const value = readNumber(text, max);
  if (value === null) ctx.fail(`${what} "${text}" is not a number${max ? ` up to ${max}` : ''}`);
  return value ?? 0;
}

export interface Masked {
  readonly value: number;
  readonly mask: number;
}
/** `0x4000/0x4000`; without a mask all 32 bits count. */
export function parseMasked(text: string, ctx: ParseContext, what: string): Masked {
  const slash = text.indexOf('/');
  if (slash < 0) return { value: parseNumber(text, ctx, what), mask: 0xffffffff };
  return {
    value: parseNumber(text.slice(0, slash), ctx, what),
    mask: parseNumber(text.slice(slash + 1), ctx, `${what} mask`),
  };
}
export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
/** The mask is left out where it is all ones. */
export const printMasked = ({ value, mask }: Masked): string =>
  mask >>> 0 === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;

export interface Range {
  readonly min: number;
  readonly max: number;
}
export function parsePort(text: string, ctx: ParseContext): number {
  const port = readNumber(text, 65535) ?? serviceNumber(text);
  if (port === null) ctx.fail(`invalid port/service "${text}"`, 'give a number from 0 to 65535');
  return port ?? 0;
}
/** `80`, `1024:`, `:1023`, `80:90` (DNAT and multiport use other separators). */
export function parsePortRange(text: string, ctx: ParseContext, separator = ':'): Range {
  const cut = text.indexOf(separator);
  if (cut < 0) {
    const port = parsePort(text, ctx);
    return { min: port, max: port };
  }
  const min = cut === 0 ? 0 : parsePort(text.slice(0, cut), ctx);
  const last = text.slice(cut + 1);
  const max = last === '' ? 65535 : parsePort(last, ctx);
  if (min > max) ctx.fail(`port range ${text} goes down`, `${max}${separator}${min}`);
  return { min, max };
}
export const printPortRange = ({ min, max }: Range, separator = ':'): string =>
  min === max ? `${min}` : `${min}${separator}${max}`;

/** `a`, `a:b`, `a:`, `:b` of plain numbers (length, mss, ...). */
export function parseRange(text: string, ctx: ParseContext, what: string, limit: number): Range {
  const cut = text.indexOf(':');
  if (cut < 0) {
    const value = parseNumber(text, ctx, what, limit);
    return { min: value, max: value };
  }
  const first = text.slice(0, cut);
  const last = text.slice(cut + 1);
  const min = first === '' ? 0 : parseNumber(first, ctx, what, limit);
  const max = last === '' ? limit : parseNumber(last, ctx, what, limit);
  if (min > max) ctx.fail(`${what} range ${text} goes down`, `${max}:${min}`);
  return { min, max };
}

export const isOfFamily = (addr: IpAddr, family: Family): boolean =>
  (typeof addr === 'number') === (family === 'ipv4');

export function parseIp(text: string, ctx: ParseContext): IpAddr {
  const quick = ctx.family === 'ipv4' ? readAddr4(text, 0, text.length) : -1;
  if (quick >= 0) return quick as Ipv4;
  const addr = parseAddr(text);
  if (addr === null || !isOfFamily(addr, ctx.family)) {
    ctx.fail(`"${text}" is not an ${ctx.family === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
    return (ctx.family === 'ipv4' ? 0 : 0n) as IpAddr;
  }
  return addr;
}

/** Host, CIDR or address/netmask as `-s` takes it, host bits cleared. */
export function parseHost(text: string, ctx: ParseContext): Prefix {
  const slash = text.indexOf('/');
  const mask = slash < 0 ? '' : text.slice(slash + 1);
  if (mask.includes('.')) {
    const length = maskLength(mask);
    if (length === null)
      ctx.fail(`netmask ${mask} is not a prefix`, 'write the network as address/length');
    return network({ addr: parseIp(text.slice(0, slash), ctx), length: length ?? 32 });
  }
  if (slash < 0) {
    const addr = parseIp(text, ctx);
    return { addr, length: ctx.family === 'ipv4' ? 32 : 128 };
  }
  const prefix = parsePrefix(text) ?? parsePrefix(fillDots(text, slash));
  if (prefix === null || !isOfFamily(prefix.addr, ctx.family)) {
    ctx.fail(
      `host/network "${text}" not found`,
      'give an address of the family, or address/length',
    );
    return { addr: parseIp(ctx.family === 'ipv4' ? '0.0.0.0' : '::', ctx), length: 0 };
  }
  return prefix.length === addrBits(prefix.addr) ? prefix : network(prefix);
}

const DOT = 46;
const SLASH = 47;
/** `10.96.0.10` by its characters, in the text from `from` to `to`; -1 for whatever looks different. */
export function readAddr4(text: string, from: number, to: number): number {
  let addr = 0;
  let part = -1;
  let parts = 0;
  for (let at = from; at < to; at++) {
    const c = text.charCodeAt(at);
    if (c >= 48 && c <= 57) {
      if (part === 0) return -1;
      part = (part < 0 ? 0 : part * 10) + c - 48;
      if (part > 255) return -1;
    } else if (c === DOT && part >= 0) {
      addr = addr * 256 + part;
      part = -1;
      parts++;
    } else return -1;
  }
  return parts === 3 && part >= 0 ? addr * 256 + part : -1;
}
/** `10.96.0.10/32` likewise, also without a length; null for whatever looks different, also for length 0. */
export function readHost4(text: string, from = 0, to = text.length): Prefix | null {
  let slash = to - 1;
  while (slash >= to - 3 && slash > from && text.charCodeAt(slash) !== SLASH) slash--;
  const has = text.charCodeAt(slash) === SLASH;
  const length = has ? readLength4(text, slash + 1, to) : 32;
  const addr = readAddr4(text, from, has ? slash : to);
  if (addr < 0 || length === 0) return null;
  return length === 32 ? { addr: addr as Ipv4, length } : network({ addr: addr as Ipv4, length });
}
/** 1 to 32 in one or two digits; 0 for whatever looks different. */
function readLength4(text: string, from: number, to: number): number {
  const first = text.charCodeAt(from) - 48;
  if (!(first >= 1 && first <= 9) || to - from > 2 || to <= from) return 0;
  if (to - from === 1) return first;
  const second = text.charCodeAt(from + 1) - 48;
  const length = first * 10 + second;
  return second >= 0 && second <= 9 && length <= 32 ? length : 0;
}

/** `10/8` and `192.168/16`: missing parts of an IPv4 network are zero. */
function fillDots(text: string, slash: number): string {
  const dots = text.slice(0, slash).split('.').length;
  return /^[\d.]+$/.test(text.slice(0, slash)) && dots < 4
    ? text.slice(0, slash) + '.0'.repeat(4 - dots) + text.slice(slash)
    : text;
}

function maskLength(text: string): number | null {
  const mask = parseAddr(text);
  if (typeof mask !== 'number') return null;
  const length = Math.clz32(~mask >>> 0);
  return (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) === mask ? length : null;
}

/** A device name with an optional `+` at its end matches itself or all that begin so. */
export function deviceFits(name: string | null, pattern: string): boolean {
  const device = name ?? '';
  return pattern.endsWith('+') ? device.startsWith(pattern.slice(0, -1)) : device === pattern;
}
