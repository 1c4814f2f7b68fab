import { describe, expect, it } from 'vitest';
import type { HookName, TableName, WalkStep } from '../trace/types.ts';
import { actionsOn, compiledOf, viewOf, type PacketParts } from './fixtures.ts';
import { snapshot } from './snapshot.ts';
import { walk } from './walk.ts';

const show = ({ chain, kind, rule, from, target, mark }: WalkStep): string =>
  `${chain}:${kind}:${rule} from ${from} ${target}${mark === 0 ? '' : ` mark ${mark}`}`.trim();

function go(
  text: string,
  parts: PacketParts = {},
  table: TableName = 'filter',
  hook: HookName = 'FORWARD',
) {
  const compiled = compiledOf(`*${table}\n${text}\nCOMMIT\n`);
  const view = viewOf(parts, { table, hook });
  const { act, done } = actionsOn(view);
  const result = walk(compiled, table, hook, view, act, { left: 1000 });
  return { ...result, shown: result.steps.map(show), done, compiled, view };
}

describe('walk of a chain', () => {
  it('reaches the policy of an empty chain, which counts', () => {
    const { verdict, shown, compiled } = go('');
    expect(verdict).toBe('accept');
    expect(shown).toEqual(['FORWARD:policy:1 from 1 ACCEPT']);
    expect([...snapshot(compiled)].find((row) => row.chain === 'FORWARD')).toMatchObject({
      packets: 1,
      bytes: 60,
    });
  });
  it('passes over rules that do not fit, and names the range', () => {
    const { shown, verdict, by } = go(
      ':FORWARD DROP [0:0]\n-A FORWARD -p udp\n-A FORWARD -d 1.1.1.1\n-A FORWARD -p tcp',
    );
    expect(shown).toEqual(['FORWARD:rule:3 from 1', 'FORWARD:policy:4 from 4 DROP']);
    expect([verdict, by]).toEqual(['drop', 'policy of FORWARD']);
  });
  it('jumps, returns at the end of the chain, and goes on behind the jump', () => {
    const { shown } = go(
      ':A - [0:0]\n-A FORWARD -j A\n-A FORWARD -p tcp -j DROP\n-A A -p udp -j DROP',
    );
    expect(shown).toEqual([
      'FORWARD:rule:1 from 1 A',
      'A:return:2 from 1 RETURN',
      'FORWARD:rule:2 from 2 DROP',
    ]);
  });
  it('takes RETURN back to the caller, and of a base chain to its policy', () => {
    const { shown } = go(
      ':A - [0:0]\n-A FORWARD -j A\n-A FORWARD -p tcp -j RETURN\n-A FORWARD -j DROP\n-A A -p tcp -j RETURN\n-A A -j DROP',
    );
    expect(shown).toEqual([
      'FORWARD:rule:1 from 1 A',
      'A:rule:1 from 1 RETURN',
      'FORWARD:rule:2 from 2 RETURN',
      'FORWARD:policy:4 from 4 ACCEPT',
    ]);
  });
  it('does not come back from a goto: to the caller of the chain, or to the policy', () => {
    const { shown } = go(
      ':A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A FORWARD -p tcp -g B\n-A FORWARD -j DROP\n-A A -g B\n-A A -j DROP',
    );
    expect(shown).toEqual([
      'FORWARD:rule:1 from 1 A',
      'A:rule:1 from 1 B',
      'B:return:1 from 1 RETURN',
      'FORWARD:rule:2 from 2 B',
      'B:return:1 from 1 RETURN',
      'FORWARD:policy:4 from 4 ACCEPT',
    ]);
  });
  it('logs an unconditional verdict as the end of its chain, as the kernel does', () => {
    const ends = go(
      ':A - [0:0]\n-A FORWARD -j A\n-A FORWARD -j ACCEPT\n-A FORWARD -j DROP\n-A A -j RETURN\n-A A -j DROP',
    );
    expect(ends.shown).toEqual([
      'FORWARD:rule:1 from 1 A',
      'A:return:1 from 1 RETURN',
      'FORWARD:policy:2 from 2 ACCEPT',
    ]);
    const commented = go('-A FORWARD -m comment --comment x -j ACCEPT');
    expect(commented.shown).toEqual(['FORWARD:rule:1 from 1 ACCEPT']);
  });
  it('shows the mark when a rule is reached, before its target', () => {
    const { shown, done } = go(
      '-A FORWARD -j MARK --or-mark 0x4000\n-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
      {},
      'mangle',
    );
    expect(shown).toEqual([
      'FORWARD:rule:1 from 1 MARK',
      'FORWARD:rule:2 from 2 ACCEPT mark 16384',
    ]);
    expect(done).toEqual(['mark 16384']);
  });
  it('goes 40 chains deep: the legacy tables know no limit of 16', () => {
    const chains = Array.from({ length: 40 }, (_, i) => `C${i}`);
    const text = [
      ...chains.map((name) => `:${name} - [0:0]`),
      '-A FORWARD -j C0',
      ...chains.slice(1).map((name, i) => `-A C${i} -j ${name}`),
      '-A C39 -p tcp -j DROP',
    ].join('\n');
    const { verdict, by } = go(text);
    expect([verdict, by]).toEqual(['drop', 'rule 1 of C39']);
  });
  it('counts a rule before its target, and the policy where it is reached', () => {
    const { counted, compiled } = go('[4:400] -A FORWARD -p tcp\n-A FORWARD -p tcp -j DROP');
    expect(counted).toEqual([
      {
        netns: 'node',
        table: 'counter',
        key: 'ipv4 filter FORWARD 1',
        before: { packets: 4, bytes: 400 },
        after: { packets: 5, bytes: 460 },
      },
      {
        netns: 'node',
        table: 'counter',
        key: 'ipv4 filter FORWARD 2',
        before: null,
        after: { packets: 1, bytes: 60 },
      },
    ]);
    const rows = [...snapshot(compiled)].filter((row) => row.chain === 'FORWARD');
    expect(rows.map(({ rule, packets, bytes }) => [rule, packets, bytes])).toEqual([
      ['policy', 0, 0],
      [1, 5, 460],
      [2, 1, 60],
    ]);
  });
  it('tells the same list of steps again when a packet comes the same way', () => {
    const compiled = compiledOf(
      '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n-A FORWARD -p tcp\nCOMMIT\n',
    );
    const steps = (dport: number) => {
      const view = viewOf({ dport });
      return walk(compiled, 'filter', 'FORWARD', view, actionsOn(view).act, { left: 100 }).steps;
    };
    const web = steps(80);
    const other = steps(81);
    expect(web.map(({ rule, kind }) => `${kind} ${rule}`)).toEqual(['rule 1']);
    expect(other.map(({ rule, kind }) => `${kind} ${rule}`)).toEqual(['rule 2', 'policy 3']);
    expect(steps(80)).toBe(web);
    expect(steps(81)).toBe(other);
  });
  it('accepts where the table or the chain is not there', () => {
    expect(go('', {}, 'filter', 'PREROUTING').steps).toEqual([]);
  });
  it('drops what has a port to be tested and no header for it', () => {
    const { verdict, by } = go('-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT', { fragOffset: 8 });
    expect([verdict, by]).toEqual(['drop', 'rule 1 of FORWARD: the header it asks for is cut off']);
    expect(go('-A FORWARD -p tcp -m tcp --dport 80 -j DROP', { fragOffset: 800 }).verdict).toBe(
      'accept',
    );
  });
  it('ends when the budget does', () => {
    const compiled = compiledOf('*filter\n-A FORWARD -p udp\n-A FORWARD -p udp\nCOMMIT\n');
    const view = viewOf();
    const budget = { left: 1 };
    const { verdict, by } = walk(compiled, 'filter', 'FORWARD', view, actionsOn(view).act, budget);
    expect([verdict, by]).toEqual(['drop', 'the budget of rule evaluations is used up']);
    expect(budget.left).toBeLessThan(0);
  });
});

