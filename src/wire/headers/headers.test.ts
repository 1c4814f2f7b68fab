// The laws of the registry: what every header has to keep.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFrame } from '../../test/packets.ts';
import { emitPacket } from '../codec/emit.ts';
import { fieldRanges } from '../codec/ranges.ts';
import type { LayerKind } from '../types.ts';
import { HEADERS, specOf } from './index.ts';

const kinds = Object.keys(HEADERS) as LayerKind[];

describe.each(kinds)('header %s', (kind) => {
  const spec = specOf(kind);
  it('goes by its name and says where it is defined', () => {
    expect(spec.kind).toBe(kind);
    expect(spec.title).not.toBe('');
    expect(spec.reference).not.toBe('');
  });
  it('has labels and filters in the words of Wireshark', () => {
    for (const { label, filter } of spec.fields) {
      expect(label).toMatch(/^[A-Z]/);
      expect(filter).toMatch(/^[a-z][a-z0-9]*(\.[a-z0-9_]+)*$/);
    }
  });
});

describe('every header', () => {
  it('was met by the packets of the property tests, fragments excepted', () => {
    const met = new Set(
      fc.sample(anyFrame, { numRuns: 500, seed: 1 }).flatMap((p) => p.layers.map((l) => l.kind)),
    );
    expect(kinds.filter((kind) => !met.has(kind))).toEqual(['fragment']);
  });
  it('has text for each field that it has, and no field twice', () => {
    fc.assert(
      fc.property(anyFrame, (packet) => {
        const rows = fieldRanges(packet, emitPacket(packet));
        expect(rows.filter((row) => row.value === '' || row.value.includes('undefined'))).toEqual(
          [],
        );
        const names = rows.map((row) => `${row.layer} ${row.field}`);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});
