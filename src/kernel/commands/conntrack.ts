// conntrack(8): -D with the usual filters, -F. Deleted entries are gone at once; the next packet makes a new one.
import { removeEntry } from '../../conntrack/table.ts';
import { isIcmp } from '../../conntrack/tuple.ts';
import type { CtEntry } from '../../conntrack/types.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import { hostPrefix } from '../../net/fib/table.ts';
import { contains, parsePrefix } from '../../wire/addr/prefix.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { changedEntry } from '../path/conntrack.ts';
import type { Command } from './types.ts';

const PROTOCOL: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
  sctp: 132,
};

type Test = (entry: CtEntry) => boolean;

function addr(text: string, of: (entry: CtEntry) => IpAddr): Test | null {
  const prefix = text.includes('/') ? parsePrefix(text) : hostOf(text);
  return prefix === null ? null : (entry) => contains(prefix, of(entry));
}
function hostOf(text: string): ReturnType<typeof parsePrefix> {
  const one = parseAddr(text);
  return one === null ? null : hostPrefix(one);
}
const port = (text: string, of: (entry: CtEntry) => number): Test => {
  const wanted = Number(text);
  return (entry) => !isIcmp(entry.original.protocol) && of(entry) === wanted;
};

/** Option -> what it asks of an entry. */
const FILTERS: Readonly<Record<string, (value: string) => Test | null>> = {
  '-s': (v) => addr(v, (e) => e.original.src),
  '-d': (v) => addr(v, (e) => e.original.dst),
  '-r': (v) => addr(v, (e) => e.reply.src),
  '-q': (v) => addr(v, (e) => e.reply.dst),
  '-p': (v) => (e) => e.original.protocol === (PROTOCOL[v] ?? Number(v)),
  '-f': (v) => (e) => (typeof e.original.src === 'number' ? 'ipv4' : 'ipv6') === v,
  '-m': (v) => (e) => e.mark === Number(v),
  '--sport': (v) => port(v, (e) => e.original.sport),
  '--dport': (v) => port(v, (e) => e.original.dport),
  '--reply-port-src': (v) => port(v, (e) => e.reply.sport),
  '--reply-port-dst': (v) => port(v, (e) => e.reply.dport),
  '--state': (v) => (e) => e.tcp?.state === v,
};
const LONG: Readonly<Record<string, string>> = {
  '--src': '-s', '--orig-src': '-s', '--dst': '-d', '--orig-dst': '-d', '--reply-src': '-r', '--reply-dst': '-q',
  '--proto': '-p', '--family': '-f', '--mark': '-m', '--orig-port-src': '--sport', '--orig-port-dst': '--dport',
}; // prettier-ignore

export const conntrack: Command = (k, ns, words) => {
  const tests: Test[] = [];
  let removes = false;
  for (let i = 0; i < words.length; i++) {
    const name = LONG[words[i]!] ?? words[i]!;
    if (['-D', '--delete', '-F', '--flush'].includes(name)) {
      removes = true;
      continue;
    }
    if (name === '-L' || name === '--dump') return null;
    const filter = FILTERS[name];
    if (filter === undefined) return `option ${name} is not modelled`;
    const test = filter(words[++i] ?? '');
    if (test === null) return `bad parameter ${words[i] ?? ''}`;
    tests.push(test);
  }
  if (!removes) return 'only -D and -F are modelled';
  for (const entry of [...ns.ct.entries])
    if (tests.every((test) => test(entry)))
      changedEntry(k, ns, entry, () => removeEntry(ns.ct, entry));
  return null;
};
