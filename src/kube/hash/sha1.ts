// SHA-1 (FIPS 180-4). CNI plugins name the host's end of a pod's veth pair with it; here it secures nothing.
import { padded } from './padding.ts';

const rotl = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** Constant and mixing function of each quarter of the 80 rounds. */
const QUARTERS: readonly (readonly [number, (b: number, c: number, d: number) => number])[] = [
  [0x5a827999, (b, c, d) => (b & c) | (~b & d)],
  [0x6ed9eba1, (b, c, d) => b ^ c ^ d],
  [0x8f1bbcdc, (b, c, d) => (b & c) | (b & d) | (c & d)],
  [0xca62c1d6, (b, c, d) => b ^ c ^ d],
];

export function sha1(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const w = new Int32Array(80);
  for (let offset = 0; offset < view.byteLength; offset += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(offset + 4 * t);
    for (let t = 16; t < 80; t++) w[t] = rotl(w[t - 3]! ^ w[t - 8]! ^ w[t - 14]! ^ w[t - 16]!, 1);
    let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
    for (let t = 0; t < 80; t++) {
      const [constant, mix] = QUARTERS[Math.floor(t / 20)]!;
      const next = (rotl(a, 5) + mix(b, c, d) + e + constant + w[t]!) | 0;
      [a, b, c, d, e] = [next, a, rotl(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, i) => (state[i]! += word));
  }
  const out = new Uint8Array(20);
  const outView = new DataView(out.buffer);
  state.forEach((word, i) => outView.setInt32(4 * i, word));
  return out;
}

export const sha1Text = (text: string): Uint8Array => sha1(new TextEncoder().encode(text));
