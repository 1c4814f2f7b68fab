// The whole journey as JSON, for programs. Addresses become text: an IPv6 address has no other form in JSON, and
// nobody should have to know how this program keeps the others.
import { printAddr } from '../../wire/addr/ip.ts';
import { printMac } from '../../wire/addr/mac.ts';
import type { IpAddr, Mac } from '../../wire/addr/types.ts';
import type { LayerKind } from '../../wire/types.ts';
import type { Exporter } from './types.ts';

const MACS: Partial<Record<LayerKind, readonly string[]>> = {
  ethernet: ['src', 'dst'],
  arp: ['sha', 'tha'],
  icmpv6: ['lladdr'],
};
const ADDRS: Partial<Record<LayerKind, readonly string[]>> = {
  arp: ['spa', 'tpa'],
  ipv4: ['src', 'dst'],
  ipv6: ['src', 'dst'],
  icmpv4: ['gateway'],
  icmpv6: ['target'],
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Of a header, and of the body of an ICMP header. Layers inside (quotes, fragments) are met on their own. */
function withText(kind: LayerKind, header: Readonly<Record<string, unknown>>): unknown {
  const copy: Record<string, unknown> = { ...header };
  for (const key of MACS[kind] ?? [])
    if (typeof copy[key] === 'number') copy[key] = printMac(copy[key] as Mac);
  for (const key of ADDRS[kind] ?? [])
    if (typeof copy[key] === 'number' || typeof copy[key] === 'bigint')
      copy[key] = printAddr(copy[key] as IpAddr);
  if (isRecord(copy['body'])) copy['body'] = withText(kind, copy['body']);
  return copy;
}

/** JSON.stringify hands over every value before it looks inside: a layer is known by its id and header. */
export function plain(_key: string, value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value['header']) || typeof value['id'] !== 'number')
    return value;
  return { ...value, header: withText(value['kind'] as LayerKind, value['header']) };
}

export const json: Exporter = {
  id: 'json',
  title: 'JSON, for programs',
  mime: 'application/json',
  extension: 'json',
  export: ({ trace, network, scenario }) =>
    `${JSON.stringify({ format: 'packet-journey', version: trace.version, scenario, network, trace }, plain, 1)}\n`,
};
