// What an elastic network interface lets pass, as the VPC enforces it outside of the instance. To add a check: a line in `eniChecks`.
import type { Tuple } from '../conntrack/types.ts';
import type { EventDetails } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import { securityGroups } from './security-groups.ts';
import { owns } from './vpc-table.ts';
import type { Eni, Vpc } from './vpc-table.ts';

/** Of the interface: does it leave by it, or arrive at it? */
export type EniDirection = 'egress' | 'ingress';
export interface Passing {
  readonly src: Ipv4;
  readonly dst: Ipv4;
  readonly tuple: Tuple;
  /** Of the packet that it quotes, where it is an ICMP error. */
  readonly quoted: Tuple | null;
}
/** null: the interface has nothing to check of this kind. */
export type EniCheck = (
  eni: Eni,
  packet: Passing,
  direction: EniDirection,
  vpc: Vpc,
) => EventDetails['appliance.check'] | null;

/** An interface sends from its own addresses and receives for them; what an instance forwards for others is dropped. */
const sourceDestCheck: EniCheck = (eni, packet, direction) => {
  const check = direction === 'egress' ? 'source check' : 'destination check';
  const addr = direction === 'egress' ? packet.src : packet.dst;
  if (!eni.sourceDestCheck)
    return { check, eni: eni.name, passed: true, why: 'it is switched off for this interface' };
  const passed = owns(eni, addr);
  const why = passed
    ? `${printAddr(addr)} is an address of ${eni.name}`
    : `${printAddr(addr)} is no address of ${eni.name}, and its source/destination check is on`;
  return { check, eni: eni.name, passed, why };
};

export const eniChecks: readonly { readonly reason: string; readonly run: EniCheck }[] = [
  { reason: 'vpc:SOURCE_DEST_CHECK', run: sourceDestCheck },
  { reason: 'vpc:SECURITY_GROUP', run: securityGroups },
];
