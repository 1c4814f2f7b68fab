// The rule engine's front door: text to rules, rules to text, and a packet through them.
export { compileRuleset, countedRuleset, type CompiledRuleset } from './compile.ts';
export { ruleKey } from './counters.ts';
export { factsOf, type Facts } from './facts.ts';
export { createSets } from './ipset.ts';
export { rulesetNeedsConntrack } from './needs-conntrack.ts';
export { applyCommand } from './save/apply.ts';
export { parseSave } from './save/parse.ts';
export { snapshot } from './snapshot.ts';
export { walk } from './walk.ts';
export type { ParsedSave } from './types.ts';
