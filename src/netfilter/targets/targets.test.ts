import { describe, expect, it } from 'vitest';
import { compileRuleset } from '../compile.ts';
import { actionsOn, addr, connection, ruleOf, rulesetOf, viewOf } from '../fixtures.ts';
import type { Family, HookName, TableName } from '../../trace/types.ts';
import type { NatRange, NfView } from '../types.ts';
import { walk } from '../walk.ts';
import { targets, type TargetSpec } from './index.ts';

/** What the target of one rule does to a packet. */
function act(
  options: string,
  table: TableName,
  hook: HookName,
  more: Partial<NfView>,
  family: Family = 'ipv4',
) {
  const compiled = compileRuleset(rulesetOf(`*${table}\n-A ${hook} ${options}\nCOMMIT\n`, family));
  const view = viewOf({}, { table, hook, ...more });
  const actions = actionsOn(view);
  walk(compiled, table, hook, view, actions.act, { left: 9 });
  return { view, done: actions.done };
}

describe('MARK: mark = (mark & ~mask) ^ value', () => {
  it.each([
    ['--set-mark 0x5', 0xff, 0x5],
    ['--set-mark 0x5/0xf', 0xf0, 0xf5],
    ['--set-xmark 0x4000/0x0', 0x4000, 0],
    ['--set-xmark 0x4000/0x4000', 0x4001, 0x4001],
    ['--and-mark 0xf', 0xff, 0xf],
    ['--or-mark 0x80000000', 1, 0x80000001],
    ['--xor-mark 0xff', 0x0f, 0xf0],
  ])('%s makes %i %i', (option, mark, want) => {
    expect(act(`-j MARK ${option}`, 'mangle', 'PREROUTING', { mark }).view.mark).toBe(want);
  });
});

describe('CONNMARK', () => {
  it.each([
    ['--set-xmark 0x80/0x80', 1, 0x101, 1, 0x181],
    ['--restore-mark', 1, 0x101, 0x101, 0x101],
    ['--restore-mark --nfmask 0x80 --ctmask 0x80', 0x1, 0x181, 0x81, 0x181],
    ['--save-mark', 0x7, 0x101, 0x7, 0x7],
    ['--save-mark --nfmask 0x3 --ctmask 0xff', 0x7, 0x101, 0x7, 0x103],
  ])('%s with mark %i and connection mark %i', (option, mark, ctmark, wantMark, wantCt) => {
    const ct = connection({ mark: ctmark });
    const { view } = act(`-j CONNMARK ${option}`, 'mangle', 'PREROUTING', { mark, ct });
    expect([view.mark, ct.entry.mark]).toEqual([wantMark, wantCt]);
  });
  it('does nothing without a connection', () => {
    expect(act('-j CONNMARK --restore-mark', 'mangle', 'PREROUTING', {}).done).toEqual([]);
  });
});

describe('CT and NOTRACK', () => {
  it('leave a packet alone that has a connection already', () => {
    for (const target of ['NOTRACK', 'CT --notrack', 'CT --zone 3'])
      expect(act(`-j ${target}`, 'raw', 'OUTPUT', { ct: connection() }).done).toEqual([]);
  });
});

describe('what NAT may choose from', () => {
  const none: Omit<NatRange, 'manip' | 'by'> = {
    minAddr: null, maxAddr: null, minPort: null, maxPort: null, random: false, randomFully: false, persistent: false,
  }; // prettier-ignore
  const a = addr('10.0.0.1');
  const b = addr('10.0.0.9');
  const six = addr('fd00::1');
  it.each<readonly [HookName, string, Partial<TargetSpec<'DNAT'>>]>([
    [
      'PREROUTING',
      '-j DNAT --to-destination 10.0.0.1',
      { manip: 'dst', by: 'DNAT', minAddr: a, maxAddr: a },
    ],
    [
      'PREROUTING',
      '-j DNAT --to-destination 10.0.0.1-10.0.0.9 --persistent',
      { manip: 'dst', by: 'DNAT', minAddr: a, maxAddr: b, persistent: true },
    ],
    [
      'PREROUTING',
      '-p tcp -j DNAT --to-destination 10.0.0.1:80-90 --random',
      { manip: 'dst', by: 'DNAT', minAddr: a, maxAddr: a, minPort: 80, maxPort: 90, random: true },
    ],
    [
      'PREROUTING',
      '-p tcp -j DNAT --to-destination :8080',
      { manip: 'dst', by: 'DNAT', minPort: 8080, maxPort: 8080 },
    ],
    [
      'PREROUTING',
      '-p tcp -j DNAT --to-destination [fd00::1]:80',
      { manip: 'dst', by: 'DNAT', minAddr: six, maxAddr: six, minPort: 80, maxPort: 80 },
    ],
    [
      'PREROUTING',
      '-p udp -j REDIRECT --to-ports 53',
      { manip: 'dst', by: 'REDIRECT', minPort: 53, maxPort: 53 },
    ],
    [
      'POSTROUTING',
      '-j MASQUERADE --random-fully',
      { manip: 'src', by: 'MASQUERADE', randomFully: true },
    ],
    [
      'POSTROUTING',
      '-p tcp -j MASQUERADE --to-ports 1024-2048',
      { manip: 'src', by: 'MASQUERADE', minPort: 1024, maxPort: 2048 },
    ],
    [
      'POSTROUTING',
      '-j SNAT --to-source 10.0.0.1',
      { manip: 'src', by: 'SNAT', minAddr: a, maxAddr: a },
    ],
  ] as const)('%s %s', (chain, options, want) => {
    const family = options.includes('fd00') ? 'ipv6' : 'ipv4';
    expect(ruleOf(options, 'nat', chain, family).target?.spec).toEqual({ ...none, ...want });
  });
});

describe('registry', () => {
  it.each(Object.entries(targets))('%s is registered under its name', (name, module) => {
    expect(module.name).toBe(name);
    for (const arity of Object.values(module.options)) expect(arity).toMatch(/^!?[012]$/);
  });
});
