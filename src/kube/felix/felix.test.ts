// Felix' rules against the reference dump: two pods of namespace default on one node, a policy that lets `app: frontend` to the
// database's port 5432, VXLAN.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { savedText } from '../iptables/saved.ts';
import { applyCommand, createState } from '../iptables/state.ts';
import { ruleHashes } from './chain.ts';
import { felix } from './felix.ts';
import { reference } from './fixtures.ts';
import { policyRulesChain } from './policy-rules.ts';

const dump = (name: string): string =>
  readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');

/** The reference has a stand-in for the set of the selector, and a hash over it. */
const withPlaceholder = (text: string): string =>
  text
    .replaceAll(/cali40s:[\w-]+/g, 'cali40s:SELECTOR')
    .replace(/(-A cali-pi-knp\/default\/allow-db .*--comment "cali:)[\w-]{16}/, '$1HASH');

describe('felix', () => {
  const { commands, sets } = felix(reference);
  it('writes the rules that iptables-save shows on a node', () => {
    const state = createState();
    for (const command of commands) applyCommand(state, command);
    const { text } = savedText(state, 'ipv4');
    expect(sortedTables(withPlaceholder(text))).toBe(
      sortedTables(withPlaceholder(dump('calico.saved'))),
    );
  });
  it('hashes the rule that asks a set as the reference does', () => {
    const chain = policyRulesChain(reference.policies[0]!, {
      family: 'IPv4',
      direction: 'inbound',
      sets: { workloads: () => 'cali40s:frontendSelectorHash', namedPort: () => '' },
    });
    const [hash] = ruleHashes(chain.name, chain.rules);
    expect(dump('calico.saved')).toContain(
      `-A cali-pi-knp/default/allow-db -p tcp -m comment --comment "cali:${hash}" -m comment`,
    );
  });
  it('fills the sets', () => {
    const lines = sets.flatMap(({ name, type, entries }) => [
      `create ${name} ${type}`,
      ...entries.map((entry) => `add ${name} ${entry}`),
    ]);
    const ours = withPlaceholder(lines.join('\n')).split('\n').sort();
    const theirs = withPlaceholder(dump('calico.ipset')).trim().split('\n');
    expect(ours).toEqual([...theirs, 'add cali40s:SELECTOR 10.244.1.3'].sort());
  });
});

/** iptables-save lists tables in the order in which they were first used. */
const sortedTables = (text: string): string =>
  text
    .split(/^(?=\*)/m)
    .sort()
    .join('');
