// The short way for the line that nearly all lines of a save are: `-A CHAIN`, the head, matches one after the other, a target at
// the end, single spaces. It reads without taking the line apart into words, and a match that was read before (`-m tcp --dport 80`)
// is found by its text. Whatever looks different is left to the long way (rule.ts), which alone tells what is wrong; a test
// proves that both read the same.
import { findMatch } from '../matches/index.ts';
import type { Given, MatchModule, TargetModule } from '../module.ts';
import { findTarget } from '../targets/index.ts';
import type { MatchInstance, Rule, RuleHeader, TargetInstance } from '../types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { deviceProblem } from './check.ts';
import { addRule, type ChainDraft, type TableDraft } from './draft.ts';
import type { Stamp } from './command.ts';
import { ANY_HEADER } from './header.ts';
import { protocolNumber } from './protocols.ts';
import { splitWords } from './quote.ts';
import { ownHeader, speaks, type Reading } from './reading.ts';
import { VERDICTS } from './rule.ts';
import { parseHost, readHost4 } from './values.ts';

const SPACE = 32;
const BANG = 33;
const QUOTE = 34;
const DASH = 45;
const DEVICE = /^[\w.@:-]+\+?$/;

const NO_COUNTERS = [0, 0] as const;

interface Segment {
  readonly match: MatchInstance;
  readonly protocols: readonly number[] | undefined;
}
/** What was read before, and the chain of the last rule (null after whatever else happened). */
export interface Shortcuts {
  readonly segments: Map<string, Segment>;
  readonly hosts: Map<string, Prefix>;
  readonly protocols: Map<string, number>;
  /** Heads that ask for a protocol and nothing else. */
  readonly headers: Map<number, RuleHeader>;
  readonly matches: MatchInstance[];
  chain: ChainDraft | null;
}
export const createShortcuts = (): Shortcuts => ({
  segments: new Map(),
  hosts: new Map(),
  protocols: new Map(),
  headers: new Map(),
  matches: [],
  chain: null,
});

/** Appends the rule of a line; false: nothing was done, the line needs the long way. */
export function appendRule(
  s: Shortcuts,
  r: Reading,
  table: TableDraft,
  line: string,
  stamp: Stamp,
): boolean {
  if (!line.startsWith('-A ') || line.includes('\\')) return false;
  const end = line.length;
  let at = wordEnd(line, 3);
  const chain = chainOf(s, table, line, at);
  if (chain === null) return false;
  r.header = ANY_HEADER;
  let count = 0;
  let needs: readonly number[] | undefined;
  let target: TargetInstance | null = null;
  while (at < end) {
    at++;
    const invert = line.charCodeAt(at) === BANG && line.charCodeAt(at + 1) === SPACE;
    if (invert) at += 2;
    if (line.charCodeAt(at) !== DASH || line.charCodeAt(at + 2) !== SPACE || at + 3 >= end)
      return false;
    const option = line[at + 1];
    at += 3;
    if (option === 'm' || option === 'j' || option === 'g') {
      const stop = segmentEnd(line, at);
      if (stop < 0 || invert) return false;
      const text = line.slice(at, stop);
      at = stop;
      if (option === 'm') {
        const segment = segmentOf(s, r, text);
        if (segment === null || (needs !== undefined && segment.protocols !== undefined))
          return false;
        needs ??= segment.protocols;
        s.matches[count++] = segment.match;
      } else {
        // What stands behind a target may belong to it or not.
        if (at < end) return false;
        target = option === 'g' ? gotoOf(userChain(table, text)) : targetOf(r, table, text);
        if (target === null) return false;
      }
      continue;
    }
    const stop = wordEnd(line, at);
    if (!readHead(s, r, option ?? '', line.slice(at, stop), invert)) return false;
    at = stop;
  }
  const header = shared(s, r.header);
  if (needs !== undefined && (header.protocolInvert || !needs.includes(header.protocol ?? 0)))
    return false;
  if (chain.policy !== null && deviceProblem(chain.name, header) !== null) return false;
  const matches = s.matches.slice(0, count);
  const [packets, bytes] = stamp.counters ?? NO_COUNTERS;
  const rule: Rule = {
    header,
    matches,
    target,
    line: stamp.line,
    origin: stamp.origin,
    packets,
    bytes,
  };
  addRule(chain, rule);
  return true;
}

function shared(s: Shortcuts, header: RuleHeader): RuleHeader {
  const { src, dst, protocol } = header;
  if (
    protocol === null ||
    src !== null ||
    dst !== null ||
    header.in !== null ||
    header.out !== null
  )
    return header;
  const known = header.protocolInvert ? header : (s.headers.get(protocol) ?? header);
  if (known === header && !header.protocolInvert) s.headers.set(protocol, header);
  return known;
}

function wordEnd(line: string, from: number): number {
  const space = line.indexOf(' ', from);
  return space < 0 ? line.length : space;
}
/** Where the options of an extension end: before the next option of one letter. -1: it cannot be told. */
function segmentEnd(line: string, from: number): number {
  for (let at = from; ;) {
    const space = line.indexOf(' ', at);
    if (space < 0) return line.length;
    const c = line.charCodeAt(space + 1);
    if (c === QUOTE) {
      const close = line.indexOf('"', space + 2);
      at = close + 1;
      if (close < 0 || (at < line.length && line.charCodeAt(at) !== SPACE)) return -1;
      continue;
    }
    if (c === DASH && line.charCodeAt(space + 2) !== DASH) return space;
    if (c === BANG && line.charCodeAt(space + 3) === DASH && line.charCodeAt(space + 4) !== DASH)
      return space;
    at = space + 1;
  }
}

