// IPv4 addresses as text. As strict as inet_pton(3): four decimal parts, no leading zeros, nothing else.
import { memo } from './memo.ts';
import type { Ipv4 } from './types.ts';

export const IPV4_BROADCAST = 0xffffffff as Ipv4;

const QUAD = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

export function parseIpv4(text: string): Ipv4 | null {
  const match = QUAD.exec(text);
  if (match === null) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = match[i]!;
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    value = value * 256 + octet;
  }
  return value as Ipv4;
}

export const printIpv4 = memo(
  (addr: Ipv4): string =>
    `${addr >>> 24}.${(addr >>> 16) & 255}.${(addr >>> 8) & 255}.${addr & 255}`,
);

/** 255.255.255.255: every station on the link (RFC 919). */
export const isBroadcastLimited = (addr: Ipv4): boolean => addr === IPV4_BROADCAST;
