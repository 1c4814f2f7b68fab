// The two ways in which lists are compared: as sequences and as bags. Both tell the first difference.
import type { Difference } from './types.ts';

/** How much of what came before a difference is shown with it. */
const CONTEXT = 2;

export function firstInSequence(
  place: string,
  kernel: readonly string[],
  engine: readonly string[],
): Difference | null {
  const length = Math.max(kernel.length, engine.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [kernel[at], engine[at]];
    if (a === b) continue;
    const before = kernel.slice(Math.max(0, at - CONTEXT), at);
    return { place, at, kernel: a ?? null, engine: b ?? null, before };
  }
  return null;
}

/** Sequences by name; a name that one side lacks is an empty sequence. */
export function sequencesDiffer(
  kernel: ReadonlyMap<string, readonly string[]>,
  engine: ReadonlyMap<string, readonly string[]>,
): Difference | null {
  for (const place of new Set([...kernel.keys(), ...engine.keys()])) {
    const found = firstInSequence(place, kernel.get(place) ?? [], engine.get(place) ?? []);
    if (found !== null) return found;
  }
  return null;
}

export function bagsDiffer(
  place: string,
  kernel: readonly string[],
  engine: readonly string[],
): Difference | null {
  const rest = [...engine];
  for (const one of kernel) {
    const at = rest.indexOf(one);
    if (at < 0) {
      const near = nearest(one, rest);
      return { place, at: null, kernel: one, engine: near, before: [] };
    }
    rest.splice(at, 1);
  }
  const extra = rest[0];
  return extra === undefined ? null : { place, at: null, kernel: null, engine: extra, before: [] };
}

/** Of what the engine has left over, the one that was probably meant: shown beside what is missing. */
function nearest(wanted: string, rest: readonly string[]): string | null {
  let best: string | null = null;
  let shared = 8;
  for (const one of rest) {
    let i = 0;
    while (i < one.length && one[i] === wanted[i]) i++;
    if (i > shared) [best, shared] = [one, i];
  }
  return best;
}
