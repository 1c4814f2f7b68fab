// Draws from a stream of random numbers.
import type { Rng } from '../../../base/rng.ts';

export interface Draw {
  /** 0 .. n - 1 */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** Up to n of a list, each at most once. */
  some<T>(list: readonly T[], n: number): readonly T[];
}

export function drawFrom(rng: Rng): Draw {
  const below = (n: number): number => rng.u32() % n;
  return {
    below,
    chance: (probability) => rng.u32() < probability * 2 ** 32,
    pick: (list) => list[below(list.length)]!,
    some(list, n) {
      const rest = [...list];
      return Array.from(
        { length: Math.min(n, rest.length) },
        () => rest.splice(below(rest.length), 1)[0]!,
      );
    },
  };
}
