// IP sets by name (net/netfilter/ipset): what `-m set` asks and `-j SET` changes. Types are one file's table here: a type is
// a list of what each part of an entry is (`hash:ip,port`), as the kernel's ip_set_hash_*.c files are one template.
// Simplified: time-outs, counters and comments of entries are left out (and named); one hash per set, no size limits.
import { at, type Diagnostic } from '../base/diagnostic.ts';
import type { IpsetSpec } from '../network/types.ts';
import { SetEntries } from './ipset-entries.ts';
import { parseSetEntry } from './ipset-entry.ts';
import type { Family } from '../trace/types.ts';

export type Part = 'ip' | 'net' | 'port' | 'iface' | 'mac';
/** Type -> parts of an entry. Adding a type of the hash family is one line. `list:set` and `bitmap:*` are below. */
const TYPES: Readonly<Record<string, readonly Part[]>> = {
  'hash:ip': ['ip'],
  'hash:net': ['net'],
  'hash:ip,port': ['ip', 'port'],
  'hash:net,port': ['net', 'port'],
  'hash:ip,port,ip': ['ip', 'port', 'ip'],
  'hash:ip,port,net': ['ip', 'port', 'net'],
  'hash:net,net': ['net', 'net'],
  'hash:net,port,net': ['net', 'port', 'net'],
  'hash:net,iface': ['net', 'iface'],
  'hash:ip,mac': ['ip', 'mac'],
  'hash:mac': ['mac'],
  'bitmap:ip': ['ip'],
  'bitmap:ip,mac': ['ip', 'mac'],
  'bitmap:port': ['port'],
};

export interface IpSet {
  readonly name: string;
  readonly type: string;
  readonly family: Family;
  /** Empty for `list:set`. */
  readonly parts: readonly Part[];
  /** By its text, so that adding twice is one entry. */
  readonly entries: SetEntries;
  /** Of `list:set`: names of sets, in order. */
  readonly members: string[];
}
export type Sets = Map<string, IpSet>;

/** Builds the sets of a namespace; what was not understood is named. */
export function createSets(
  specs: readonly IpsetSpec[],
  source = 'ipset',
): { readonly sets: Sets; readonly diagnostics: readonly Diagnostic[] } {
  const sets: Sets = new Map();
  const diagnostics: Diagnostic[] = [];
  const complain = (severity: 'error' | 'warning', reason: string, fix: string | null): void => {
    diagnostics.push({ severity, place: at(source), reason, fix });
  };
  for (const spec of specs) {
    const type = spec.type.split(' ')[0] ?? '';
    const parts = type === 'list:set' ? [] : TYPES[type];
    if (parts === undefined) {
      complain(
        'error',
        `set ${spec.name}: type ${type} is not modelled`,
        Object.keys(TYPES).join(', '),
      );
      continue;
    }
    const family: Family = spec.family === 'inet6' || spec.family === 'ipv6' ? 'ipv6' : 'ipv4';
    const set: IpSet = {
      name: spec.name,
      type,
      family,
      parts,
      entries: new SetEntries(),

      members: [],
    };
    sets.set(spec.name, set);
    for (const text of spec.entries) {
      if (type === 'list:set') {
        set.members.push(text.split(' ')[0] ?? text);
        continue;
      }
      const parsed = parseSetEntry(text, parts, family);
      if (!parsed.ok) {
        complain('error', `set ${spec.name}: entry "${text}": ${parsed.error}`, null);
        continue;
      }
      if (parsed.value.ignored.length > 0)
        complain(
          'warning',
          `set ${spec.name}: ${parsed.value.ignored.join(' ')} of entry "${text}" is not modelled`,
          null,
        );
      set.entries.set(parsed.value.key, parsed.value);
    }
  }
  for (const set of sets.values())
    for (const member of set.members)
      if (!sets.has(member))
        complain('error', `set ${set.name}: member ${member} does not exist`, null);
  return { sets, diagnostics };
}
