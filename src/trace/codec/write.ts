// Plain data to a tape: objects, arrays, strings, numbers, booleans, bigints, null and undefined, without cycles.
import { invariant } from '../../base/assert.ts';
import { TAG, TAG_BITS } from './tape.ts';
import type { Tape } from './tape.ts';

export interface TapeWriter {
  /** A cell as it is, of 32 bits: for what the reader knows the type of. */
  int(value: number): void;
  text(value: string): void;
  double(value: number): void;
  /** Anything. An object or array that came before is not written again. */
  value(value: unknown): void;
  finish(): Tape;
}

/** Names of members, as far as an object was read: objects with the same names in the same order end at the same one. */
interface Shape {
  readonly name: string;
  readonly before: Shape | null;
  /** Its number on the tape, from the first object that ends here. */
  id: number;
  /** The name that came next the last time: nearly always the one that comes next. */
  nextName: string | null;
  next: Shape | null;
  readonly others: Map<string, Shape>;
  /** The string that this member was the last time, and its place: often it is again. */
  text: string | null;
  place: number;
}

const shapeOf = (name: string, before: Shape | null): Shape => ({
  name,
  before,
  id: -1,
  nextName: null,
  next: null,
  others: new Map(),
  text: null,
  place: 0,
});

const LEAST = -(2 ** (31 - TAG_BITS));
const MOST = 2 ** (31 - TAG_BITS) - 1;
const ROOM = 1 << 15;
const NULL = (0 << TAG_BITS) | TAG.constant;
const TRUE = (1 << TAG_BITS) | TAG.constant;
const FALSE = (2 << TAG_BITS) | TAG.constant;
const UNDEFINED = (3 << TAG_BITS) | TAG.constant;

export function createTapeWriter(): TapeWriter {
  let cells = new Int32Array(ROOM);
  let used = 0;
  const doubles: number[] = [];
  const strings: string[] = [];
  const places = new Map<string, number>();
  const root = shapeOf('', null);
  const shapes: Shape[] = [];
  /** Objects and arrays, numbered as they come. */
  const known = new Map<object, number>();

  const put = (cell: number): void => {
    if (used === cells.length) {
      const larger = new Int32Array(2 * used);
      larger.set(cells);
      cells = larger;
    }
    cells[used++] = cell;
  };
  const place = (text: string): number => {
    const found = places.get(text);
    if (found !== undefined) return found;
    const added = strings.push(text) - 1;
    places.set(text, added);
    return added;
  };
  const step = (from: Shape, name: string): Shape => {
    let to = from.others.get(name);
    if (to === undefined) from.others.set(name, (to = shapeOf(name, from)));
    from.nextName = name;
    from.next = to;
    return to;
  };

  const putNumber = (number: number): void => {
    // Minus zero equals zero, and is another number.
    if ((number | 0) === number && number >= LEAST && number <= MOST && !Object.is(number, -0))
      put(number << TAG_BITS);
    else put(((doubles.push(number) - 1) << TAG_BITS) | TAG.double);
  };
  const putObject = (object: object): void => {
    const before = known.get(object);
    if (before !== undefined) return put((before << TAG_BITS) | TAG.again);
    known.set(object, known.size);
    if (Array.isArray(object)) {
      put((object.length << TAG_BITS) | TAG.array);
      for (let i = 0; i < object.length; i++) putValue(object[i]);
      return;
    }
    const head = used;
    put(0);
    let at = root;
    const members = object as Readonly<Record<string, unknown>>;
    for (const name in members) {
      at = at.nextName === name ? at.next! : step(at, name);
      const member = members[name];
      if (typeof member !== 'string') putValue(member);
      else {
        if (at.text !== member) {
          at.text = member;
          at.place = place(member);
        }
        put((at.place << TAG_BITS) | TAG.string);
      }
    }
    if (at.id < 0) at.id = shapes.push(at) - 1;
    cells[head] = (at.id << TAG_BITS) | TAG.object;
  };
  const putValue = (one: unknown): void => {
    if (typeof one === 'number') putNumber(one);
    else if (one === null) put(NULL);
    else if (typeof one === 'object') putObject(one);
    else if (typeof one === 'string') put((place(one) << TAG_BITS) | TAG.string);
    else if (typeof one === 'boolean') put(one ? TRUE : FALSE);
    else if (one === undefined) put(UNDEFINED);
    else {
      invariant(typeof one === 'bigint', `a ${typeof one} is not data`);
      put((place(String(one)) << TAG_BITS) | TAG.bigint);
    }
  };

  return {
    int: put,
    text: (value) => put(place(value)),
    double(value) {
      const last = doubles.length - 1;
      // Times come in a row.
      put(last >= 0 && Object.is(doubles[last], value) ? last : doubles.push(value) - 1);
    },
    value: putValue,
    finish() {
      const names = shapes.map(namesOf);
      const layout = names.flatMap((list) => [list.length, ...list.map(place)]);
      return {
        cells: cells.slice(0, used),
        doubles: new Float64Array(doubles),
        strings,
        shapes: new Int32Array(layout),
      };
    },
  };
}

function namesOf(end: Shape): readonly string[] {
  const names: string[] = [];
  for (let at = end; at.before !== null; at = at.before) names.push(at.name);
  return names.toReversed();
}
