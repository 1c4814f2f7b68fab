// Chain names of the iptables proxier: SHA-256 over a plain concatenation, base32, first 16 characters. The port number, the cluster IP
// and the node are not part of it; the same pod behind two Services has two KUBE-SEP chains.
import { base32 } from '../hash/base32.ts';
import { sha256Text } from '../hash/sha256.ts';

export type ServiceChainPrefix = 'KUBE-SVC-' | 'KUBE-SVL-' | 'KUBE-FW-' | 'KUBE-EXT-';

const hash = (text: string): string => base32(sha256Text(text)).slice(0, 16);

/** `name` is `namespace/service[:port]`, the protocol is lower case. */
export const serviceChain = (prefix: ServiceChainPrefix, name: string, protocol: string): string =>
  prefix + serviceHash(name, protocol);

/** What the chains of one Service port have in common. */
export const serviceHash = (name: string, protocol: string): string => hash(name + protocol);

export const endpointChain = (name: string, protocol: string, endpoint: string): string =>
  `KUBE-SEP-${hash(name + protocol + endpoint)}`;

/** Base name of nftables chains and sets; `id` is `namespace/service/protocol/port`. */
export function nftName(id: string): string {
  const name = `${base32(sha256Text(id)).slice(0, 8)}-${id}`;
  return name.length > 240 ? `${name.slice(0, 237)}...` : name;
}

/** `10.244.1.5:8080`, `[fd00::5]:8080` */
export const endpointText = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
