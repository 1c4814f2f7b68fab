// Which interface has an address: single addresses by a map, delegated prefixes by a short list.
import { contains } from '../wire/addr/prefix.ts';
import type { Ipv4, Prefix } from '../wire/addr/types.ts';

export interface Owners<T> {
  add(prefix: Prefix<Ipv4>, owner: T): void;
  /** Of the longest prefix that holds the address. */
  find(addr: Ipv4): T | null;
}

export function createOwners<T>(): Owners<T> {
  const single = new Map<Ipv4, T>();
  const ranges: { readonly prefix: Prefix<Ipv4>; readonly owner: T }[] = [];
  return {
    add(prefix, owner) {
      if (prefix.length === 32) single.set(prefix.addr, owner);
      else {
        ranges.push({ prefix, owner });
        ranges.sort((a, b) => b.prefix.length - a.prefix.length);
      }
    },
    find: (addr) =>
      single.get(addr) ?? ranges.find(({ prefix }) => contains(prefix, addr))?.owner ?? null,
  };
}