/** The chain whose name ends at `end`; most often it is that of the line before. */
function chainOf(s: Shortcuts, table: TableDraft, line: string, end: number): ChainDraft | null {
  const last = s.chain;
  if (last !== null && last.name.length === end - 3 && line.startsWith(last.name, 3)) return last;
  s.chain = table.chains.get(line.slice(3, end)) ?? null;
  return s.chain;
}
const gotoOf = (chain: ChainDraft | null): TargetInstance | null =>
  chain === null ? null : (chain.goto ??= { name: chain.name, kind: 'goto', spec: null });

function userChain(table: TableDraft, name: string): ChainDraft | null {
  const chain = table.chains.get(name);
  return chain?.policy === null ? chain : null;
}

function readHead(
  s: Shortcuts,
  r: Reading,
  option: string,
  value: string,
  invert: boolean,
): boolean {
  const header = ownHeader(r);
  switch (option) {
    case 's':
      header.src = hostOf(s, r, value);
      header.srcInvert = invert;
      return header.src !== null;
    case 'd':
      header.dst = hostOf(s, r, value);
      header.dstInvert = invert;
      return header.dst !== null;
    case 'i':
      header.in = value;
      header.inInvert = invert;
      return value.length <= 15 && DEVICE.test(value);
    case 'o':
      header.out = value;
      header.outInvert = invert;
      return value.length <= 15 && DEVICE.test(value);
    case 'p':
      header.protocol = protocolOf(s, value);
      header.protocolInvert = invert;
      return header.protocol !== null;
    default:
      return false;
  }
}

function hostOf(s: Shortcuts, r: Reading, text: string): Prefix | null {
  const quick = r.family === 'ipv4' ? readHost4(text) : null;
  if (quick !== null) return quick;
  const known = s.hosts.get(text);
  if (known !== undefined) return known;
  if (text.includes(',')) return null;
  const prefix = parseHost(text, r.ctx);
  if (!isClean(r) || prefix.length === 0) return null;
  s.hosts.set(text, prefix);
  return prefix;
}
function protocolOf(s: Shortcuts, text: string): number | null {
  const known = s.protocols.get(text) ?? protocolNumber(text);
  if (known === null || known === 0) return null;
  s.protocols.set(text, known);
  return known;
}

/** Nothing was complained about; what was, the long way will say again. */
function isClean(r: Reading): boolean {
  if (r.errors.length === 0 && r.warnings.length === 0) return true;
  r.errors = [];
  r.warnings = [];
  return false;
}

const COMMENT = 'comment --comment "';
/** Comments are read at once and not remembered: nearly each is another. */
function commentOf(text: string): Segment | null {
  const close = text.length - 1;
  if (!text.startsWith(COMMENT) || close > COMMENT.length + 255) return null;
  if (text.indexOf('"', COMMENT.length) !== close) return null;
  const match = { name: 'comment', spec: { text: text.slice(COMMENT.length, close) } };
  return { match, protocols: undefined };
}

/** `tcp --dport 80`: what stands behind `-m`. */
function segmentOf(s: Shortcuts, r: Reading, text: string): Segment | null {
  const comment = commentOf(text);
  if (comment !== null) return comment;
  const known = s.segments.get(text);
  if (known !== undefined) return known;
  const words = splitWords(text);
  const module = findMatch(words?.[0] ?? '');
  const given = words === null || module === undefined ? null : readOptions(module, words);
  if (module === undefined || given === null || !speaks(module, r.family)) return null;
  const match = { name: module.name, spec: module.parse(given, r.ctx) };
  if (!isClean(r)) return null;
  const segment = { match, protocols: module.limits?.protocols };
  s.segments.set(text, segment);
  return segment;
}

/** `DNAT --to-destination 10.0.0.1:80`: what stands behind `-j`. */
function targetOf(r: Reading, table: TableDraft, text: string): TargetInstance | null {
  const name = text.slice(0, wordEnd(text, 0));
  const verdict = VERDICTS.get(name);
  if (verdict !== undefined) return name.length === text.length ? verdict : null;
  const module = findTarget(name);
  if (module === undefined)
    return name.length === text.length ? (userChain(table, name)?.jump ?? null) : null;
  const { limits, lacks } = module;
  if (lacks !== undefined || limits?.protocols !== undefined || !speaks(module, r.family))
    return null;
  if (limits?.tables?.includes(table.name) === false) return null;
  const words = splitWords(text);
  const given = words === null ? null : readOptions(module, words);
  if (given === null) return null;
  const spec = module.parse(given, r.ctx);
  return isClean(r) ? { name, kind: 'extension', spec } : null;
}

/** The options behind the name, each of them known by its whole name. */
function readOptions(
  { options }: MatchModule<unknown> | TargetModule<unknown>,
  words: readonly string[],
): readonly Given[] | null {
  const given: Given[] = [];
  for (let i = 1; i < words.length; i++) {
    const invert = words[i] === '!';
    const word = words[invert ? ++i : i];
    const name = word?.slice(2) ?? '';
    const arity = word?.startsWith('--') ? options[name] : undefined;
    if (arity === undefined || (invert && !arity.startsWith('!'))) return null;
    const values: string[] = [];
    for (let n = Number(arity.slice(-1)); n > 0; n--) {
      const value = words[++i];
      if (value === undefined || value === '!') return null;
      values.push(value);
    }
    for (const before of given) if (before.name === name) return null;
    given.push({ name, invert, values });
  }
  return given;
}
