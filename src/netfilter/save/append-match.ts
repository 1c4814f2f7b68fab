// Matches where they stand in the text: `-m tcp --dport 80` means what it meant in the rule before.
import { findMatch } from '../matches/index.ts';
import type { MatchInstance } from '../types.ts';
import { readOptions, type Option } from './append-options.ts';
import { refusedBits } from './check.ts';
import { isClean, speaks, type Reading } from './reading.ts';
import { createMemo, passSegment, passWord, recall, remember } from './scan.ts';
import type { Memo, Scan } from './scan.ts';

const SPACE = 32;
const QUOTE = 34;
/** Of a comment. */
const LONGEST = 255;

/** A match with what its module asks of the rule. */
interface Segment {
  readonly match: MatchInstance;
  readonly protocols: readonly number[] | undefined;
  /** Hooks, as bits. */
  readonly refuses: number;
}
export interface MatchReader {
  readonly scan: Scan;
  readonly options: Memo<Option>;
  readonly segments: Memo<Segment>;
  /** The last comment of each length. */
  readonly comments: (MatchInstance | null)[];
  /** Of the rule that is read: its first `count` are its own. */
  readonly matches: MatchInstance[];
  count: number;
  /** The protocols that one of them asks for. */
  needs: readonly number[] | undefined;
  /** Hooks, as bits, where one of them must not stand. */
  refuses: number;
}
export const createMatchReader = (scan: Scan, options: Memo<Option>): MatchReader => ({
  scan,
  options,
  segments: createMemo(1024),
  comments: new Array<null>(LONGEST + 1).fill(null),
  matches: [],
  count: 0,
  needs: undefined,
  refuses: 0,
});
export function clearMatches(s: MatchReader): void {
  s.count = 0;
  s.needs = undefined;
  s.refuses = 0;
}
/** As `slice(0, count)`, which is slower for the short lists that nearly all are. */
export function keepMatches({ matches: list, count }: MatchReader): readonly MatchInstance[] {
  if (count === 1) return [list[0]!];
  return count === 2 ? [list[0]!, list[1]!] : list.slice(0, count);
}

const COMMENT = 'comment --comment "';
/** Most comments are another each time, but the rules of one Service share theirs. */
function readComment({ scan, comments }: MatchReader): MatchInstance | null {
  const { text } = scan;
  const from = scan.at + COMMENT.length;
  const close = text.indexOf('"', from);
  const length = close - from;
  if (length < 0 || length > LONGEST || close >= scan.end) return null;
  if (close + 1 < scan.end && text.charCodeAt(close + 1) !== SPACE) return null;
  scan.at = close + 1;
  const known = comments[length] ?? null;
  if (known !== null && text.startsWith((known.spec as { text: string }).text, from)) return known;
  return (comments[length] = { name: 'comment', spec: { text: text.slice(from, close) } });
}

/** `tcp --dport 80`: what stands behind `-m`; false: it needs the long way. */
export function readMatch(s: MatchReader, r: Reading): boolean {
  const { scan } = s;
  if (
    scan.text.charCodeAt(scan.at + COMMENT.length - 1) === QUOTE &&
    scan.text.startsWith(COMMENT, scan.at)
  )
    return add(s, readComment(s));
  const from = passSegment(scan);
  if (from < 0) return false;
  const segment = recall(s.segments, scan, from) ?? readSegment(s, r, from);
  if (segment === null) return false;
  const { protocols } = segment;
  if (protocols !== undefined) {
    if (s.needs !== undefined) return false;
    s.needs = protocols;
  }
  s.refuses |= segment.refuses;
  return add(s, segment.match);
}
function add(s: MatchReader, match: MatchInstance | null): boolean {
  if (match === null) return false;
  s.matches[s.count++] = match;
  return true;
}

function readSegment(s: MatchReader, r: Reading, from: number): Segment | null {
  const { scan } = s;
  const { at: to, end, hash } = scan;
  scan.at = from;
  scan.end = to;
  passWord(scan);
  const module = findMatch(scan.text.slice(from, scan.at));
  const given = module === undefined ? null : readOptions(s.options, scan, module);
  scan.end = end;
  if (module === undefined || given === null || !speaks(module, r.family)) return null;
  const spec = module.parse(given, r.ctx);
  if (!isClean(r)) return null;
  scan.hash = hash;
  return remember(s.segments, scan, from, {
    match: { name: module.name, spec },
    protocols: module.limits?.protocols,
    refuses: refusedBits(module, spec),
  });
}
