import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32 } from './base32.ts';
import { hex, sha224, sha256, sha256Text } from './sha256.ts';

describe('sha256', () => {
  it('gives the test values of FIPS 180-4', () => {
    expect(hex(sha256Text('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(hex(sha256Text(''))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
  it('agrees with the platform for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(hex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(hex(sha224(bytes))).toBe(createHash('sha224').update(bytes).digest('hex'));
      }),
    );
  });
});

describe('base32', () => {
  it('gives the test values of RFC 4648 section 10', () => {
    const of = (text: string): string => base32(new TextEncoder().encode(text));
    expect(of('f')).toBe('MY');
    expect(of('foobar')).toBe('MZXW6YTBOI');
  });
});
