// SHA-512 (FIPS 180-4): the CNI reference plugins name their iptables chains with it. 64-bit words are bigints; names are short, so speed
// does not matter.
import { hex } from './sha256.ts';

const MASK = (1n << 64n) - 1n;

const primes = (count: number): bigint[] => {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n);
  return found;
};

/** The largest integer whose `power`th power is at most `n`. */
function root(n: bigint, power: bigint): bigint {
  let low = 0n;
  let high = 1n << (BigInt(n.toString(2).length) / power + 1n);
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle ** power <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

// First 64 bits of the fractional parts of roots of primes: how the standard makes its constants.
const K = primes(80).map((p) => root(p << 192n, 3n) & MASK);
const INITIAL = primes(8).map((p) => root(p << 128n, 2n) & MASK);

const rotr = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (64n - n))) & MASK;

export function sha512Hex(text: string): string {
  const input = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((input.length + 17) / 128) * 128);
  padded.set(input);
  padded[input.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(input.length) * 8n);

  const state = [...INITIAL];
  for (let offset = 0; offset < padded.length; offset += 128) {
    const w = Array.from({ length: 16 }, (_, t) => view.getBigUint64(offset + 8 * t));
    for (let t = 16; t < 80; t++) {
      const [a, b] = [w[t - 15]!, w[t - 2]!];
      const s0 = rotr(a, 1n) ^ rotr(a, 8n) ^ (a >> 7n);
      const s1 = rotr(b, 19n) ^ rotr(b, 61n) ^ (b >> 6n);
      w.push((w[t - 16]! + s0 + w[t - 7]! + s1) & MASK);
    }
    let [a, b, c, d, e, f, g, h] = state as [
      bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint,
    ]; // prettier-ignore
    for (let t = 0; t < 80; t++) {
      const s1 = rotr(e, 14n) ^ rotr(e, 18n) ^ rotr(e, 41n);
      const t1 = (h + s1 + ((e & f) ^ (~e & MASK & g)) + K[t]! + w[t]!) & MASK;
      const s0 = rotr(a, 28n) ^ rotr(a, 34n) ^ rotr(a, 39n);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = (state[i]! + word) & MASK;
    });
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigUint64(8 * i, word));
  return hex(new Uint8Array(out.buffer));
}
