// One entry of an IP set as text: `10.0.0.0/8,tcp:80-90 nomatch` (ipset(8)).
import { err, ok, type Result } from '../base/result.ts';
import { addrBits, network, parsePrefix, printPrefix } from '../wire/addr/prefix.ts';
import { parseAddr, printAddr } from '../wire/addr/ip.ts';
import { parseMac, printMac } from '../wire/addr/mac.ts';
import type { IpAddr, Mac, Prefix } from '../wire/addr/types.ts';
import type { Family } from '../trace/types.ts';
import type { Part } from './ipset.ts';
import { parseIcmpType } from './matches/icmp-types.ts';
import { protocolName, protocolNumber } from './save/protocols.ts';

export type SetPart =
  | { readonly kind: 'range'; readonly min: IpAddr; readonly max: IpAddr }
  | { readonly kind: 'net'; readonly prefix: Prefix }
  | {
      readonly kind: 'port';
      readonly protocol: number | null;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'iface'; readonly name: string; readonly physical: boolean }
  | { readonly kind: 'mac'; readonly mac: Mac };

export interface SetEntry {
  readonly key: string;
  readonly parts: readonly SetPart[];
  readonly nomatch: boolean;
  readonly ignored: readonly string[];
}

function addressRange(text: string, family: Family): SetPart | string {
  const fits = (addr: IpAddr | null): addr is IpAddr =>
    addr !== null && (typeof addr === 'number') === (family === 'ipv4');
  const dash = text.indexOf('-');
  if (dash >= 0) {
    const min = parseAddr(text.slice(0, dash));
    const max = parseAddr(text.slice(dash + 1));
    return fits(min) && fits(max) && min <= max
      ? { kind: 'range', min, max }
      : `"${text}" is not a range of ${family} addresses`;
  }
  const prefix = parsePrefix(text);
  if (prefix === null || !fits(prefix.addr)) return `"${text}" is not an ${family} address`;
  return { kind: 'net', prefix: network(prefix) };
}

/** `tcp:80`, `udp:5-9`, `80` (TCP), `icmp:8/0`, `icmp:echo-request`. A bitmap of ports knows no protocol. */
function portRange(text: string, bitmap: boolean, family: Family): SetPart | string {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const protocol = protocolNumber(name);
  if (protocol === null) return `unknown protocol "${name}"`;
  const rest = text.slice(colon + 1);
  const numbers = /^(\d+)(?:-(\d+))?$/.exec(rest);
  if (numbers === null && (protocol === 1 || protocol === 58)) {
    const icmp = parseIcmpType(rest, family);
    if (icmp === null) return `"${text}" is not an ICMP type`;
    const min = icmp.type * 256 + icmp.codeMin;
    return {
      kind: 'port',
      protocol,
      min,
      max: rest.includes('/') ? min : icmp.type * 256 + icmp.codeMax,
    };
  }
  const min = Number(numbers?.[1] ?? -1);
  const max = Number(numbers?.[2] ?? min);
  if (min < 0 || max > 65535 || min > max) return `"${text}" is not a port or a range of ports`;
  return { kind: 'port', protocol: bitmap ? null : protocol, min, max };
}

/** One spelling for what is the same, that of `ipset list`: `10.0.0.1/32` is `10.0.0.1`, `80` is `tcp:80`. */
function keyOf(part: SetPart): string {
  switch (part.kind) {
    case 'net': {
      const { addr, length } = part.prefix;
      return length === addrBits(addr) ? printAddr(addr) : printPrefix(part.prefix);
    }
    case 'range':
      return `${printAddr(part.min)}-${printAddr(part.max)}`;
    case 'port': {
      const ports = part.min === part.max ? `${part.min}` : `${part.min}-${part.max}`;
      return part.protocol === null ? ports : `${protocolName(part.protocol)}:${ports}`;
    }
    case 'iface':
      return `${part.physical ? 'physdev:' : ''}${part.name}`;
    case 'mac':
      return printMac(part.mac);
  }
}

function parsePart(text: string, part: Part, family: Family, bitmap: boolean): SetPart | string {
  switch (part) {
    case 'ip':
    case 'net':
      return addressRange(text, family);
    case 'port':
      return portRange(text, bitmap, family);
    case 'iface': {
      const physical = text.startsWith('physdev:');
      return { kind: 'iface', name: physical ? text.slice(8) : text, physical };
    }
    case 'mac': {
      const mac = parseMac(text);
      return mac === null ? `"${text}" is not a MAC address` : { kind: 'mac', mac };
    }
  }
}

export function parseSetEntry(
  text: string,
  parts: readonly Part[],
  family: Family,
): Result<SetEntry, string> {
  const [element = '', ...options] = text.trim().split(/\s+/);
  const words = element.split(',');
  if (words.length !== parts.length)
    return err(`it has ${words.length} parts where the type has ${parts.length}`);
  const parsed: SetPart[] = [];
  for (const [i, part] of parts.entries()) {
    const value = parsePart(words[i] ?? '', part, family, parts.length === 1 && part === 'port');
    if (typeof value === 'string') return err(value);
    parsed.push(value);
  }
  const ignored = options.filter((word) => word !== 'nomatch');
  return ok({
    key: parsed.map(keyOf).join(','),
    parts: parsed,
    nomatch: options.includes('nomatch'),
    ignored,
  });
}

/** How specific the addresses of an entry are: the longest prefix decides where `nomatch` entries overlap. */
export const entryLength = (entry: SetEntry): number =>
  entry.parts.reduce(
    (sum, part) =>
      sum +
      (part.kind === 'net' ? part.prefix.length : part.kind === 'range' ? addrBits(part.min) : 0),
    0,
  );
