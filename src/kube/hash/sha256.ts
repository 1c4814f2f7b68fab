// SHA-256 and SHA-224 (FIPS 180-4). kube-proxy names its chains with them, CNI plugins their devices, Felix its rules and sets. Written
// out because the browser's own is asynchronous and the compiler is a plain function.
import { padded } from './padding.ts';

const primes = (count: number): number[] => {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
};
/** First 32 bits of the fractional part: how the standard makes its constants. */
const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32) >>> 0;

// Signed words: they stay small integers of the machine, where unsigned ones would become floating point numbers.
const K = Int32Array.from(primes(64), (p) => fraction(Math.cbrt(p)));
const INITIAL = primes(8).map((p) => fraction(Math.sqrt(p)));
/** The second 32 bits of the fractional parts of the square roots of the ninth to sixteenth primes: more digits than a double has. */
const INITIAL_224 = [
  0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
];

const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** Scratch of one digest, which is over before the next begins. */
const STATE = new Int32Array(8);
const SCHEDULE = new Int32Array(64);

function compress(state: Int32Array, block: DataView, offset: number, w: Int32Array): void {
  for (let t = 0; t < 16; t++) w[t] = block.getInt32(offset + 4 * t);
  for (let t = 16; t < 64; t++) {
    const a = w[t - 15]!;
    const b = w[t - 2]!;
    const s0 = rotr(a, 7) ^ rotr(a, 18) ^ (a >>> 3);
    const s1 = rotr(b, 17) ^ rotr(b, 19) ^ (b >>> 10);
    w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t]! + w[t]!) | 0;
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  // Int32Array wraps around by itself.
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function digest(bytes: Uint8Array, initial: readonly number[]): Uint8Array {
  const view = padded(bytes);
  STATE.set(initial);
  for (let offset = 0; offset < view.byteLength; offset += 64)
    compress(STATE, view, offset, SCHEDULE);
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i++) out[i] = STATE[i >> 2]! >>> (24 - 8 * (i & 3));
  return out;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => digest(bytes, INITIAL);
/** 28 bytes. */
export const sha224 = (bytes: Uint8Array): Uint8Array => digest(bytes, INITIAL_224).subarray(0, 28);

const ENCODER = new TextEncoder();

export const sha256Text = (text: string): Uint8Array => sha256(ENCODER.encode(text));

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
