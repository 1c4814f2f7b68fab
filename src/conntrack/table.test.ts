import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nanos } from '../base/queue.ts';
import type { IpAddr } from '../wire/addr/types.ts';
import { IPPROTO } from '../wire/types.ts';
import {
  createCtTable,
  createEntry,
  entriesFrom,
  findEntry,
  insertEntry,
  insertReply,
  removeEntry,
} from './table.ts';
import { invertTuple, sameTuple } from './tuple.ts';
import type { CtEntry, Tuple } from './types.ts';

/** Few ends, so that tuples meet each other. */
const addr = fc.constantFrom<IpAddr>(
  0x0a000001 as IpAddr,
  0xac120002 as IpAddr,
  0xfd00_0010n as IpAddr,
  ((0xfd00n << 112n) | 1n) as IpAddr,
);
const tuple: fc.Arbitrary<Tuple> = fc.record({
  src: addr,
  dst: addr,
  protocol: fc.constantFrom(IPPROTO.tcp, IPPROTO.udp),
  sport: fc.constantFrom(80, 40_000),
  dport: fc.constantFrom(80, 40_000),
});
const zone = fc.constantFrom(0, 1);
const action = fc.oneof(
  fc.record({ do: fc.constantFrom('insert', 'reply'), tuple, zone }),
  fc.record({ do: fc.constant('remove'), which: fc.nat(20) }),
);
const NOW = 1 as Nanos;

describe('the table of connections', () => {
  it('finds what a plain list finds, whoever came last', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), fc.array(tuple), (actions, asked) => {
        const table = createCtTable();
        const known: { entry: CtEntry; tuple: Tuple; direction: 'original' | 'reply' }[] = [];
        const all: CtEntry[] = [];
        const put = (entry: CtEntry, direction: 'original' | 'reply'): void => {
          const at = entry[direction];
          const old = known.findIndex(
            (one) => one.entry.zone === entry.zone && sameTuple(one.tuple, at),
          );
          if (old >= 0) known.splice(old, 1);
          known.push({ entry, tuple: at, direction });
        };
        for (const one of actions) {
          if ('which' in one) {
            const entry = all[one.which];
            if (entry === undefined) continue;
            removeEntry(table, entry);
            known.splice(0, known.length, ...known.filter((hit) => hit.entry !== entry));
            all.splice(one.which, 1);
          } else {
            const entry = createEntry(table, one.tuple, one.zone)!;
            entry.expires = (NOW + 1) as Nanos;
            if (one.do === 'insert') {
              insertEntry(table, entry);
              put(entry, 'original');
            } else insertReply(table, entry);
            put(entry, 'reply');
            all.push(entry);
          }
        }
        for (const [i, wanted] of [...asked, ...known.map((one) => one.tuple)].entries()) {
          const at = i % 2;
          const hit = findEntry(table, wanted, at, NOW);
          const truth = known.find((one) => one.entry.zone === at && sameTuple(one.tuple, wanted));
          expect(hit?.entry).toBe(truth?.entry);
          expect(hit?.direction).toBe(truth?.direction);
          const sameSource = (e: CtEntry): boolean =>
            e.zone === at &&
            e.original.src === wanted.src &&
            e.original.sport === wanted.sport &&
            e.original.protocol === wanted.protocol;
          expect(entriesFrom(table, wanted, at).filter(sameSource)).toEqual(all.filter(sameSource));
        }
      }),
    );
  });

  it('does not find an entry whose time is over', () => {
    const table = createCtTable();
    const one: Tuple = {
      src: 0x0a000001 as IpAddr,
      dst: 0x0a000002 as IpAddr,
      protocol: IPPROTO.tcp,
      sport: 1,
      dport: 2,
    };
    const entry = createEntry(table, one, 0)!;
    entry.expires = 5 as Nanos;
    insertEntry(table, entry);
    expect(findEntry(table, invertTuple(one)!, 0, 4 as Nanos)?.direction).toBe('reply');
    expect(findEntry(table, one, 0, 5 as Nanos)).toBeNull();
  });
});
