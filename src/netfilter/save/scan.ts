// Reading a text by its characters, without taking pieces out of it: most pieces of a large save stood in it before, and such a one
// is found by a hash and compared in place.

const SPACE = 32;
const BANG = 33;
const QUOTE = 34;
const DASH = 45;
/** Of the hash FNV-1a in 32 bits. */
const FNV_PRIME = 16777619;

/** Where a reader stands in one line of a text. */
export interface Scan {
  readonly text: string;
  at: number;
  /** Behind the last character of the line. */
  end: number;
  /** Of the piece that was passed last. */
  hash: number;
}

/** Goes to the end of the word and gives where it began. A quote or a tab ends it, too: whoever expects a space then finds none. */
export function passWord(scan: Scan): number {
  const { text, at: from, end } = scan;
  let hash = 0;
  let at = from;
  for (; at < end; at++) {
    const c = text.charCodeAt(at);
    if (c <= SPACE || c === QUOTE) break;
    hash = Math.imul(hash ^ c, FNV_PRIME);
  }
  scan.at = at;
  scan.hash = hash;
  return from;
}

/**
 * Goes to where the options of an extension end, before the next option of one letter, and gives where they began. -1: it cannot be
 * told.
 */
export function passSegment(scan: Scan): number {
  const { text, at: from, end } = scan;
  let hash = 0;
  let at = from;
  for (; at < end; at++) {
    const c = text.charCodeAt(at);
    if (c === SPACE) {
      const next = text.charCodeAt(at + 1) === BANG ? at + 3 : at + 1;
      if (next + 1 < end && text.charCodeAt(next) === DASH && text.charCodeAt(next + 1) !== DASH)
        break;
    } else if (c === QUOTE) {
      at = text.indexOf('"', at + 1);
      if (at < 0 || at >= end) return -1;
    }
    hash = Math.imul(hash ^ c, FNV_PRIME);
  }
  scan.at = at;
  scan.hash = hash;
  return from;
}

/** What pieces of one text meant, by where they stood last. One that falls on the place of another takes it, so it does not grow. */
export interface Memo<T> {
  readonly hashes: Int32Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly values: (T | undefined)[];
}
/** `places` is a power of two. */
export const createMemo = <T>(places: number): Memo<T> => ({
  hashes: new Int32Array(places),
  starts: new Int32Array(places),
  lengths: new Int32Array(places),
  values: new Array<undefined>(places).fill(undefined),
});

const placeOf = ({ hashes }: Memo<unknown>, hash: number): number =>
  (hash ^ (hash >>> 15)) & (hashes.length - 1);

/** What the piece from `from` to where the reader stands meant before. */
export function recall<T>(memo: Memo<T>, { text, at, hash }: Scan, from: number): T | undefined {
  const place = placeOf(memo, hash);
  const length = at - from;
  if (memo.hashes[place] !== hash || memo.lengths[place] !== length) return undefined;
  const before = memo.starts[place]!;
  for (let i = 0; i < length; i++)
    if (text.charCodeAt(before + i) !== text.charCodeAt(from + i)) return undefined;
  // The next one is nearer to this one.
  memo.starts[place] = from;
  return memo.values[place];
}
/** `from`: where the piece began that the reader passed last. */
export function remember<T>(memo: Memo<T>, { at, hash }: Scan, from: number, value: T): T {
  const place = placeOf(memo, hash);
  memo.hashes[place] = hash;
  memo.starts[place] = from;
  memo.lengths[place] = at - from;
  memo.values[place] = value;
  return value;
}
