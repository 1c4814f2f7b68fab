// Registry of matches (the word after `-m`).
// To add one: a file `<name>.ts` that exports a MatchModule, and one line here.
import type { MatchModule } from '../module.ts';
import { addrtype } from './addrtype.ts';
import { comment } from './comment.ts';
import { connmark } from './connmark.ts';
import { conntrack } from './conntrack.ts';
import { hashlimit } from './hashlimit.ts';
import { hl } from './hl.ts';
import { icmp } from './icmp.ts';
import { icmp6 } from './icmp6.ts';
import { iprange } from './iprange.ts';
import { length } from './length.ts';
import { limit } from './limit.ts';
import { mac } from './mac.ts';
import { mark } from './mark.ts';
import { multiport } from './multiport.ts';
import { nfacct } from './nfacct.ts';
import { owner } from './owner.ts';
import { physdev } from './physdev.ts';
import { pkttype } from './pkttype.ts';
import { recent } from './recent.ts';
import { rpfilter } from './rpfilter.ts';
import { sctp } from './sctp.ts';
import { set } from './set.ts';
import { state } from './state.ts';
import { statistic } from './statistic.ts';
import { tcp } from './tcp.ts';
import { tcpmss } from './tcpmss.ts';
import { ttl } from './ttl.ts';
import { udp } from './udp.ts';

export const matches = {
  addrtype,
  comment,
  connmark,
  conntrack,
  hashlimit,
  hl,
  icmp,
  icmp6,
  iprange,
  length,
  limit,
  mac,
  mark,
  multiport,
  nfacct,
  owner,
  physdev,
  pkttype,
  recent,
  rpfilter,
  sctp,
  set,
  state,
  statistic,
  tcp,
  tcpmss,
  ttl,
  udp,
} as const;

export type MatchName = keyof typeof matches;
export type MatchSpec<N extends MatchName> =
  (typeof matches)[N] extends MatchModule<infer S> ? S : never;

const byName: ReadonlyMap<string, MatchModule<unknown>> = new Map(
  Object.entries(matches as Readonly<Record<string, MatchModule<unknown>>>),
);
/** The module of a name, or undefined. Its spec is what its own `parse` made. */
export const findMatch = (name: string): MatchModule<unknown> | undefined =>
  byName.get(name === 'icmpv6' || name === 'ipv6-icmp' ? 'icmp6' : name);
