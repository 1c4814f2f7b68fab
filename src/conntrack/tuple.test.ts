import { describe, expect, it } from 'vitest';
import type { Ipv4 } from '../wire/addr/types.ts';
import type { Layer, LayerId } from '../wire/types.ts';
import { tupleOf } from './tuple.ts';

const id = 1 as LayerId;
const udp: Layer = { kind: 'udp', id, header: { sport: 40_001, dport: 53 } as never };
/** A piece of a datagram, as an ICMP error quotes it. */
const piece = (offset: number): readonly Layer[] => [
  {
    kind: 'ipv4',
    id,
    header: { src: 1 as Ipv4, dst: 2 as Ipv4, protocol: 17, fragOffset: offset } as never,
  },
  { kind: 'fragment', id, header: { of: [udp], offset, length: 1480 } },
];

describe('the tuple of a fragment', () => {
  it('is that of its datagram where it is the first', () => {
    expect(tupleOf(piece(0))).toEqual({ src: 1, dst: 2, protocol: 17, sport: 40_001, dport: 53 });
  });

  it('is none where it is a later one: it has no ports', () => {
    expect(tupleOf(piece(1480))).toBeNull();
  });
});
