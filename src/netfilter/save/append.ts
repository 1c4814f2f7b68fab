// The short way for the line that nearly all lines of a save are: `-A CHAIN`, the head, matches one after the other, a target at
// the end, single spaces. It reads the line where it stands in the text, and what was read before (`-m tcp --dport 80`, a host, a
// chain) is found by its characters. Whatever looks different is left to the long way (rule.ts), which alone tells what is wrong; a
// test proves that both read the same.
import { findMatch } from '../matches/index.ts';
import type { Given, MatchModule, TargetModule } from '../module.ts';
import { findTarget, targets } from '../targets/index.ts';
import type { MatchInstance, RuleHeader, TargetInstance } from '../types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { deviceProblem, refusedBits } from './check.ts';
import { addCall, addRule, type ChainDraft, type TableDraft } from './draft.ts';
import type { Stamp } from './command.ts';
import { ANY_HEADER } from './header.ts';
import { protocolNumber } from './protocols.ts';
import { ownHeader, speaks, type Reading } from './reading.ts';
import { VERDICTS } from './rule.ts';
import { createMemo, passSegment, passWord, recall, remember } from './scan.ts';
import type { Memo, Scan } from './scan.ts';
import { parseHost, readHost4 } from './values.ts';

const SPACE = 32;
const BANG = 33;
const QUOTE = 34;
const DASH = 45;
const DEVICE = /^[\w.@:-]+\+?$/;

type Extension = MatchModule<unknown> | TargetModule<unknown>;
/** A match with what its module asks of the rule. */
interface Segment {
  readonly match: MatchInstance;
  readonly protocols: readonly number[] | undefined;
  /** Hooks, as bits. */
  readonly refuses: number;
}
/** A word behind `-j` that is no chain. */
type Named = TargetInstance | TargetModule<unknown>;
interface Option {
  readonly of: Extension;
  readonly name: string;
  readonly mayInvert: boolean;
  readonly values: number;
}
/** What was read before. */
export interface Shortcuts {
  readonly scan: Scan;
  readonly hosts: Memo<Prefix>;
  readonly devices: Memo<string>;
  readonly protocols: Memo<number>;
  readonly segments: Memo<Segment>;
  /** The last comment of each length. */
  readonly comments: Segment[];
  readonly targets: Memo<Named>;
  readonly options: Memo<Option>;
  readonly chains: Memo<ChainDraft>;
  /** Of the last rule. */
  chain: ChainDraft | null;
  /** Heads that ask for a protocol and nothing else. */
  readonly headers: RuleHeader[];
  readonly matches: MatchInstance[];
  /** Where the next backslash of the text is. */
  escape: number;
}
export function createShortcuts(text: string): Shortcuts {
  const many = text.length > 100_000 ? 1024 : 64;
  return {
    scan: { text, at: 0, end: 0, hash: 0 },
    hosts: createMemo(many),
    devices: createMemo(64),
    protocols: createMemo(64),
    segments: createMemo(many),
    comments: [],
    targets: createMemo(64),
    options: createMemo(64),
    chains: createMemo(many),
    chain: null,
    headers: [],
    matches: [],
    escape: -1,
  };
}

/** Appends the rule of the line from `from` to `end`; false: nothing was done, the line needs the long way. */
export function appendRule(
  s: Shortcuts,
  r: Reading,
  table: TableDraft,
  from: number,
  end: number,
  stamp: Stamp,
): boolean {
  const { scan } = s;
  const { text } = scan;
  if (!text.startsWith('-A ', from) || hasEscape(s, from, end)) return false;
  scan.at = from + 3;
  scan.end = end;
  const chain = isLast(s, table) ? s.chain : chainOf(s, table, passWord(scan));
  if (chain === null) return false;
  s.chain = chain;
  r.header = ANY_HEADER;
  let count = 0;
  let needs: readonly number[] | undefined;
  let refuses = 0;
  let target: TargetInstance | null = null;
  let callee: ChainDraft | null = null;
  while (scan.at < end) {
    if (text.charCodeAt(scan.at) !== SPACE) return false;
    let at = scan.at + 1;
    const invert = text.charCodeAt(at) === BANG && text.charCodeAt(at + 1) === SPACE;
    if (invert) at += 2;
    if (text.charCodeAt(at) !== DASH || text.charCodeAt(at + 2) !== SPACE || at + 3 >= end)
      return false;
    scan.at = at + 3;
    switch (text[at + 1]) {
      case 'm': {
        const segment = readMatch(s, r);
        if (segment === null || invert) return false;
        if (needs !== undefined && segment.protocols !== undefined) return false;
        needs ??= segment.protocols;
        refuses |= segment.refuses;
        s.matches[count++] = segment.match;
        break;
      }
      case 'j': {
        const to = readNamed(s, table, passWord(scan));
        if (to === null || invert) return false;
        if ('rules' in to) {
          callee = to;
          target = to.jump;
        } else if ('kind' in to) target = to;
        else {
          target = readExtension(s, r, table, to);
          if (target === null) return false;
          refuses |= refusedBits(to, target.spec);
        }
        // What stands behind a target may belong to it or not.
        if (scan.at < end) return false;
        break;
      }
      case 'g':
        callee = chainOf(s, table, passWord(scan));
        if (callee === null || invert || scan.at < end) return false;
        target = { name: callee.name, kind: 'goto', spec: null };
        break;
      default:
        if (!readHead(s, r, text[at + 1], invert)) return false;
    }
  }
  const header = shared(s, r.header);
  if (needs !== undefined && (header.protocolInvert || !needs.includes(header.protocol ?? 0)))
    return false;
  if (callee !== null && callee.policy !== null) return false;
  if (chain.policy !== null && deviceProblem(chain.name, header) !== null) return false;
  addRule(chain, {
    header,
    matches: firstOf(s.matches, count),
    target,
    line: stamp.line,
    origin: stamp.origin,
    packets: stamp.counters?.[0] ?? 0,
    bytes: stamp.counters?.[1] ?? 0,
  });
  if (callee !== null) addCall(chain, callee);
  chain.refuses |= refuses;
  return true;
}

