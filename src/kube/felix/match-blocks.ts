// A policy rule that does not fit one iptables rule (felix/rules/policy.go matchBlockBuilder): more than 15 ports, named ports besides
// numbers, a net with exceptions. It becomes blocks of rules that compute one bit, "all blocks match", and a last rule that asks it.
//
//   positive block: some rule sets the bit. The first block sets the result itself; later ones a scratch bit that is then ANDed.
//   negative block: a rule that matches clears the result.
import type { FelixRule } from './chain.ts';
import { clearMark, markClear, SCRATCH0, SCRATCH1, setMark, setMaskedMark } from './marks.ts';

const RESULT = SCRATCH0;
const THIS_BLOCK = SCRATCH1;

export interface MatchBlocks {
  readonly rules: FelixRule[];
  positives: number;
}
export const noBlocks = (): MatchBlocks => ({ rules: [], positives: 0 });
export const blocksMatched = RESULT;

function begin(blocks: MatchBlocks, initial: number): void {
  if (blocks.rules.length === 0)
    blocks.rules.push({ action: setMaskedMark(initial, RESULT | THIS_BLOCK) });
}

/** One of these must match. */
export function requireAny(blocks: MatchBlocks, matches: readonly (readonly string[])[]): void {
  begin(blocks, 0);
  const first = blocks.positives++ === 0;
  for (const match of matches)
    blocks.rules.push({ match, action: setMark(first ? RESULT : THIS_BLOCK) });
  if (!first) blocks.rules.push({ match: [markClear(THIS_BLOCK)], action: clearMark(RESULT) });
}

/** None of these may match. Comes after all positive blocks. */
export function forbid(blocks: MatchBlocks, matches: readonly (readonly string[])[]): void {
  begin(blocks, RESULT);
  for (const match of matches) blocks.rules.push({ match, action: clearMark(RESULT) });
}
