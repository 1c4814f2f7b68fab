// One command of iptables on one table: -A -I -D -R -N -X -F -P -Z (iptables/iptables.c do_command4).
import type { Family } from '../../trace/types.ts';
import type { Rule } from '../types.ts';
import { deviceProblem } from './check.ts';
import { addChain, isReferenced, type ChainDraft, type TableDraft } from './draft.ts';
import { printRule } from './print.ts';
import type { Problem } from './reading.ts';
import { parseRule, type RuleDraft } from './rule.ts';

export interface Outcome {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}
const COMMANDS: Readonly<Record<string, string>> = {
  '-A': '-A', '--append': '-A', '-I': '-I', '--insert': '-I', '-D': '-D', '--delete': '-D', '-R': '-R', '--replace': '-R',
  '-N': '-N', '--new': '-N', '--new-chain': '-N', '-X': '-X', '--delete-chain': '-X', '-F': '-F', '--flush': '-F',
  '-P': '-P', '--policy': '-P', '-Z': '-Z', '--zero': '-Z',
}; // prettier-ignore

const DONE: Outcome = { errors: [], warnings: [] };
const fail = (reason: string, fix: string | null = null): Outcome => ({
  errors: [{ reason, fix }],
  warnings: [],
});
type Stamp = (rule: Omit<Rule, 'line' | 'origin'>) => Rule;

/** Every source with every destination. */
const spread = (draft: RuleDraft, stamp: Stamp): Rule[] =>
  draft.sources.flatMap((src) =>
    draft.destinations.map((dst) =>
      stamp({
        header: { ...draft.header, src, dst },
        matches: draft.matches,
        target: draft.target,
        packets: draft.packets,
        bytes: draft.bytes,
      }),
    ),
  );

export function runCommand(
  table: TableDraft,
  words: readonly string[],
  family: Family,
  stamp: Stamp,
): Outcome {
  const at = words.findIndex((word) => Object.hasOwn(COMMANDS, word));
  const command = COMMANDS[words[at] ?? ''];
  if (command === undefined) return fail(`no command`, 'a rule begins with -A CHAIN');
  const name = words[at + 1];
  const rest = [...words.slice(0, at), ...words.slice(at + 2)];
  const other = family === 'ipv4' ? ['-6', '--ipv6'] : ['-4', '--ipv4'];
  if (rest.some((word) => other.includes(word))) return DONE;
  if (name === undefined) return wholeTable(table, command);
  const chain = table.chains.get(name);
  if (command === '-N') {
    if (chain !== undefined) return fail(`chain ${name} exists already`);
    if (name.length > 28) return fail(`chain name "${name}" must have 1 to 28 characters`);
    addChain(table, name);
    return DONE;
  }
  if (chain === undefined)
    return fail(`no chain "${name}" in table ${table.name}`, `declare it before: :${name} - [0:0]`);
  switch (command) {
    case '-F':
      chain.rules = [];
      return DONE;
    case '-Z':
      zero(chain);
      return DONE;
    case '-X':
      if (chain.policy !== null) return fail(`chain ${name} is built in and cannot be deleted`);
      if (chain.rules.length > 0)
        return fail(`chain ${name} is not empty`, `flush it before: -F ${name}`);
      if (isReferenced(table, name)) return fail(`rules still jump to chain ${name}`);
      table.chains.delete(name);
      return DONE;
    case '-P': {
      const policy = rest[0];
      if (chain.policy === null) return fail(`chain ${name} is not built in and has no policy`);
      if (policy !== 'ACCEPT' && policy !== 'DROP')
        return fail(`${policy ?? ''} is no policy`, 'ACCEPT or DROP');
      chain.policy = policy;
      return DONE;
    }
    default:
      return ruleCommand(table, chain, command, rest, family, stamp);
  }
}

function wholeTable(table: TableDraft, command: string): Outcome {
  const chains = [...table.chains.values()];
  if (command === '-F') for (const chain of chains) chain.rules = [];
  else if (command === '-Z') chains.forEach(zero);
  else if (command === '-X') {
    for (const chain of chains)
      if (chain.policy === null && chain.rules.length === 0 && !isReferenced(table, chain.name))
        table.chains.delete(chain.name);
  } else return fail(`${command} needs a chain`);
  return DONE;
}
function zero(chain: ChainDraft): void {
  chain.packets = 0;
  chain.bytes = 0;
  chain.rules = chain.rules.map((rule) => ({ ...rule, packets: 0, bytes: 0 }));
}

function ruleCommand(
  table: TableDraft,
  chain: ChainDraft,
  command: string,
  words: readonly string[],
  family: Family,
  stamp: Stamp,
): Outcome {
  const numbered = command !== '-A' && /^\d+$/.test(words[0] ?? '');
  const number = numbered ? Number(words[0]) : 1;
  const size = chain.rules.length;
  const tooBig = `chain ${chain.name} has ${size} rules, number ${number} is too big`;
  if (number === 0) return fail('rule numbers begin with 1');
  if (command === '-D' && numbered) {
    if (number > size) return fail(tooBig);
    chain.rules.splice(number - 1, 1);
    return DONE;
  }
  const rule = parseRule(numbered ? words.slice(1) : words, {
    family,
    table: table.name,
    isChain: (name) => table.chains.get(name)?.policy === null,
  });
  const { errors, warnings } = rule;
  if (errors.length > 0) return { errors: errors.slice(0, 1), warnings };
  const rules = spread(rule, stamp);
  const device = deviceProblem(table.name, chain.name, rules[0]!);
  if (device !== null) return fail(device);
  if (command === '-A') chain.rules.push(...rules);
  else if (command === '-I') {
    if (number > size + 1) return fail(tooBig);
    for (const one of rules) chain.rules.splice(number - 1, 0, one);
  } else if (command === '-R') {
    if (number > size) return fail(tooBig);
    chain.rules.splice(number - 1, 1, ...rules.slice(0, 1));
  } else
    for (const one of rules) {
      const text = printRule(chain.name, one);
      const found = chain.rules.findIndex((known) => printRule(chain.name, known) === text);
      if (found < 0) return fail(`no such rule in ${chain.name}`);
      chain.rules.splice(found, 1);
    }
  return { errors: [], warnings };
}