/** As `slice(0, count)`, which is slower for the short lists that nearly all are. */
function firstOf<T>(list: readonly T[], count: number): readonly T[] {
  if (count === 1) return [list[0]!];
  return count === 2 ? [list[0]!, list[1]!] : list.slice(0, count);
}

function readHead(s: Shortcuts, r: Reading, option: string | undefined, invert: boolean): boolean {
  const header = ownHeader(r);
  switch (option) {
    case 's':
      header.src = readHost(s, r);
      header.srcInvert = invert;
      return header.src !== null;
    case 'd':
      header.dst = readHost(s, r);
      header.dstInvert = invert;
      return header.dst !== null;
    case 'i':
      header.in = readDevice(s);
      header.inInvert = invert;
      return header.in !== null;
    case 'o':
      header.out = readDevice(s);
      header.outInvert = invert;
      return header.out !== null;
    case 'p':
      header.protocol = readProtocol(s);
      header.protocolInvert = invert;
      return header.protocol !== null;
    default:
      return false;
  }
}

function shared(s: Shortcuts, header: RuleHeader): RuleHeader {
  const { src, dst, in: input, out, protocol, protocolInvert } = header;
  if (src !== null || dst !== null || input !== null || out !== null) return header;
  return protocol === null || protocolInvert ? header : (s.headers[protocol] ??= header);
}

function hasEscape(s: Shortcuts, from: number, end: number): boolean {
  if (s.escape < from) {
    const next = s.scan.text.indexOf('\\', from);
    s.escape = next < 0 ? Infinity : next;
  }
  return s.escape < end;
}

/** Passes the name if it is that of the chain of the rule before. */
function isLast({ scan, chain }: Shortcuts, table: TableDraft): boolean {
  if (chain?.of !== table || !scan.text.startsWith(chain.name, scan.at)) return false;
  const to = scan.at + chain.name.length;
  if (to !== scan.end && scan.text.charCodeAt(to) !== SPACE) return false;
  scan.at = to;
  return true;
}
function chainOf(s: Shortcuts, table: TableDraft, from: number): ChainDraft | null {
  const known = recall(s.chains, s.scan, from);
  if (known?.of === table) return known;
  const chain = table.chains.get(s.scan.text.slice(from, s.scan.at));
  return chain === undefined ? null : remember(s.chains, s.scan, chain.name, chain);
}

function readHost(s: Shortcuts, r: Reading): Prefix | null {
  const { scan } = s;
  const from = passWord(scan);
  const known = recall(s.hosts, scan, from);
  if (known !== undefined) return known;
  const quick = r.family === 'ipv4' ? readHost4(scan.text, from, scan.at) : null;
  const text = scan.text.slice(from, scan.at);
  if (quick !== null) return remember(s.hosts, scan, text, quick);
  if (text.includes(',')) return null;
  const prefix = parseHost(text, r.ctx);
  return isClean(r) && prefix.length > 0 ? remember(s.hosts, scan, text, prefix) : null;
}
function readDevice(s: Shortcuts): string | null {
  const { scan } = s;
  const from = passWord(scan);
  const known = recall(s.devices, scan, from);
  if (known !== undefined) return known;
  const name = scan.text.slice(from, scan.at);
  return name.length <= 15 && DEVICE.test(name) ? remember(s.devices, scan, name, name) : null;
}
function readProtocol(s: Shortcuts): number | null {
  const { scan } = s;
  const from = passWord(scan);
  const known = recall(s.protocols, scan, from);
  if (known !== undefined) return known;
  const text = scan.text.slice(from, scan.at);
  const protocol = protocolNumber(text);
  return protocol === null || protocol === 0 ? null : remember(s.protocols, scan, text, protocol);
}

