// Options of an extension where they stand in the text: each known by its whole name, single spaces between.
import type { Given, MatchModule, TargetModule } from '../module.ts';
import { passWord, recall, remember } from './scan.ts';
import type { Memo, Scan } from './scan.ts';

const SPACE = 32;
const BANG = 33;
const QUOTE = 34;

type Extension = MatchModule<unknown> | TargetModule<unknown>;
export interface Option {
  readonly of: Extension;
  readonly name: string;
  readonly mayInvert: boolean;
  readonly values: number;
}

const NONE: readonly Given[] = [];
/** The options up to the end, each of them known by its whole name; null: the long way. */
export function readOptions(
  options: Memo<Option>,
  scan: Scan,
  module: Extension,
): readonly Given[] | null {
  let given = NONE;
  while (scan.at < scan.end) {
    let from = nextWord(scan);
    const invert = scan.at - from === 1 && scan.text.charCodeAt(from) === BANG;
    if (invert) from = nextWord(scan);
    const option = from < 0 ? null : optionOf(options, scan, module, from);
    if (option === null || (invert && !option.mayInvert)) return null;
    const values = readValues(scan, option.values);
    if (values === null) return null;
    for (const before of given) if (before.name === option.name) return null;
    const one = { name: option.name, invert, values };
    given = given.length === 0 ? [one] : [...given, one];
  }
  return given;
}
/** Passes a space and the word behind it; -1: there is none. */
function nextWord(scan: Scan): number {
  if (scan.at >= scan.end || scan.text.charCodeAt(scan.at) !== SPACE) return -1;
  scan.at++;
  return passWord(scan);
}
function optionOf(
  options: Memo<Option>,
  scan: Scan,
  module: Extension,
  from: number,
): Option | null {
  const known = recall(options, scan, from);
  if (known?.of === module) return known;
  const word = scan.text.slice(from, scan.at);
  const name = word.slice(2);
  const arity = word.startsWith('--') ? module.options[name] : undefined;
  if (arity === undefined) return null;
  const [mayInvert, values] = [arity.startsWith('!'), Number(arity.slice(-1))];
  return remember(options, scan, from, { of: module, name, mayInvert, values });
}
const NO_VALUES: readonly string[] = [];
function readValues(scan: Scan, count: number): readonly string[] | null {
  if (count === 0) return NO_VALUES;
  const first = readValue(scan);
  if (first === null) return null;
  if (count === 1) return [first];
  const second = readValue(scan);
  return second === null ? null : [first, second];
}
function readValue(scan: Scan): string | null {
  const { text } = scan;
  const from = nextWord(scan);
  if (from < 0) return null;
  if (text.charCodeAt(from) === QUOTE) {
    const close = text.indexOf('"', from + 1);
    if (close < 0 || close >= scan.end) return null;
    scan.at = close + 1;
    return text.slice(from + 1, close);
  }
  const value = text.slice(from, scan.at);
  return value === '' || value === '!' ? null : value;
}
