import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hex } from './sha256.ts';
import { sha3of224 } from './sha3.ts';

it('agrees with the platform for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(hex(sha3of224(bytes))).toBe(createHash('sha3-224').update(bytes).digest('hex'));
    }),
  );
});
