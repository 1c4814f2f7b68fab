// Ethernet addresses as text, and the two bits of their first octet that mean something (IEEE 802).
// 48 bits are more than the bit operators of JavaScript take: arithmetic on them is done here only.
import { memo } from './memo.ts';
import type { Mac } from './types.ts';

export const MAC_ZERO = 0 as Mac;
export const MAC_BROADCAST = 0xffffffffffff as Mac;

const COLONS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

export function parseMac(text: string): Mac | null {
  return COLONS.test(text) ? (Number.parseInt(text.replaceAll(':', ''), 16) as Mac) : null;
}

/** Lower case with colons, as iproute2 prints it. */
export const printMac = memo((mac: Mac): string => {
  const digits = mac.toString(16).padStart(12, '0');
  return digits.replace(/(..)(?=.)/g, '$1:');
});

/** Octet `index` of the address, 0 is sent first. */
export const macOctet = (mac: Mac, index: number): number =>
  Math.floor(mac / 2 ** (8 * (5 - index))) % 256;

/** The group bit: a multicast address, of which broadcast is one. */
export const isMulticastMac = (mac: Mac): boolean => macOctet(mac, 0) % 2 === 1;
export const isBroadcastMac = (mac: Mac): boolean => mac === MAC_BROADCAST;
