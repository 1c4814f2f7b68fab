// Addresses of a document, read once when an appliance starts. What cannot be read is told of, and left out.
import { isIpv4, parseAddr } from '../wire/addr/ip.ts';
import { MAC_ZERO, parseMac } from '../wire/addr/mac.ts';
import { network, parsePrefix } from '../wire/addr/prefix.ts';
import type { Ipv4, Mac, Prefix } from '../wire/addr/types.ts';
import type { Complain } from './types.ts';

export function readPrefix(text: string, what: string, complain: Complain): Prefix<Ipv4> | null {
  const prefix = parsePrefix(text);
  if (prefix !== null && isIpv4(prefix.addr)) return network(prefix as Prefix<Ipv4>);
  complain(`${what}: ${text} is no IPv4 address or network`, 'write it as 10.0.1.0/24');
  return null;
}

export function readAddr(text: string, what: string, complain: Complain): Ipv4 | null {
  const addr = parseAddr(text);
  if (addr !== null && isIpv4(addr)) return addr;
  complain(`${what}: ${text} is no IPv4 address`, 'write it as 10.0.1.11');
  return null;
}

export function readMac(text: string, what: string, complain: Complain): Mac {
  const mac = parseMac(text);
  if (mac === null) complain(`${what}: ${text} is no MAC address`, 'write it as 02:00:00:00:00:01');
  return mac ?? MAC_ZERO;
}
