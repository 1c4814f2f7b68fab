import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, hashLabel } from './rng.ts';

/** PCG-XSH-RR 64/32 as its paper writes it, in whole 64-bit numbers. */
function pcg32(seed: number, label: string): () => number {
  const mask = (1n << 64n) - 1n;
  let state = (BigInt(hashLabel(label, seed >>> 0)) << 32n) | BigInt(hashLabel(`${label}#${seed}`));
  const increment = (BigInt(hashLabel(label)) << 1n) | 1n;
  const step = (): number => {
    const old = state;
    state = (old * 6364136223846793005n + increment) & mask;
    const xorshifted = (((old >> 18n) ^ old) >> 27n) & 0xffffffffn;
    const rot = old >> 59n;
    return Number(((xorshifted >> rot) | (xorshifted << (-rot & 31n))) & 0xffffffffn);
  };
  step();
  return step;
}

describe('random streams', () => {
  it('are PCG32', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, label) => {
        const rng = createRng(seed, label);
        const whole = pcg32(seed, label);
        for (let i = 0; i < 20; i++) expect(rng.u32()).toBe(whole());
      }),
      { numRuns: 500 },
    );
  });
  it('do not see what others draw', () => {
    const root = createRng(7);
    const first = root.fork('a').u32();
    root.fork('b').u32();
    root.u32();
    expect(root.fork('a').u32()).toBe(first);
  });
});
