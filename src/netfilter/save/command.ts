// One command of iptables on one table: -A -I -D -R -N -X -F -P -Z (iptables/iptables.c do_command4).
import type { Rule } from '../types.ts';
import type { Origin } from '../../network/types.ts';
import { deviceProblem } from './check.ts';
import {
  addChain,
  addRule,
  flush,
  isReferenced,
  removeChain,
  type ChainDraft,
  type TableDraft,
} from './draft.ts';
import { printRule } from './print.ts';
import type { Problem, Reading } from './reading.ts';
import { parseRule, type RuleParts } from './rule.ts';

/** Where a command stands in the text. */
export interface Stamp {
  readonly line: number | null;
  readonly origin: Origin | null;
  /** `[packets:bytes]` before the command. */
  readonly counters: readonly [packets: number, bytes: number] | null;
}
/** null: done. */
export type Outcome = Problem | null;

const COMMANDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-A': '-A', '--append': '-A', '-I': '-I', '--insert': '-I', '-D': '-D', '--delete': '-D', '-R': '-R', '--replace': '-R',
    '-N': '-N', '--new': '-N', '--new-chain': '-N', '-X': '-X', '--delete-chain': '-X', '-F': '-F', '--flush': '-F',
    '-P': '-P', '--policy': '-P', '-Z': '-Z', '--zero': '-Z',
  }), // prettier-ignore
);
const fail = (reason: string, fix: string | null = null): Problem => ({ reason, fix });

/** The rules of the words: every source with every destination. */
function spread(r: Reading, { matches, target }: RuleParts, stamp: Stamp): readonly Rule[] {
  const { header, sources, destinations } = r;
  const rules: Rule[] = [];
  for (const src of sources ?? [header.src])
    for (const dst of destinations ?? [header.dst])
      rules.push({
        header: sources || destinations ? { ...header, src, dst } : header,
        matches,
        target,
        line: stamp.line,
        origin: stamp.origin,
        packets: stamp.counters?.[0] ?? r.packets,
        bytes: stamp.counters?.[1] ?? r.bytes,
      });
  return rules;
}

/** Runs the command; problems of a rule that is kept are in `r.warnings`. */
export function runCommand(
  table: TableDraft,
  r: Reading,
  words: readonly string[],
  stamp: Stamp,
): Outcome {
  let at = 0;
  let command = COMMANDS.get(words[0] ?? '');
  if (command === undefined) {
    at = words.findIndex((word) => COMMANDS.has(word));
    command = COMMANDS.get(words[at] ?? '');
  }
  if (command === undefined) return fail(`no command`, 'a rule begins with -A CHAIN');
  const name = words[at + 1];
  const rest = at === 0 ? words : ['', '', ...words.slice(0, at), ...words.slice(at + 2)];
  if (name === undefined) {
    return wholeTable(table, command);
  }
  const chain = table.chains.get(name);
  if (command === '-N') {
    if (chain !== undefined) return fail(`chain ${name} exists already`);
    if (name.length > 28) return fail(`chain name "${name}" must have 1 to 28 characters`);
    addChain(table, name);
    return null;
  }
  if (chain === undefined)
    return fail(`no chain "${name}" in table ${table.name}`, `declare it before: :${name} - [0:0]`);
  switch (command) {
    case '-F':
      flush(chain);
      return null;
    case '-Z':
      zero(chain);
      return null;
    case '-X':
      if (chain.policy !== null) return fail(`chain ${name} is built in and cannot be deleted`);
      if (chain.rules.length > 0)
        return fail(`chain ${name} is not empty`, `flush it before: -F ${name}`);
      if (isReferenced(table, name)) return fail(`rules still jump to chain ${name}`);
      removeChain(table, chain);
      return null;
    case '-P': {
      const policy = rest[2];
      if (chain.policy === null) return fail(`chain ${name} is not built in and has no policy`);
      if (policy !== 'ACCEPT' && policy !== 'DROP')
        return fail(`${policy ?? ''} is no policy`, 'ACCEPT or DROP');
      chain.policy = policy;
      return null;
    }
    default:
      return ruleCommand(table, chain, command, r, rest, stamp);
  }
}

function wholeTable(table: TableDraft, command: string): Outcome {
  const chains = [...table.chains.values()];
  if (command === '-F') chains.forEach(flush);
  else if (command === '-Z') chains.forEach(zero);
  else if (command === '-X') {
    for (const chain of chains)
      if (chain.policy === null && chain.rules.length === 0 && !isReferenced(table, chain.name))
        removeChain(table, chain);
  } else return fail(`${command} needs a chain`);
  return null;
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
  r: Reading,
  words: readonly string[],
  stamp: Stamp,
): Outcome {
  const numbered = command !== '-A' && /^\d+$/.test(words[2] ?? '');
  const number = numbered ? Number(words[2]) : 1;
  const size = chain.rules.length;
  const tooBig = (): Problem =>
    fail(`chain ${chain.name} has ${size} rules, number ${number} is too big`);
  if (number === 0) return fail('rule numbers begin with 1');
  if (command === '-D' && numbered) {
    if (number > size) return tooBig();
    chain.rules = chain.rules.toSpliced(number - 1, 1);
    chain.calls = null;
    return null;
  }
  const parts = parseRule(r, words, numbered ? 3 : 2, table);
  if (parts === null) return r.errors[0] ?? fail('no rule');
  if (r.otherFamily) return null;
  const rules = spread(r, parts, stamp);
  chain.calls = null;
  const device = chain.policy === null ? null : deviceProblem(chain.name, r.header);
  if (device !== null) return fail(device);
  if (command === '-A') for (const rule of rules) addRule(chain, rule);
  else if (command === '-I') {
    if (number > size + 1) return tooBig();
    for (const one of rules) chain.rules = chain.rules.toSpliced(number - 1, 0, one);
  } else if (command === '-R') {
    if (number > size) return tooBig();
    chain.rules = chain.rules.toSpliced(number - 1, 1, ...rules.slice(0, 1));
  } else
    for (const one of rules) {
      const text = printRule(chain.name, one);
      const found = chain.rules.findIndex((known) => printRule(chain.name, known) === text);
      if (found < 0) return fail(`no such rule in ${chain.name}`);
      chain.rules = chain.rules.toSpliced(found, 1);
    }
  return null;
}
