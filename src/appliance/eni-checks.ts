// What an elastic network interface lets pass, as the VPC enforces it outside of the instance. A list, so that security groups have a
// place: they are not modelled yet, and every interface behaves as if its groups allowed all.
import type { EventDetails } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import type { Eni } from './vpc-table.ts';
import { owns } from './vpc-table.ts';

/** Of the interface: does it leave by it, or arrive at it? */
export type EniDirection = 'egress' | 'ingress';
export interface Ends {
  readonly src: Ipv4;
  readonly dst: Ipv4;
}
type EniCheck = (eni: Eni, ends: Ends, direction: EniDirection) => EventDetails['appliance.check'];

/** An interface sends from its own addresses and receives for them; what an instance forwards for others is dropped. */
const sourceDestCheck: EniCheck = (eni, ends, direction) => {
  const check = direction === 'egress' ? 'source check' : 'destination check';
  const addr = direction === 'egress' ? ends.src : ends.dst;
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
];
