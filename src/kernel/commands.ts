// Commands that a person types between flows, as far as they are modelled; the others are named.
import type { Diagnostic } from '../base/diagnostic.ts';
import { at } from '../base/diagnostic.ts';
import type { Kernel, Netns } from './types.ts';

type Command = (k: Kernel, ns: Netns, words: readonly string[]) => string | null;

/** By first word. To add one: a line here. Each returns null, or what it could not do. */
const COMMANDS: Readonly<Record<string, Command>> = {
  sysctl(k, ns, words) {
    for (const word of words.filter((w) => !w.startsWith('-'))) {
      const [name, value] = word.split('=');
      if (name === undefined || value === undefined) return `${word}: expected name=value`;
      const before = ns.sysctl.get(name);
      ns.sysctl.set(name, value);
      k.rec.write({
        netns: ns.name,
        table: 'sysctl',
        key: name,
        before: before === undefined ? null : { name, value: before },
        after: { name, value },
      });
    }
    return null;
  },
};

export function runCommand(k: Kernel, netns: string, text: string): readonly Diagnostic[] {
  const ns = k.netns.get(netns);
  const problem = (reason: string): readonly Diagnostic[] => [
    { severity: 'warning', place: at(`${netns} command`), reason, fix: null },
  ];
  if (ns === undefined) return problem(`no namespace ${netns}`);
  const out: Diagnostic[] = [];
  for (const line of text.split(/&&|;|\n/)) {
    const [first, ...words] = line.trim().split(/\s+/);
    if (first === undefined || first === '') continue;
    const command = COMMANDS[first];
    const failure =
      command === undefined ? `\`${line.trim()}\` is not modelled` : command(k, ns, words);
    if (failure !== null) out.push(...problem(failure));
    k.rec.event('command', null, { netns, dev: null }, { text: line.trim() });
  }
  return out;
}