describe('targets that are extensions', () => {
  it.each([
    ['-j LOG --log-prefix "x "', 'filter', 'FORWARD', 'accept', ['log x ']],
    ['-j NFLOG --nflog-prefix y', 'filter', 'FORWARD', 'accept', ['log y']],
    ['-j REJECT', 'filter', 'FORWARD', 'drop', ['reject icmp-port-unreachable']],
    ['-p tcp -j REJECT --reject-with tcp-reset', 'filter', 'FORWARD', 'drop', ['reject tcp-reset']],
    ['-j TRACE', 'raw', 'PREROUTING', 'accept', ['trace']],
    ['-j NOTRACK', 'raw', 'PREROUTING', 'accept', ['untrack']],
    ['-j CT --notrack', 'raw', 'PREROUTING', 'accept', ['untrack']],
    ['-j CT --zone 5', 'raw', 'PREROUTING', 'accept', ['zone 5']],
    [
      '-p tcp -j DNAT --to-destination 10.0.0.1:8080',
      'nat',
      'PREROUTING',
      'accept',
      ['DNAT 167772161:8080'],
    ],
    ['-p tcp -j REDIRECT --to-ports 8080', 'nat', 'PREROUTING', 'accept', ['REDIRECT :8080']],
    ['-j SNAT --to-source 10.0.0.1', 'nat', 'POSTROUTING', 'accept', ['SNAT 167772161:']],
    ['-j MASQUERADE --random-fully', 'nat', 'POSTROUTING', 'accept', ['MASQUERADE :']],
    ['-j TTL --ttl-set 5', 'mangle', 'FORWARD', 'accept', ['mangle']],
    ['-j CHECKSUM --checksum-fill', 'mangle', 'FORWARD', 'accept', []],
  ] as const)('%s', (options, table, hook, verdict, done) => {
    const result = go(`-A ${hook} ${options}`, {}, table, hook);
    expect([result.verdict, result.done]).toEqual([verdict, done]);
    const last = result.steps.at(-1);
    // NAT and REJECT end the table; the others let it go on to the policy.
    expect(last?.kind).toBe(table === 'nat' || verdict === 'drop' ? 'rule' : 'policy');
  });
  it('sees what a target changed', () => {
    const { verdict } = go(
      '-A FORWARD -j TTL --ttl-set 5\n-A FORWARD -m ttl --ttl-eq 5 -j DROP',
      {},
      'mangle',
    );
    expect(verdict).toBe('drop');
  });
  it.each([
    ['--set-mss 1400', 1460, 1500, 1400],
    ['--set-mss 1400', 1200, 1500, 1200],
    ['--clamp-mss-to-pmtu', 1460, 1450, 1410],
    ['--clamp-mss-to-pmtu', null, 1450, 536],
    ['--set-mss 300', null, 1500, 300],
  ])('TCPMSS %s: MSS %s over MTU %s becomes %s', (option, mss, mtu, want) => {
    const compiled = compiledOf(`*mangle\n-A FORWARD -p tcp --syn -j TCPMSS ${option}\nCOMMIT\n`);
    const view = viewOf(
      { options: mss === null ? [] : [{ kind: 'mss', value: mss }] },
      { pathMtu: () => mtu },
    );
    walk(compiled, 'mangle', 'FORWARD', view, actionsOn(view).act, { left: 10 });
    const tcp = view.layers[1];
    const option2 = tcp?.kind === 'tcp' ? tcp.header.options[0] : undefined;
    expect(option2).toEqual({ kind: 'mss', value: want });
  });
});
