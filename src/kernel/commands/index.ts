// Commands that a person types between flows, by first word; the others are named. To add one: a file beside this one and a line here.
import type { Diagnostic } from '../../base/diagnostic.ts';
import { at } from '../../base/diagnostic.ts';
import type { TableWrite } from '../../trace/types.ts';
import { initialRows } from '../rows.ts';
import type { Kernel } from '../types.ts';
import { bridge } from './bridge.ts';
import { conntrack } from './conntrack.ts';
import { ip } from './ip.ts';
import { ipset } from './ipset.ts';
import { restore, rules } from './iptables.ts';
import { shellCommands } from './shell.ts';
import type { ShellCommand } from './shell.ts';
import { echo, sysctl } from './sysctl.ts';
import type { Command } from './types.ts';

const nothing: Command = () => null;
const COMMANDS: Readonly<Record<string, Command>> = {
  ip,
  bridge,
  sysctl,
  echo,
  conntrack,
  ipset,
  iptables: rules('ipv4'),
  'iptables-legacy': rules('ipv4'),
  ip6tables: rules('ipv6'),
  'ip6tables-legacy': rules('ipv6'),
  'iptables-restore': restore('ipv4'),
  'iptables-legacy-restore': restore('ipv4'),
  'ip6tables-restore': restore('ipv6'),
  'ip6tables-legacy-restore': restore('ipv6'),
  true: nothing,
  set: nothing,
};

/** What comes before a command and changes nothing here. */
function bare(words: readonly string[]): readonly string[] {
  return words[0] === 'sudo' || words[0] === 'exec' ? bare(words.slice(1)) : words;
}

function one(k: Kernel, netns: string, shell: ShellCommand): string | null {
  const ns = k.netns.get(netns);
  if (ns === undefined) return `no namespace ${netns}`;
  const [first = '', ...words] = bare(shell.words);
  const command = COMMANDS[first.split('/').at(-1) ?? ''];
  return command === undefined ? 'not modelled' : command(k, ns, words, shell);
}

export function runCommand(k: Kernel, netns: string, text: string): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const shell of shellCommands(text)) {
    const before = tables(k);
    const failure = one(k, netns, shell);
    if (failure !== null)
      out.push({
        severity: 'warning',
        place: at(`${netns} command`),
        reason: `\`${shell.text}\`: ${failure}`,
        fix: null,
      });
    for (const write of changes(before, tables(k))) k.rec.write(write);
    k.rec.event('command', null, { netns, dev: null }, { text: shell.text });
  }
  return out;
}

const tables = (k: Kernel): ReadonlyMap<string, TableWrite> =>
  new Map(initialRows(k.netns.values()).map((w) => [`${w.netns}\n${w.table}\n${w.key}`, w]));

/** Rows that came, went or differ. */
function changes(
  before: ReadonlyMap<string, TableWrite>,
  after: ReadonlyMap<string, TableWrite>,
): readonly TableWrite[] {
  const writes: TableWrite[] = [];
  for (const [key, old] of before)
    if (!after.has(key)) writes.push({ ...old, before: old.after, after: null });
  for (const [key, now] of after) {
    const was = before.get(key)?.after ?? null;
    if (JSON.stringify(was) !== JSON.stringify(now.after)) writes.push({ ...now, before: was });
  }
  return writes;
}
