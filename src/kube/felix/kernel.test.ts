// The real programs read what Felix writes: ipset and iptables-restore take every rule and set, and iptables-save prints the words
// that ours prints.
import { describe, expect, it } from 'vitest';
import { bareDump, hasIptables, loadIptables } from '../../test/real-iptables.ts';
import { savedText } from '../iptables/saved.ts';
import { applyCommand, createState, printState } from '../iptables/state.ts';
import { felix } from './felix.ts';
import type { FelixInput } from './felix.ts';
import { everything, reference } from './fixtures.ts';

const able = hasIptables();
if (!able)
  console.warn('skipped: Felix against the real iptables (needs root, iptables and ipset)');

describe.skipIf(!able)('the rules of Felix', () => {
  const cases: readonly (readonly [string, FelixInput])[] = [
    ['the reference node', reference],
    ['everything, IPv4', everything('IPv4')],
    ['everything, IPv6', everything('IPv6')],
  ];
  it.each(cases)('load and come back: %s', (_, input) => {
    const { commands, sets } = felix(input);
    const six = input.config.family === 'IPv6';
    const family = six ? 'ipv6' : 'ipv4';
    const state = createState();
    for (const command of commands) applyCommand(state, command);
    const ours = savedText(state, family).text;
    const { complaint, saved } = loadIptables(
      family,
      sets.map((set) => ({ ...set, family: six ? 'inet6' : 'inet' })),
      // As Felix writes them, and as we print them.
      [printState(state).text, ours],
    );
    expect(complaint).toBe('');
    expect(bareDump(saved)).toBe(bareDump(ours));
    expect(ours).toContain('cali-FORWARD');
  });
});
