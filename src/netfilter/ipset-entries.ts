// The entries of an IP set by their text, with an index by their first address (the kernel hashes them). A Map that forgets
// its index when it changes, whoever changes it: rules and `ipset add` alike.
import { addrBits } from '../wire/addr/prefix.ts';
import type { IpAddr } from '../wire/addr/types.ts';
import type { SetEntry } from './ipset-entry.ts';

interface SetIndex {
  readonly byAddr: ReadonlyMap<IpAddr, readonly SetEntry[]>;
  /** Those that begin with a network or a range. */
  readonly rest: readonly SetEntry[];
}

export class SetEntries extends Map<string, SetEntry> {
  #index: SetIndex | null = null;

  override set(key: string, entry: SetEntry): this {
    this.#index = null;
    return super.set(key, entry);
  }
  override delete(key: string): boolean {
    this.#index = null;
    return super.delete(key);
  }
  override clear(): void {
    this.#index = null;
    super.clear();
  }

  /** Entries that may have this address in their first part. */
  near(addr: IpAddr): readonly (readonly SetEntry[])[] {
    const { byAddr, rest } = (this.#index ??= makeIndex(this.values()));
    const exact = byAddr.get(addr);
    return exact === undefined ? [rest] : [exact, rest];
  }
}

function makeIndex(entries: Iterable<SetEntry>): SetIndex {
  const byAddr = new Map<IpAddr, SetEntry[]>();
  const rest: SetEntry[] = [];
  for (const entry of entries) {
    const first = entry.parts[0];
    if (first?.kind !== 'net' || first.prefix.length !== addrBits(first.prefix.addr)) {
      rest.push(entry);
      continue;
    }
    const { addr } = first.prefix;
    const alike = byAddr.get(addr);
    if (alike === undefined) byAddr.set(addr, [entry]);
    else alike.push(entry);
  }
  return { byAddr, rest };
}
