// The head of a rule, `-s -d -i -o -p`, where it stands in the text. One value serves all rules; what is kept of it is a copy.
import type { RuleHeader } from '../types.ts';
import type { Prefix } from '../../wire/addr/types.ts';
import { ANY_HEADER, anyHeader, type HeaderDraft } from './header.ts';
import { protocolNumber } from './protocols.ts';
import { isClean, type Reading } from './reading.ts';
import { createMemo, passWord, recall, remember } from './scan.ts';
import type { Memo, Scan } from './scan.ts';
import { parseHost, readHost4 } from './values.ts';

const SLASH = 47;
const THREE = 51;
const LOWER_D = 100;
const LOWER_I = 105;
const LOWER_O = 111;
const LOWER_P = 112;
const LOWER_S = 115;
const DEVICE = /^[\w.@:-]+\+?$/;

export interface HeadReader {
  readonly scan: Scan;
  readonly hosts: Memo<Prefix>;
  readonly devices: Memo<string>;
  readonly protocols: Memo<number>;
  /** What the rule that is read says. */
  readonly head: HeaderDraft;
  /** Heads that ask for a protocol and nothing else: all such rules share one. */
  readonly byProtocol: (RuleHeader | null)[];
}
export const createHeadReader = (scan: Scan): HeadReader => ({
  scan,
  hosts: createMemo(64),
  devices: createMemo(64),
  protocols: createMemo(64),
  head: anyHeader(),
  byProtocol: new Array<null>(256).fill(null),
});

/** The option of that letter; false: it needs the long way. */
export function readHead(s: HeadReader, r: Reading, option: number, invert: boolean): boolean {
  const header = s.head;
  switch (option) {
    case LOWER_S:
      header.src = readHost(s, r);
      header.srcInvert = invert;
      return header.src !== null;
    case LOWER_D:
      header.dst = readHost(s, r);
      header.dstInvert = invert;
      return header.dst !== null;
    case LOWER_I:
      header.in = readDevice(s);
      header.inInvert = invert;
      return header.in !== null;
    case LOWER_O:
      header.out = readDevice(s);
      header.outInvert = invert;
      return header.out !== null;
    case LOWER_P:
      header.protocol = readProtocol(s);
      header.protocolInvert = invert;
      return header.protocol !== null;
    default:
      return false;
  }
}

/** Nothing is known of the rule yet. */
export function clearHead({ head }: HeadReader): void {
  head.src = null;
  head.srcInvert = false;
  head.dst = null;
  head.dstInvert = false;
  head.in = null;
  head.inInvert = false;
  head.out = null;
  head.outInvert = false;
  head.protocol = null;
  head.protocolInvert = false;
}
/** What the head says, as a value of its own. */
export function keepHead({ head, byProtocol }: HeadReader): RuleHeader {
  const { src, dst, in: input, out, protocol, protocolInvert } = head;
  if (src !== null || dst !== null || input !== null || out !== null || protocolInvert)
    return copy(head);
  return protocol === null ? ANY_HEADER : (byProtocol[protocol] ??= copy(head));
}
const copy = (h: RuleHeader): RuleHeader => ({
  src: h.src,
  srcInvert: h.srcInvert,
  dst: h.dst,
  dstInvert: h.dstInvert,
  in: h.in,
  inInvert: h.inInvert,
  out: h.out,
  outInvert: h.outInvert,
  protocol: h.protocol,
  protocolInvert: h.protocolInvert,
  fragment: h.fragment,
});

function readHost(s: HeadReader, r: Reading): Prefix | null {
  const { scan } = s;
  const { text } = scan;
  // Nearly all hosts of a save are others; networks are few.
  const host = r.family === 'ipv4' ? readExact(scan) : null;
  if (host !== null) return host;
  const from = passWord(scan);
  const known = recall(s.hosts, scan, from);
  if (known !== undefined) return known;
  const word = text.slice(from, scan.at);
  if (word.includes(',')) return null;
  const prefix = parseHost(word, r.ctx);
  return isClean(r) && prefix.length > 0 ? remember(s.hosts, scan, from, prefix) : null;
}
/** `10.244.1.7/32`; null: nothing was read. */
function readExact(scan: Scan): Prefix | null {
  const { text, at: from, end } = scan;
  const space = text.indexOf(' ', from);
  const to = space < 0 || space > end ? end : space;
  if (text.charCodeAt(to - 3) !== SLASH || text.charCodeAt(to - 2) !== THREE) return null;
  const host = readHost4(text, from, to);
  if (host !== null) scan.at = to;
  return host;
}
function readDevice(s: HeadReader): string | null {
  const { scan } = s;
  const from = passWord(scan);
  const known = recall(s.devices, scan, from);
  if (known !== undefined) return known;
  const name = scan.text.slice(from, scan.at);
  return name.length <= 15 && DEVICE.test(name) ? remember(s.devices, scan, from, name) : null;
}
function readProtocol(s: HeadReader): number | null {
  const { scan } = s;
  const from = passWord(scan);
  const known = recall(s.protocols, scan, from);
  if (known !== undefined) return known;
  const text = scan.text.slice(from, scan.at);
  const protocol = protocolNumber(text);
  return protocol === null || protocol === 0 ? null : remember(s.protocols, scan, from, protocol);
}
