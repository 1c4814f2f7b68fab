// Names of numbers as Wireshark prints them (IANA registries: EtherTypes, protocol numbers, ICMP types, DSCP).
import { hex } from '../codec/bytes.ts';

const ETHER_TYPES: Readonly<Record<number, string>> = {
  0x0800: 'IPv4',
  0x0806: 'ARP',
  0x8100: '802.1Q Virtual LAN',
  0x86dd: 'IPv6',
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'IPv6 Hop-by-Hop Option',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  44: 'Fragment Header for IPv6',
  47: 'Generic Routing Encapsulation',
  58: 'ICMPv6',
  59: 'No Next Header for IPv6',
  132: 'SCTP',
};

const ICMP_TYPES: Readonly<Record<number, string>> = {
  0: 'Echo (ping) reply',
  3: 'Destination unreachable',
  4: 'Source quench (flow control)',
  5: 'Redirect',
  8: 'Echo (ping) request',
  11: 'Time-to-live exceeded',
  12: 'Parameter problem',
  13: 'Timestamp request',
  14: 'Timestamp reply',
};

const ICMP_CODES: Readonly<Record<string, string>> = {
  '3.0': 'Network unreachable',
  '3.1': 'Host unreachable',
  '3.2': 'Protocol unreachable',
  '3.3': 'Port unreachable',
  '3.4': 'Fragmentation needed',
  '3.5': 'Source route failed',
  '3.9': 'Network administratively prohibited',
  '3.10': 'Host administratively prohibited',
  '3.13': 'Communication administratively filtered',
  '5.0': 'Redirect for network',
  '5.1': 'Redirect for host',
  '11.0': 'Time to live exceeded in transit',
  '11.1': 'Fragment reassembly time exceeded',
};

const ICMPV6_TYPES: Readonly<Record<number, string>> = {
  1: 'Destination Unreachable',
  2: 'Packet Too Big',
  3: 'Time Exceeded',
  4: 'Parameter Problem',
  128: 'Echo (ping) request',
  129: 'Echo (ping) reply',
  133: 'Router Solicitation',
  134: 'Router Advertisement',
  135: 'Neighbor Solicitation',
  136: 'Neighbor Advertisement',
  137: 'Redirect',
  143: 'Multicast Listener Report Message v2',
};

const ICMPV6_CODES: Readonly<Record<string, string>> = {
  '1.0': 'no route to destination',
  '1.1': 'Administratively prohibited',
  '1.2': 'Beyond scope of source address',
  '1.3': 'Address unreachable',
  '1.4': 'Port unreachable',
  '1.5': 'Source address failed ingress/egress policy',
  '1.6': 'Reject route to destination',
  '3.0': 'hop limit exceeded in transit',
  '3.1': 'fragment reassembly time exceeded',
};

const DSCP: Readonly<Record<number, string>> = {
  0: 'CS0',
  1: 'LE',
  8: 'CS1',
  10: 'AF11',
  12: 'AF12',
  14: 'AF13',
  16: 'CS2',
  18: 'AF21',
  20: 'AF22',
  22: 'AF23',
  24: 'CS3',
  26: 'AF31',
  28: 'AF32',
  30: 'AF33',
  32: 'CS4',
  34: 'AF41',
  36: 'AF42',
  38: 'AF43',
  40: 'CS5',
  44: 'VOICE-ADMIT',
  46: 'EF PHB',
  48: 'CS6',
  56: 'CS7',
};
const ECN = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE'] as const;

const named = (name: string | undefined, value: number): string =>
  name === undefined ? `Unknown (${value})` : `${name} (${value})`;
const coded = (name: string | undefined, value: number): string =>
  name === undefined ? String(value) : `${value} (${name})`;

export const etherTypeName = (type: number): string =>
  `${ETHER_TYPES[type] ?? 'Unknown'} (${hex(type, 4)})`;
export const protocolName = (protocol: number): string => named(PROTOCOLS[protocol], protocol);
export const icmpTypeName = (type: number): string => coded(ICMP_TYPES[type], type);
export const icmpCodeName = (type: number, code: number): string =>
  coded(ICMP_CODES[`${type}.${code}`], code);
export const icmpv6TypeName = (type: number): string => named(ICMPV6_TYPES[type], type);
export const icmpv6CodeName = (type: number, code: number): string =>
  coded(ICMPV6_CODES[`${type}.${code}`], code);

/** The DS field (RFC 2474) with its two ECN bits (RFC 3168). */
export const dsFieldName = (tos: number): string =>
  `${hex(tos, 2)} (DSCP: ${DSCP[tos >> 2] ?? 'Unknown'}, ECN: ${ECN[tos & 3]!})`;
