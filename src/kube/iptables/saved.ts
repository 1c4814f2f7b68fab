// A node's tables in the exact words of iptables-save, so that a reader can lay the page beside the terminal of a real node. Components
// spell their rules in their own way; the kernel keeps only what they mean.
import { invariant } from '../../base/assert.ts';
import { parseSave } from '../../netfilter/save/parse.ts';
import { printSave } from '../../netfilter/save/print.ts';
import { printState } from './state.ts';
import type { IptState, SavedText } from './state.ts';
import type { IptFamily } from './types.ts';

export function savedText(state: IptState, family: IptFamily): SavedText {
  const raw = printState(state);
  const text = printSave(parseSave(raw.text, family, { source: 'iptables' }).ruleset);
  // Chains and rules stay where they are, so the origins by line hold for both spellings.
  invariant(
    text.split('\n').length === raw.text.split('\n').length,
    'a rule of our own generators is not understood by our own parser',
  );
  return { text, origins: raw.origins };
}
