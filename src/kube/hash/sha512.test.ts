import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha512Hex } from './sha512.ts';

it('is SHA-512, whatever the length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      expect(sha512Hex(text)).toBe(createHash('sha512').update(text).digest('hex'));
    }),
    { numRuns: 40 },
  );
});
