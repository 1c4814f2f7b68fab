// -j LOG: a line in the kernel log; the packet goes on (net/netfilter/xt_LOG.c).
import { find, type TargetModule } from '../module.ts';
import { quote } from '../save/quote.ts';
import { readNumber } from '../save/values.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'] as const;
const ALIASES: Readonly<Record<string, number>> = { panic: 0 };
const FLAGS = [
  'log-tcp-sequence',
  'log-tcp-options',
  'log-ip-options',
  'log-uid',
  'log-macdecode',
] as const;

export interface LogSpec {
  readonly prefix: string;
  readonly level: number;
  readonly flags: readonly (typeof FLAGS)[number][];
}
const WARNING = 4;

export const LOG: TargetModule<LogSpec> = {
  name: 'LOG',
  options: {
    'log-level': '1', 'log-prefix': '1', 'log-tcp-sequence': '0', 'log-tcp-options': '0', 'log-ip-options': '0',
    'log-uid': '0', 'log-macdecode': '0',
  }, // prettier-ignore
  parse(given, ctx) {
    const word = find(given, 'log-level')?.values[0] ?? `${WARNING}`;
    const named = LEVELS.findIndex((name) => name === word.toLowerCase());
    const level = readNumber(word, 7) ?? ALIASES[word.toLowerCase()] ?? (named < 0 ? null : named);
    if (level === null) ctx.fail(`log level "${word}" unknown`, LEVELS.join(', '));
    const prefix = find(given, 'log-prefix')?.values[0] ?? '';
    if (prefix.length > 29) ctx.warn('--log-prefix has at most 29 characters, the rest is cut off');
    return {
      prefix: prefix.slice(0, 29),
      level: level ?? WARNING,
      flags: FLAGS.filter((name) => find(given, name) !== undefined),
    };
  },
  print: ({ prefix, level, flags }) =>
    (prefix === '' ? '' : ` --log-prefix ${quote(prefix)}`) +
    (level === WARNING ? '' : ` --log-level ${level}`) +
    flags.map((name) => ` --${name}`).join(''),
  compile:
    ({ prefix }) =>
    (_facts, _view, act) => {
      act.log(prefix);
      return 'continue';
    },
};