/** Nothing was complained about; what was, the long way will say again. */
function isClean(r: Reading): boolean {
  if (r.errors.length === 0 && r.warnings.length === 0) return true;
  r.errors = [];
  r.warnings = [];
  return false;
}

const COMMENT = 'comment --comment "';
/** Most comments are another each time, but the rules of one Service share theirs. */
function readComment({ scan, comments }: Shortcuts): Segment | null {
  const { text } = scan;
  const from = scan.at + COMMENT.length;
  const close = text.indexOf('"', from);
  const length = close - from;
  if (length < 0 || length > 255 || close >= scan.end) return null;
  if (close + 1 < scan.end && text.charCodeAt(close + 1) !== SPACE) return null;
  scan.at = close + 1;
  const known = comments[length];
  if (known !== undefined && text.startsWith((known.match.spec as { text: string }).text, from))
    return known;
  const match = { name: 'comment', spec: { text: text.slice(from, close) } };
  return (comments[length] = { match, protocols: undefined, refuses: 0 });
}

/** `tcp --dport 80`: what stands behind `-m`. */
function readMatch(s: Shortcuts, r: Reading): Segment | null {
  const { scan } = s;
  if (
    scan.text.charCodeAt(scan.at + COMMENT.length - 1) === QUOTE &&
    scan.text.startsWith(COMMENT, scan.at)
  )
    return readComment(s);
  const from = passSegment(scan);
  if (from < 0) return null;
  const known = recall(s.segments, scan, from);
  if (known !== undefined) return known;
  const { at: to, end, hash } = scan;
  const text = scan.text.slice(from, to);
  scan.at = from;
  scan.end = to;
  passWord(scan);
  const module = findMatch(scan.text.slice(from, scan.at));
  const given = module === undefined ? null : readOptions(s, module);
  scan.end = end;
  if (module === undefined || given === null || !speaks(module, r.family)) return null;
  const spec = module.parse(given, r.ctx);
  if (!isClean(r)) return null;
  scan.hash = hash;
  return remember(s.segments, scan, text, {
    match: { name: module.name, spec },
    protocols: module.limits?.protocols,
    refuses: refusedBits(module, spec),
  });
}

const named = (name: string): Named | undefined => VERDICTS.get(name) ?? findTarget(name);
/** Most chains have names that are longer than that of any target. */
const LONGEST = Math.max(...[...VERDICTS.keys(), ...Object.keys(targets)].map((n) => n.length));

/** The word behind `-j`. */
function readNamed(s: Shortcuts, table: TableDraft, from: number): Named | ChainDraft | null {
  const { scan } = s;
  if (scan.at - from > LONGEST) return chainOf(s, table, from);
  const known = recall(s.targets, scan, from);
  if (known !== undefined) return known;
  const name = scan.text.slice(from, scan.at);
  const found = named(name);
  return found === undefined ? chainOf(s, table, from) : remember(s.targets, scan, name, found);
}

/** `--to-destination 10.0.0.1:80`: what stands behind `-j DNAT`, to the end of the line. */
function readExtension(
  s: Shortcuts,
  r: Reading,
  table: TableDraft,
  module: TargetModule<unknown>,
): TargetInstance | null {
  const { limits, lacks } = module;
  if (lacks !== undefined || limits?.protocols !== undefined || !speaks(module, r.family))
    return null;
  if (limits?.tables?.includes(table.name) === false) return null;
  const given = readOptions(s, module);
  if (given === null) return null;
  const spec = module.parse(given, r.ctx);
  return isClean(r) ? { name: module.name, kind: 'extension', spec } : null;
}

const NONE: readonly Given[] = [];
/** The options up to the end, each of them known by its whole name; null: the long way. */
function readOptions(s: Shortcuts, module: Extension): readonly Given[] | null {
  const { scan } = s;
  let given = NONE;
  while (scan.at < scan.end) {
    let from = nextWord(scan);
    const invert = scan.at - from === 1 && scan.text.charCodeAt(from) === BANG;
    if (invert) from = nextWord(scan);
    const option = from < 0 ? null : optionOf(s, module, from);
    if (option === null || (invert && !option.mayInvert)) return null;
    const values: string[] = option.values === 2 ? ['', ''] : option.values === 1 ? [''] : [];
    for (let i = 0; i < values.length; i++) {
      const value = readValue(scan);
      if (value === null) return null;
      values[i] = value;
    }
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
function optionOf({ scan, options }: Shortcuts, module: Extension, from: number): Option | null {
  const known = recall(options, scan, from);
  if (known?.of === module) return known;
  const word = scan.text.slice(from, scan.at);
  const name = word.slice(2);
  const arity = word.startsWith('--') ? module.options[name] : undefined;
  if (arity === undefined) return null;
  const [mayInvert, values] = [arity.startsWith('!'), Number(arity.slice(-1))];
  return remember(options, scan, word, { of: module, name, mayInvert, values });
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
