import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha1, sha1Text } from './sha1.ts';
import { hex } from './sha256.ts';

describe('sha1', () => {
  it('gives the test value of FIPS 180-4', () => {
    expect(hex(sha1Text('abc'))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  });
  it('agrees with the platform for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(hex(sha1(bytes))).toBe(createHash('sha1').update(bytes).digest('hex'));
      }),
    );
  });
});
