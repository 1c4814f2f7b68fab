import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { network, parsePrefix } from '../../wire/addr/prefix.ts';
import { readHost4, readNumber } from './values.ts';

describe('numbers in C notation', () => {
  it.each([
    ['10', 10],
    ['0x4000', 0x4000],
    ['010', 8],
    ['0', 0],
    ['4294967295', 0xffffffff],
    ['4294967296', null],
    ['08', null],
    ['-1', null],
    ['', null],
    ['1x', null],
  ])('%s is %s', (text, want) => expect(readNumber(text)).toBe(want));
});

describe('readHost4', () => {
  const octet = fc.nat(255);
  it('reads what parsePrefix reads', () => {
    fc.assert(
      fc.property(
        octet,
        octet,
        octet,
        octet,
        fc.integer({ min: 1, max: 32 }),
        fc.boolean(),
        (a, b, c, d, length, bare) => {
          const text = `${a}.${b}.${c}.${d}${bare ? '' : `/${length}`}`;
          const want = parsePrefix(text);
          expect(readHost4(text)).toEqual(want && network(want));
        },
      ),
    );
  });
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/0',
    '1.2.3.4/33',
    '1.2.3.4/032',
    '1..2.3',
    '1.2.3/8',
    'a.b.c.d',
    '1.2.3.4/24x',
    '.1.2.3',
  ])('leaves %j to others', (text) => expect(readHost4(text)).toBeNull());
});
