// IP text as Kubernetes reads it: Go's old parser took leading zeros as decimal, and stored objects may still hold such spellings
// (k8s.io/utils/net ParseIPSloppy). Printed it is always canonical.
import { isIpv4, parseAddr, printAddr } from '../../wire/addr/ip.ts';
import { network, parsePrefix, printPrefix } from '../../wire/addr/prefix.ts';
import type { IpAddr, Prefix } from '../../wire/addr/types.ts';
import type { IpFamily } from '../objects/service.ts';

const decimal = (text: string): string =>
  text.includes(':') ? text : text.replace(/\b0+(?=\d)/g, '');

export const parseSloppy = (text: string): IpAddr | null => parseAddr(decimal(text.trim()));

export function parseCidrSloppy(text: string): Prefix | null {
  const [addr = '', length] = text.trim().split('/');
  if (length === undefined) return null;
  const prefix = parsePrefix(`${decimal(addr)}/${decimal(length)}`);
  return prefix === null ? null : network(prefix);
}

export const familyName = (addr: IpAddr): IpFamily => (isIpv4(addr) ? 'IPv4' : 'IPv6');

/** Canonical addresses of one family; what does not parse is dropped. */
export const addressesOf = (texts: readonly string[], family: IpFamily): readonly string[] =>
  texts
    .map(parseSloppy)
    .filter((addr): addr is IpAddr => addr !== null && familyName(addr) === family)
    .map(printAddr);

export const prefixesOf = (texts: readonly string[], family: IpFamily): readonly Prefix[] =>
  texts
    .map(parseCidrSloppy)
    .filter((p): p is Prefix => p !== null && familyName(p.addr) === family);

export const printCidr = printPrefix;
