import { describe, expect, it } from 'vitest';
import { kubeletRules } from '../kubelet.ts';
import { proxyPlumbing } from '../proxy/plumbing.ts';
import { applyCommand, createState, printState } from './state.ts';
import type { IptRule } from './types.ts';

const rule = (chain: string, args: string): IptRule => ({
  chain,
  args,
  origin: { component: 'test', object: null, command: `iptables -A ${chain} ${args}` },
});
const jumps = (text: string, chain: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`-A ${chain} `))
    .map((line) => /-j (\S+)/.exec(line)?.[1] ?? '');

describe('tables of a node', () => {
  it('put the jumps into the order that a real node shows', () => {
    const state = createState();
    for (const command of [...kubeletRules('ipv4'), ...proxyPlumbing('IPv4')])
      applyCommand(state, command);
    const { text } = printState(state);
    expect(jumps(text, 'INPUT')).toEqual([
      'KUBE-PROXY-FIREWALL',
      'KUBE-NODEPORTS',
      'KUBE-EXTERNAL-SERVICES',
      'KUBE-FIREWALL',
    ]);
    expect(jumps(text, 'FORWARD')).toEqual([
      'KUBE-PROXY-FIREWALL',
      'KUBE-FORWARD',
      'KUBE-SERVICES',
      'KUBE-EXTERNAL-SERVICES',
    ]);
    expect(jumps(text, 'OUTPUT').slice(0, 3)).toEqual([
      'KUBE-PROXY-FIREWALL',
      'KUBE-SERVICES',
      'KUBE-FIREWALL',
    ]);
  });
  it('change nothing when the same set-up runs again', () => {
    const state = createState();
    const commands = [...kubeletRules('ipv4'), ...proxyPlumbing('IPv4')];
    for (const command of commands) applyCommand(state, command);
    const once = printState(state).text;
    for (const command of commands) applyCommand(state, command);
    expect(printState(state).text).toBe(once);
  });
  it('restore without flushing what is not named', () => {
    const state = createState();
    applyCommand(state, { do: 'append', table: 'nat', rule: rule('OTHER', '-j RETURN') });
    applyCommand(state, { do: 'append', table: 'nat', rule: rule('MINE', '-j RETURN') });
    applyCommand(state, {
      do: 'restore',
      tables: [
        { table: 'nat', chains: ['MINE'], rules: [rule('MINE', '-j ACCEPT')], deletions: [] },
      ],
    });
    const { text, origins } = printState(state);
    const lines = text.split('\n');
    expect(lines.filter((line) => line.startsWith('-A'))).toEqual([
      '-A MINE -j ACCEPT',
      '-A OTHER -j RETURN',
    ]);
    for (const [line, origin] of Object.entries(origins))
      expect(origin.command).toBe(`iptables ${lines[Number(line) - 1]}`);
  });
});
