// Entries by tuple, as the kernel has them: a hash of the tuple leads to a bucket, and what is in it is compared
// (nf_conntrack_hash, hash_conntrack_raw; by source for NAT: nf_nat_bysource, hash_by_src). No text is made for a lookup.
import type { IpAddr } from '../wire/addr/types.ts';

/** One step of a hash over 32-bit words (the constant is 2^32 divided by the golden ratio). */
const mix = (hash: number, word: number): number => {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
};

const mixAddr = (hash: number, addr: IpAddr): number => {
  if (typeof addr === 'number') return mix(hash, addr | 0);
  let mixed = hash;
  for (let rest: bigint = addr; rest > 0n; rest >>= 32n)
    mixed = mix(mixed, Number(rest & 0xffffffffn) | 0);
  return mixed;
};

/** The hash of one end of a connection. */
export const hashEnd = (hash: number, addr: IpAddr, port: number): number =>
  mix(mixAddr(hash, addr), port);

/** Values in buckets by hash, oldest first in each. */
export class Buckets<T> {
  readonly #buckets = new Map<number, T[]>();

  get(hash: number): readonly T[] {
    return this.#buckets.get(hash) ?? NONE;
  }
  add(hash: number, value: T): void {
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [value]);
    else bucket.push(value);
  }
  delete(hash: number, gone: (value: T) => boolean): void {
    const left = this.get(hash).filter((value) => !gone(value));
    if (left.length === 0) this.#buckets.delete(hash);
    else this.#buckets.set(hash, left);
  }
}
const NONE: readonly never[] = [];
