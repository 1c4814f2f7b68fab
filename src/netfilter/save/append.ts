// The short way for the line that nearly all lines of a save are: `-A CHAIN`, the head, matches one after the other, a target at
// the end, single spaces. It reads the line where it stands in the text, and what was read before (`-m tcp --dport 80`, a host, a
// chain) is found by its characters. Whatever looks different is left to the long way (rule.ts), which alone tells what is wrong; a
// test proves that both read the same.
import type { TargetModule } from '../module.ts';
import { findTarget, targets } from '../targets/index.ts';
import type { TargetInstance } from '../types.ts';
import { clearHead, createHeadReader, keepHead, readHead, type HeadReader } from './append-head.ts';
import { clearMatches, createMatchReader, keepMatches, readMatch } from './append-match.ts';
import type { MatchReader } from './append-match.ts';
import { readOptions, type Option } from './append-options.ts';
import { deviceProblem, refusedBits } from './check.ts';
import type { Stamp } from './command.ts';
import { addCall, addRule, type ChainDraft, type TableDraft } from './draft.ts';
import { isClean, speaks, type Reading } from './reading.ts';
import { VERDICTS } from './rule.ts';
import { createMemo, passWord, recall, remember, type Memo, type Scan } from './scan.ts';

const SPACE = 32;
const BANG = 33;
const DASH = 45;
const UPPER_A = 65;
const LOWER_G = 103;
const LOWER_J = 106;
const LOWER_M = 109;

/** A word behind `-j` that is no chain: a verdict, or an extension, which reads on. */
interface Named {
  readonly verdict: TargetInstance | null;
  readonly module: TargetModule<unknown> | null;
}
/** What was read before. */
export interface Shortcuts {
  readonly scan: Scan;
  readonly head: HeadReader;
  readonly match: MatchReader;
  readonly targets: Memo<Named>;
  readonly options: Memo<Option>;
  readonly chains: Memo<ChainDraft>;
  /** Of the last rule. */
  chain: ChainDraft | null;
  /** Where the next backslash of the text is. */
  escape: number;
}
export function createShortcuts(text: string): Shortcuts {
  const scan: Scan = { text, at: 0, end: 0, hash: 0 };
  const options = createMemo<Option>(64);
  // A place for each chain: a chain has some hundred characters of rules.
  const chains = 2 ** Math.min(16, Math.max(6, Math.round(Math.log2(text.length / 512 + 1))));
  return {
    scan,
    head: createHeadReader(scan),
    match: createMatchReader(scan, options),
    targets: createMemo(64),
    options,
    chains: createMemo(chains),
    chain: null,
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
  if (text.charCodeAt(from + 1) !== UPPER_A || text.charCodeAt(from + 2) !== SPACE) return false;
  if (text.charCodeAt(from) !== DASH || hasEscape(s, from, end)) return false;
  scan.at = from + 3;
  scan.end = end;
  const chain = isLast(s, table) ? s.chain : chainOf(s, table, passWord(scan));
  if (chain === null) return false;
  s.chain = chain;
  clearHead(s.head);
  clearMatches(s.match);
  r.header = s.head.head;
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
    const option = text.charCodeAt(at + 1);
    switch (option) {
      case LOWER_M:
        if (invert || !readMatch(s.match, r)) return false;
        break;
      case LOWER_J: {
        const from = passWord(scan);
        const named = readNamed(s, from);
        if (invert) return false;
        if (named === null) {
          callee = chainOf(s, table, from);
          if (callee === null) return false;
          target = callee.jump;
        } else if (named.module === null) target = named.verdict;
        else {
          target = readExtension(s, r, table, named.module);
          if (target === null) return false;
          refuses = refusedBits(named.module, target.spec);
        }
        // What stands behind a target may belong to it or not.
        if (scan.at < end) return false;
        break;
      }
      case LOWER_G:
        callee = chainOf(s, table, passWord(scan));
        if (callee === null || invert || scan.at < end) return false;
        target = { name: callee.name, kind: 'goto', spec: null };
        break;
      default:
        if (!readHead(s.head, r, option, invert)) return false;
    }
  }
  const { needs } = s.match;
  const header = keepHead(s.head);
  if (needs !== undefined && (header.protocolInvert || !needs.includes(header.protocol ?? 0)))
    return false;
  if (callee !== null && callee.policy !== null) return false;
  if (chain.policy !== null && deviceProblem(chain.name, header) !== null) return false;
  addRule(chain, {
    header,
    matches: keepMatches(s.match),
    target,
    line: stamp.line,
    origin: stamp.origin,
    packets: stamp.counters?.[0] ?? 0,
    bytes: stamp.counters?.[1] ?? 0,
  });
  if (callee !== null) addCall(chain, callee);
  chain.refuses |= refuses | s.match.refuses;
  return true;
}

function hasEscape(s: Shortcuts, from: number, end: number): boolean {
  if (s.escape < from) {
    const next = s.scan.text.indexOf('\\', from);
    s.escape = next < 0 ? s.scan.text.length : next;
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
  return chain === undefined ? null : remember(s.chains, s.scan, from, chain);
}

/** Most chains have names that are longer than that of any target. */
const LONGEST = Math.max(...[...VERDICTS.keys(), ...Object.keys(targets)].map((n) => n.length));

/** The word behind `-j`; null: it may be a chain. */
function readNamed({ scan, targets: memo }: Shortcuts, from: number): Named | null {
  if (scan.at - from > LONGEST) return null;
  const known = recall(memo, scan, from);
  if (known !== undefined) return known;
  const name = scan.text.slice(from, scan.at);
  const verdict = VERDICTS.get(name) ?? null;
  const module = findTarget(name) ?? null;
  return verdict === null && module === null
    ? null
    : remember(memo, scan, from, { verdict, module });
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
  const given = readOptions(s.options, s.scan, module);
  if (given === null) return null;
  const spec = module.parse(given, r.ctx);
  return isClean(r) ? { name: module.name, kind: 'extension', spec } : null;
}
