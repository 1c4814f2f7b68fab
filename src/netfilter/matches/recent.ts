// -m recent: remember addresses and ask whether they were seen (net/netfilter/xt_recent.c recent_mt).
// kube-proxy keeps session affinity in it.
import { SECOND } from '../../base/queue.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr } from '../../wire/addr/types.ts';
import { bang, find, type MatchModule } from '../module.ts';
import { parseIp, parseNumber } from '../save/values.ts';
import type { NfState } from '../state.ts';
import {
  addEntry,
  createRecentTable,
  reapOldest,
  ringPlaces,
  touchEntry,
  widen,
  type RecentTable,
} from './recent-table.ts';

const MODES = ['set', 'rcheck', 'update', 'remove'] as const;
export interface RecentSpec {
  readonly mode: (typeof MODES)[number];
  readonly invert: boolean;
  readonly seconds: number;
  readonly hitcount: number;
  readonly reap: boolean;
  readonly rttl: boolean;
  readonly name: string;
  readonly mask: IpAddr;
  readonly side: 'rsource' | 'rdest';
}
const ALL4 = 0xffffffff as IpAddr;
const ALL6 = ((1n << 128n) - 1n) as IpAddr;

const masked = (addr: IpAddr, mask: IpAddr): IpAddr =>
  (typeof addr === 'number' ? (addr & Number(mask)) >>> 0 : addr & BigInt(mask)) as IpAddr;

/** The list that all rules with this name share; the first one decides about its mask. */
function listOf(spec: RecentSpec, state: NfState): RecentTable {
  let list = state.recent.get(spec.name);
  if (list === undefined) {
    list = createRecentTable(spec.name, spec.mask);
    state.recent.set(spec.name, list);
  }
  return list;
}

export const recent: MatchModule<RecentSpec> = {
  name: 'recent',
  options: {
    set: '!0', rcheck: '!0', update: '!0', remove: '!0', seconds: '1', hitcount: '1', reap: '0', rttl: '0',
    name: '1', mask: '1', rsource: '0', rdest: '0',
  }, // prettier-ignore
  pure: false,
  parse(given, ctx) {
    const modes = given.filter(({ name }) => (MODES as readonly string[]).includes(name));
    const mode = modes[0];
    if (mode === undefined || modes.length > 1)
      ctx.fail('recent: you must specify exactly one of --set, --rcheck, --update, --remove');
    const number = (name: string): number => {
      const option = find(given, name);
      return option ? parseNumber(option.values[0] ?? '', ctx, name) : 0;
    };
    const all = ctx.family === 'ipv4' ? ALL4 : ALL6;
    const mask = find(given, 'mask');
    const checks = mode?.name === 'rcheck' || mode?.name === 'update';
    const spec: RecentSpec = {
      mode: MODES.find((name) => name === mode?.name) ?? 'set',
      invert: mode?.invert ?? false,
      seconds: number('seconds'),
      hitcount: number('hitcount'),
      reap: find(given, 'reap') !== undefined,
      rttl: find(given, 'rttl') !== undefined,
      name: find(given, 'name')?.values[0] ?? 'DEFAULT',
      mask: mask ? parseIp(mask.values[0] ?? '', ctx) : all,
      side: find(given, 'rdest') ? 'rdest' : 'rsource',
    };
    if (!checks && (spec.seconds || spec.hitcount || spec.rttl))
      ctx.fail('--seconds, --hitcount and --rttl need --rcheck or --update');
    if (spec.reap && spec.seconds === 0) ctx.fail('--reap needs --seconds');
    if (spec.hitcount > 255) ctx.fail('--hitcount is at most 255');
    return spec;
  },
  print: (s) =>
    `${bang(s.invert)} --${s.mode}` +
    (s.seconds ? ` --seconds ${s.seconds}` : '') +
    (s.reap ? ' --reap' : '') +
    (s.hitcount ? ` --hitcount ${s.hitcount}` : '') +
    (s.rttl ? ' --rttl' : '') +
    ` --name ${s.name} --mask ${printAddr(s.mask)} --${s.side}`,
  load: (spec, state) => widen(listOf(spec, state), ringPlaces(spec.hitcount)),
  compile(spec, { state }) {
    const list = listOf(spec, state);
    return (facts, view) => {
      const { invert } = spec;
      const addr = masked(spec.side === 'rsource' ? facts.src : facts.dst, list.mask);
      // The TTL as it was before forwarding.
      const ttl = facts.ttl + (view.out !== null && view.in !== null ? 1 : 0);
      const known = list.entries.get(addr);
      const entry = known && (!spec.rttl || known.ttl === ttl) ? known : undefined;
      if (entry === undefined) {
        if (spec.mode !== 'set') return invert;
        addEntry(list, addr, ttl, view.now);
        return !invert;
      }
      if (spec.mode === 'remove') {
        list.entries.delete(addr);
        return !invert;
      }
      if (spec.mode === 'set') {
        touchEntry(list, entry, ttl, view.now);
        return !invert;
      }
      const since = view.now - spec.seconds * SECOND;
      const fresh = entry.stamps.filter((stamp) => spec.seconds === 0 || since <= stamp).length;
      const result = fresh >= Math.max(1, spec.hitcount) ? !invert : invert;
      const updates = spec.mode === 'update' && result;
      if (spec.reap) reapOldest(list, since, updates ? entry : null);
      if (updates) touchEntry(list, entry, ttl, view.now);
      return result;
    };
  },
  explain(spec, facts) {
    const addr = printAddr(spec.side === 'rsource' ? facts.src : facts.dst);
    const when = spec.seconds ? ` in the last ${spec.seconds} s` : '';
    const often = spec.hitcount > 1 ? ` ${spec.hitcount} times` : '';
    if (spec.mode === 'set') return spec.invert ? `${addr} was put on list ${spec.name}` : null;
    return `${addr} was ${spec.invert ? '' : 'not '}seen${often}${when} on list ${spec.name}`;
  },
};
