// PCG32 (O'Neill 2014, pcg-random.org).
// Streams are named: a new draw in one component never shifts the numbers that another one sees.

/** A deterministic stream of random numbers. */
export interface Rng {
  /** Uniform in 0 .. 2^32 - 1. */
  u32(): number;
  /** An independent stream, the same for the same seed and label. */
  fork(label: string): Rng;
}

/** FNV-1a, 32 bits: turns a label into a seed. */
export function hashLabel(text: string, basis = 0x811c9dc5): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** The multiplier 6364136223846793005 in two words, and the upper half of a product of two words. */
const [MULTIPLIER_HIGH, MULTIPLIER_LOW] = [0x5851f42d, 0x4c957f2d];
function upperHalf(a: number, b: number): number {
  const [a1, a0, b1, b0] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  return a1 * b1 + (middle >>> 16) + (((middle & 0xffff) + a0 * b1) >>> 16);
}

export function createRng(seed: number, label = ''): Rng {
  // 64 bits in two words: big integers would cost more than all else that a draw does.
  let high = hashLabel(label, seed >>> 0);
  let low = hashLabel(`${label}#${seed}`);
  const increment = hashLabel(label);
  const [incrementHigh, incrementLow] = [increment >>> 31, ((increment << 1) | 1) >>> 0];
  const step = (): number => {
    const [oldHigh, oldLow] = [high, low];
    const sum = (Math.imul(oldLow, MULTIPLIER_LOW) >>> 0) + incrementLow;
    low = sum >>> 0;
    high =
      (Math.imul(oldHigh, MULTIPLIER_LOW) +
        Math.imul(oldLow, MULTIPLIER_HIGH) +
        upperHalf(oldLow, MULTIPLIER_LOW) +
        incrementHigh +
        (sum > 0xffffffff ? 1 : 0)) >>>
      0;
    // (old >> 18 ^ old) >> 27, its lower word
    const mixedHigh = (oldHigh >>> 18) ^ oldHigh;
    const mixedLow = ((oldLow >>> 18) | (oldHigh << 14)) ^ oldLow;
    const xorshifted = (mixedLow >>> 27) | (mixedHigh << 5);
    const rot = oldHigh >>> 27;
    return ((xorshifted >>> rot) | (xorshifted << (-rot & 31))) >>> 0;
  };
  step();
  return { u32: step, fork: (name) => createRng(seed, `${label}/${name}`) };
}
