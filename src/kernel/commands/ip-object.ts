// What an object of ip(8) is given, and its verbs.
import type { Kernel, Netns } from '../types.ts';

/** `words` begin with the verb; `family` is what -4 or -6 asked for. */
export type IpObject = (
  k: Kernel,
  ns: Netns,
  words: readonly string[],
  family: 'ipv4' | 'ipv6' | null,
) => string | null;

const VERBS = [
  'add',
  'append',
  'change',
  'delete',
  'replace',
  'flush',
  'set',
  'show',
  'list',
  'get',
];

/** `chg` is change; a prefix is enough for the others, as ip takes them. */
export const verbOf = (word: string): string =>
  word === 'chg' ? 'change' : (VERBS.find((verb) => verb.startsWith(word)) ?? word);
