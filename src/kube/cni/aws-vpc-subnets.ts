// What EC2 gives out of a subnet: single addresses, or aligned /28 prefixes. It picks any that is free; here it is the lowest one.
// AWS keeps the first four addresses of a subnet and the last one for itself.
import { inside, nthAddress, sizeOf } from '../cidr.ts';
import { PREFIX_SIZE } from './aws-vpc-instances.ts';

const RESERVED = 4;
const PREFIX = 28;

export interface SubnetPool {
  address(): string | null;
  prefix(): string | null;
  /** Gives `old` back and takes what holds `wanted`: the address, or the prefix around it. null: it is not free. */
  exchange(old: string, wanted: string): string | null;
}

export function createSubnetPool(cidr: string, taken: ReadonlySet<string>): SubnetPool {
  const used = new Set(taken);
  const size = sizeOf(cidr);
  const usable = (index: number): boolean => {
    const ip = nthAddress(cidr, index);
    return index >= RESERVED && index < size - 1 && ip !== null && !used.has(ip);
  };
  const take = (index: number): string | null => {
    const ip = nthAddress(cidr, index);
    if (ip !== null) used.add(ip);
    return ip;
  };
  const whole = (start: number): boolean =>
    Array.from({ length: PREFIX_SIZE }, (_, i) => usable(start + i)).every(Boolean);
  const takePrefix = (start: number): string => {
    for (let i = 0; i < PREFIX_SIZE; i++) take(start + i);
    return `${nthAddress(cidr, start)}/${PREFIX}`;
  };
  const release = (range: string): void => {
    if (!range.includes('/')) used.delete(range);
    else
      for (let i = 0; i < PREFIX_SIZE; i++) {
        const ip = nthAddress(range, i);
        if (ip !== null) used.delete(ip);
      }
  };
  const find = (step: number, fits: (index: number) => boolean): number | null => {
    for (let index = 0; index < size; index += step) if (fits(index)) return index;
    return null;
  };
  return {
    address() {
      const index = find(1, usable);
      return index === null ? null : take(index);
    },
    prefix() {
      const start = find(PREFIX_SIZE, whole);
      return start === null ? null : takePrefix(start);
    },
    exchange(old, wanted) {
      const prefixed = old.includes('/');
      const index = prefixed
        ? find(
            PREFIX_SIZE,
            (start) => inside(`${nthAddress(cidr, start)}/${PREFIX}`, wanted) && whole(start),
          )
        : find(1, (one) => nthAddress(cidr, one) === wanted && usable(one));
      if (index === null) return null;
      release(old);
      return prefixed ? takePrefix(index) : take(index);
    },
  };
}
