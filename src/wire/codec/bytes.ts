// Big-endian reads and writes (network byte order) on plain byte arrays. A read past the end yields zeros:
// parsers check lengths first, and say what is missing.
import type { Ipv4, Ipv6, Mac } from '../addr/types.ts';

export const get8 = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
export const get16 = (bytes: Uint8Array, at: number): number =>
  get8(bytes, at) * 0x100 + get8(bytes, at + 1);
export const get24 = (bytes: Uint8Array, at: number): number =>
  get8(bytes, at) * 0x10000 + get16(bytes, at + 1);
export const get32 = (bytes: Uint8Array, at: number): number =>
  get16(bytes, at) * 0x10000 + get16(bytes, at + 2);

export const getIpv4 = (bytes: Uint8Array, at: number): Ipv4 => get32(bytes, at) as Ipv4;
export const getMac = (bytes: Uint8Array, at: number): Mac =>
  (get16(bytes, at) * 0x100000000 + get32(bytes, at + 2)) as Mac;
export function getIpv6(bytes: Uint8Array, at: number): Ipv6 {
  let value = 0n;
  for (let i = 0; i < 16; i += 4) value = (value << 32n) | BigInt(get32(bytes, at + i));
  return value as Ipv6;
}

export function set16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
export function set24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 16;
  set16(bytes, at + 1, value);
}
export function set32(bytes: Uint8Array, at: number, value: number): void {
  set16(bytes, at, value >>> 16);
  set16(bytes, at + 2, value);
}
export function setMac(bytes: Uint8Array, at: number, mac: Mac): void {
  set16(bytes, at, Math.floor(mac / 0x100000000));
  set32(bytes, at + 2, mac % 0x100000000);
}
export function setIpv6(bytes: Uint8Array, at: number, addr: Ipv6): void {
  for (let i = 0; i < 4; i++)
    set32(bytes, at + 4 * i, Number((addr >> BigInt(96 - 32 * i)) & 0xffffffffn));
}

export const hex = (value: number, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;
