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

export function createRng(seed: number, label = ''): Rng {
  let state = (BigInt(hashLabel(label, seed >>> 0)) << 32n) | BigInt(hashLabel(`${label}#${seed}`));
  const increment = (BigInt(hashLabel(label)) << 1n) | 1n;
  const mask = 0xffffffffffffffffn;
  const step = (): number => {
    const old = state;
    state = (old * 6364136223846793005n + increment) & mask;
    const xorshifted = Number((((old >> 18n) ^ old) >> 27n) & 0xffffffffn);
    const rot = Number(old >> 59n);
    return ((xorshifted >>> rot) | (xorshifted << (-rot & 31))) >>> 0;
  };
  step();
  return { u32: step, fork: (name) => createRng(seed, `${label}/${name}`) };
}
