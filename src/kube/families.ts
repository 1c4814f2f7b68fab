// The two IP families, told apart in text. Lists of addresses and of ranges hold one of each family at most, the primary one first, as
// kubeadm and the API write them (`10.244.0.0/16,fd00:10:244::/56`).
import type { IptFamily } from './iptables/types.ts';
import type { IpFamily } from './objects/service.ts';

export type { IpFamily } from './objects/service.ts';

/** Of an address or a range that is known to be one. */
export const familyOf = (text: string): IpFamily => (text.includes(':') ? 'IPv6' : 'IPv4');

/** The one of this family in a list, or null. */
export const ofFamily = (texts: readonly string[], family: IpFamily): string | null =>
  texts.find((text) => familyOf(text) === family) ?? null;

export const familiesOf = (texts: readonly string[]): readonly IpFamily[] => [
  ...new Set(texts.map(familyOf)),
];

/** Which of the two programs: iptables or ip6tables. */
export const iptFamily = (family: IpFamily): IptFamily => (family === 'IPv4' ? 'ipv4' : 'ipv6');

/** The wildcard address: a server that listens on it takes connections to any address of the family. */
export const ANY: Readonly<Record<IpFamily, string>> = { IPv4: '0.0.0.0', IPv6: '::' };
