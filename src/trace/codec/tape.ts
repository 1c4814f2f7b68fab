// Plain data as numbers and strings: the form in which a trace changes threads. A structured clone writes every object with the names
// of its members; here names are said once, equal strings once, and what is left are numbers, whose buffer is handed over, not copied.
//
// The tape is a list of cells of 32 bits, a value's tag in the low three. A value is one cell, and after it come, for an object, the
// values of its members (the shape says their names), for an array its elements.

export const TAG_BITS = 3;
export const TAG = {
  /** The number itself, of 29 bits. */
  integer: 0,
  /** Its place in `strings`. */
  string: 1,
  /** Its place in `doubles`. */
  double: 2,
  /** Its place in CONSTANTS. */
  constant: 3,
  /** Its place in the list of shapes. */
  object: 4,
  /** Its length. */
  array: 5,
  /** An object or array that came before, counted from the first. */
  again: 6,
  /** Place of its decimal digits in `strings`. */
  bigint: 7,
} as const;

export const CONSTANTS = [null, true, false, undefined] as const;

export interface Tape {
  readonly cells: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
  readonly strings: readonly string[];
  /** Shapes one after the other: how many members, then the places of their names in `strings`. */
  readonly shapes: Int32Array<ArrayBuffer>;
}

/** What a message may hand over instead of copying. */
export const buffersOf = ({ cells, doubles, shapes }: Tape): readonly ArrayBuffer[] => [
  cells.buffer,
  doubles.buffer,
  shapes.buffer,
];
