// The real programs read what Felix writes here: ipset and iptables-restore in a network namespace of their own take every rule and
// set, and iptables-save prints the words that ours prints. Needs root, iptables and ipset; says so where they are missing.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { savedText } from '../iptables/saved.ts';
import { applyCommand, createState, printState } from '../iptables/state.ts';
import { felix } from './felix.ts';
import type { FelixInput } from './felix.ts';
import { everything, reference } from './fixtures.ts';

const inNamespace = (script: string, input = ''): ReturnType<typeof spawnSync> =>
  spawnSync('unshare', ['--net', 'sh', '-ec', script], { input, encoding: 'utf8' });
const able = inNamespace('iptables-legacy-save; ip6tables-legacy-save; ipset list').status === 0;
if (!able)
  console.warn('skipped: Felix against the real iptables (needs root, iptables-legacy and ipset)');

/** Tables in a fixed order; counters, comments and blank lines away. */
const bare = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^(:.*) \[\d+:\d+\]$/, '$1'))
    .join('\n')
    .split(/^(?=\*)/m)
    .map((table) => table.trimEnd())
    .sort()
    .join('\n');

describe.skipIf(!able)('the rules of Felix', () => {
  const cases: readonly (readonly [string, FelixInput])[] = [
    ['the reference node', reference],
    ['everything, IPv4', everything('IPv4')],
    ['everything, IPv6', everything('IPv6')],
  ];
  it.each(cases)('load and come back: %s', (_, input) => {
    const { commands, sets } = felix(input);
    const six = input.config.family === 'IPv6';
    const state = createState();
    for (const command of commands) applyCommand(state, command);
    const saved = savedText(state, six ? 'ipv6' : 'ipv4').text;
    const ipset = sets
      .flatMap(({ name, type, entries }) => [
        `create ${name} ${type} family ${six ? 'inet6' : 'inet'}`,
        ...entries.map((entry) => `add ${name} ${entry}`),
      ])
      .join('\n');
    const tool = six ? 'ip6tables' : 'iptables';
    const load = [
      `ipset restore <<'SETS'\n${ipset}\nSETS`,
      // As Felix writes it, then as we print it: the kernel says the same of both.
      `${tool}-legacy-restore --test <<'RULES'\n${printState(state).text}RULES`,
      `${tool}-restore --test <<'RULES'\n${printState(state).text}RULES`,
      `${tool}-legacy-restore <<'RULES'\n${printState(state).text}RULES`,
      `${tool}-legacy-save`,
    ].join('\n');
    const { status, stdout, stderr } = inNamespace(load);
    expect([status, String(stderr)]).toEqual([0, '']);
    expect(bare(String(stdout))).toBe(bare(saved));
  });
});
