// Conntrack runs in a network namespace only where some rule needs it (nf_ct_netns_get in the checkentry functions of
// matches and targets), for each family apart. Empty nat tables track nothing.
import { findMatch } from './matches/index.ts';
import { findTarget } from './targets/index.ts';
import type { Rule, Ruleset } from './types.ts';

export const ruleNeedsConntrack = (rule: Rule): boolean =>
  rule.matches.some(({ name, spec }) => findMatch(name)?.needsConntrack?.(spec) === true) ||
  (rule.target?.kind === 'extension' &&
    findTarget(rule.target.name)?.needsConntrack?.(rule.target.spec) === true);

export const rulesetNeedsConntrack = (ruleset: Ruleset): boolean =>
  ruleset.tables.some(({ chains }) => chains.some(({ rules }) => rules.some(ruleNeedsConntrack)));
