// Names and addresses that a real system draws at random, here derived from what they belong to: the same cluster gives the same
// names in every run, and one more pod does not rename the others.
import { hashLabel } from '../../base/rng.ts';
import { sha1Text } from './sha1.ts';
import { hex, sha256Text } from './sha256.ts';

/** rand.SafeEncodeString of apimachinery: no vowels and no 0, 1, 3, so that no word appears by accident. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** What a pod's name ends with: `x2x7q`. */
export const suffix = (label: string, length = 5): string =>
  Array.from(sha256Text(label).subarray(0, length), (byte) => SAFE[byte % SAFE.length]).join('');

/** pod-template-hash: 32-bit FNV as decimal digits, each digit's character code put into the safe alphabet. */
export const templateHash = (template: unknown): string =>
  Array.from(
    String(hashLabel(JSON.stringify(template))),
    (digit) => SAFE[digit.charCodeAt(0) % SAFE.length],
  ).join('');

/** Hexadecimal digits for device names and ids. */
export const hexId = (label: string, digits: number): string =>
  hex(sha256Text(label)).slice(0, digits);

/** eth_random_addr: unicast, locally administered. */
export function randomMac(label: string): string {
  const bytes = sha256Text(`mac ${label}`).subarray(0, 6);
  bytes[0] = (bytes[0]! & 0xfe) | 0x02;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A number in 0 .. size - 1. */
export const pick = (label: string, size: number): number => hashLabel(label) % size;

/** Eleven digits by which Calico and the AWS VPC CNI call the host's end of a pod's veth pair: a hash of `default.web-0`. */
export const podDigits = (pod: string): string => hex(sha1Text(pod.replace('/', '.'))).slice(0, 11);
