// A tape back to plain data, in the order in which it was written. What was one object is one object again.
import { CONSTANTS, TAG, TAG_BITS } from './tape.ts';
import type { Tape } from './tape.ts';

export interface TapeReader {
  int(): number;
  text(): string;
  double(): number;
  /** The value that was written. Its type is the caller's word. */
  value(): unknown;
}

const TAGS = (1 << TAG_BITS) - 1;

export function createTapeReader({ cells, doubles, strings, shapes }: Tape): TapeReader {
  const blanks = blanksOf(strings, shapes);
  const known: unknown[] = [];
  let at = 0;

  const readObject = ({ object: blank, names }: Blank): unknown => {
    // A copy of an object has its layout at once; members that are added one by one give it a new one each.
    const object: Record<string, unknown> = { ...blank };
    known.push(object);
    for (const name of names) object[name] = value();
    return object;
  };
  const readArray = (length: number): unknown => {
    const array: unknown[] = [];
    known.push(array);
    for (let i = 0; i < length; i++) array.push(value());
    return array;
  };
  const value = (): unknown => {
    const cell = cells[at++]!;
    const payload = cell >> TAG_BITS;
    switch (cell & TAGS) {
      case TAG.integer:
        return payload;
      case TAG.string:
        return strings[payload];
      case TAG.double:
        return doubles[payload];
      case TAG.constant:
        return CONSTANTS[payload];
      case TAG.object:
        return readObject(blanks[payload]!);
      case TAG.array:
        return readArray(payload);
      case TAG.again:
        return known[payload];
      default:
        return BigInt(strings[payload]!);
    }
  };
  return {
    int: () => cells[at++]!,
    text: () => strings[cells[at++]!]!,
    double: () => doubles[cells[at++]!]!,
    value,
  };
}

interface Blank {
  readonly names: readonly string[];
  /** With all members, and nothing in them. */
  readonly object: Readonly<Record<string, unknown>>;
}

function blanksOf(strings: readonly string[], shapes: Int32Array): readonly Blank[] {
  const blanks: Blank[] = [];
  for (let at = 0; at < shapes.length;) {
    const count = shapes[at++]!;
    const names = Array.from(shapes.subarray(at, at + count), (place) => strings[place]!);
    blanks.push({ names, object: Object.fromEntries(names.map((name) => [name, null])) });
    at += count;
  }
  return blanks;
}
