import { describe, expect, it } from 'vitest';
import { keywords, shellCommands } from './shell.ts';

const words = (text: string): readonly (readonly string[])[] =>
  shellCommands(text).map((c) => c.words);

describe('shellCommands', () => {
  it.each([
    ['ip link set eth0 down', [['ip', 'link', 'set', 'eth0', 'down']]],
    ['a; b && c || d', [['a'], ['b'], ['c'], ['d']]],
    [
      `iptables -m comment --comment "two words"`,
      [['iptables', '-m', 'comment', '--comment', 'two words']],
    ],
    [`echo 'a;b' "c\\"d"`, [['echo', 'a;b', 'c"d']]],
    ['ip route \\\n add default', [['ip', 'route', 'add', 'default']]],
    ['# a comment\ntrue', [['true']]],
  ])('splits %s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('gives a command its here-document and goes on behind it', () => {
    const [restore, next] = shellCommands(
      "iptables-restore <<'EOF'\n*nat\nCOMMIT\nEOF\nip link show",
    );
    expect(restore).toMatchObject({ words: ['iptables-restore'], input: '*nat\nCOMMIT\n' });
    expect(next?.words).toEqual(['ip', 'link', 'show']);
  });

  it('keeps the file that output goes to, except errors and /dev/null', () => {
    expect(shellCommands('echo 1 > /proc/sys/net/ipv4/ip_forward')[0]?.output).toBe(
      '/proc/sys/net/ipv4/ip_forward',
    );
    expect(shellCommands('ip link del x 2>/dev/null')[0]).toMatchObject({
      words: ['ip', 'link', 'del', 'x'],
      output: null,
    });
  });
});

describe('keywords', () => {
  it('reads pairs and flags', () => {
    expect([...keywords(['dev', 'eth0', 'onlink', 'metric', '5'], ['onlink'])]).toEqual([
      ['dev', 'eth0'],
      ['onlink', ''],
      ['metric', '5'],
    ]);
  });
});
