// An appliance as a Linux namespace that does the same to every frame that is sent into it, as seen from the other ends of its cables.
// What happens inside is Linux's: no events, tables or reasons of an appliance can be compared, only what comes out.
import type { DeviceSpec, NamespaceSpec } from '../../../network/types.ts';

export interface StandIn {
  readonly namespace: NamespaceSpec;
  /** What the vocabulary of networks has no word for: arguments of `ip link set dev`. */
  readonly ports: readonly string[];
}

/** Addresses that stand for the other end of a cable; its MAC address is written down. */
export const FAR_END = '169.254.255.1';

export const NO_IPV6 = {
  'net.ipv6.conf.all.disable_ipv6': '1',
  'net.ipv6.conf.default.disable_ipv6': '1',
};
/** A router that says nothing by itself, but for errors about packets that are too long. */
export const ROUTER = {
  ...NO_IPV6,
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  'net.ipv4.ip_default_ttl': '255',
};
export const LO: DeviceSpec = { name: 'lo', type: 'loopback' };

/** It is no hop: what forwarding takes from the TTL comes back. */
export const NO_HOP = '-A FORWARD -m physdev ! --physdev-is-bridged -j TTL --ttl-inc 1';
export const NO_HOP_PLAIN = '-A FORWARD -j TTL --ttl-inc 1';

export const table = (name: string, chains: readonly string[], rules: readonly string[]): string =>
  [`*${name}`, ...chains.map((chain) => `:${chain} [0:0]`), ...rules, 'COMMIT', ''].join('\n');
