// TCP as conntrack sees it (net/netfilter/nf_conntrack_proto_tcp.c): a state machine over both directions' flags, and windows
// that tell INVALID segments from valid ones (van Rooij, "Real stateful TCP packet filtering in IP Filter").
import type { Headers } from '../wire/types.ts';
import { TCP_TIMEOUT, TCP_TIMEOUT_UNACK } from './timeouts.ts';
import type { CtEntry, TcpCtState, TcpTrack } from './types.ts';
import { inWindow } from './tcp-window.ts';
import type { Segment } from './tcp-window.ts';
import { emptyWindow, openWindow } from './tcp-window.ts';
import type { CtDirection } from '../trace/types.ts';

/** Rows of the kernel's table: which flag decides. */
export const FLAG = { syn: 0, synack: 1, fin: 2, ack: 3, rst: 4, none: 5 } as const;

const [sNO, sSS, sSR, sES, sFW, sCW, sLA, sTW, sCL, sS2] = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;
const sIV = 'invalid' as const;
const sIG = 'ignore' as const;
const ORDER: readonly TcpCtState[] = [sNO, sSS, sSR, sES, sFW, sCW, sLA, sTW, sCL, sS2];
type Next = TcpCtState | typeof sIV | typeof sIG;
const INVALID_ROW: readonly Next[] = ORDER.map(() => sIV);

/** tcp_conntracks[direction][flag][old state]; columns in the order of ORDER. */
const TABLE: Readonly<Record<CtDirection, readonly (readonly Next[])[]>> = {
  original: [
    [sSS, sSS, sIG, sIG, sIG, sIG, sIG, sSS, sSS, sS2],
    [sIV, sIV, sSR, sIV, sIV, sIV, sIV, sIV, sIV, sSR],
    [sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV],
    [sES, sIV, sES, sES, sCW, sCW, sTW, sTW, sCL, sIV],
    [sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL],
    INVALID_ROW,
  ],
  reply: [
    [sIV, sS2, sIV, sIV, sIV, sIV, sIV, sSS, sIV, sS2],
    [sIV, sSR, sIG, sIG, sIG, sIG, sIG, sIG, sIG, sSR],
    [sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV],
    [sIV, sIG, sSR, sES, sCW, sCW, sTW, sTW, sCL, sIG],
    [sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL],
    INVALID_ROW,
  ],
};

export function flagIndex(flags: Headers['tcp']['flags']): number {
  if (flags.rst) return FLAG.rst;
  if (flags.syn) return flags.ack ? FLAG.synack : FLAG.syn;
  if (flags.fin) return FLAG.fin;
  return flags.ack ? FLAG.ack : FLAG.none;
}

/** tcp_valid_flags: other combinations are INVALID before anything else is asked. PSH does not count. */
export function validFlags(f: Headers['tcp']['flags']): boolean {
  if (f.syn) return !f.fin && !f.rst && !(f.ack && f.urg);
  if (f.rst) return !f.fin && !f.urg;
  return f.ack;
}

export interface TcpSettings {
  readonly loose: boolean;
  readonly liberal: boolean;
}

/** `repeat`: the entry is closed and its tuple is used anew: forget it and look again. `kill`: delete it, let the packet pass. */
export interface TcpOutcome {
  readonly verdict: 'accept' | 'invalid' | 'repeat' | 'kill';
  readonly why: string | null;
  /** Seconds to live from now, or null to leave the timer. */
  readonly timeout: number | null;
}

const outcome = (
  verdict: TcpOutcome['verdict'],
  why: string | null = null,
  timeout: number | null = null,
): TcpOutcome => ({ verdict, why, timeout });

/** tcp_new: may this segment open an entry? */
function start(entry: CtEntry, s: Segment, index: number, settings: TcpSettings): string | null {
  const state = TABLE.original[index]![0]!;
  if (state === sIV || state === sIG) return 'no connection starts with these flags';
  const track: TcpTrack = {
    state: sNO,
    seen: [emptyWindow(), emptyWindow()],
    lastDir: 'original',
    lastIndex: FLAG.none,
    lastSeq: 0,
    lastAck: 0,
    lastEnd: 0,
    lastWin: 0,
    retrans: 0,
  };
  if (state === sSS) openWindow(track.seen[0], s);
  else {
    if (!settings.loose) return 'mid-stream, and nf_conntrack_tcp_loose is 0';
    const [sender] = track.seen;
    sender.end = s.end;
    sender.maxWin = s.window === 0 ? 1 : s.window;
    sender.maxEnd = sender.end + sender.maxWin;
    for (const side of track.seen) {
      side.sackPerm = true;
      side.beLiberal = true;
    }
  }
  entry.tcp = track;
  return null;
}

const signed = (a: number, b: number): number => (a - b) | 0;
const established = (t: TcpTrack): boolean => t.state === sES;

/** nf_conntrack_tcp_packet */
export function trackTcp(
  entry: CtEntry,
  dir: CtDirection,
  segment: Segment,
  flags: Headers['tcp']['flags'],
  settings: TcpSettings,
): TcpOutcome {
  const index = flagIndex(flags);
  if (!entry.confirmed && entry.tcp === null) {
    const refused = start(entry, segment, index, settings);
    if (refused !== null) return outcome('invalid', refused);
  }
  const t = entry.tcp!;
  const old = t.state;
  const [sender, receiver] = dir === 'original' ? t.seen : [t.seen[1], t.seen[0]];
  let next: Next = TABLE[dir][index]![ORDER.indexOf(old)]!;
  const remember = (): void => {
    t.lastIndex = index;
    t.lastDir = dir;
    t.lastSeq = segment.seq;
    t.lastEnd = segment.end;
    t.lastWin = segment.window;
  };
  let skipWindow = false;
  if (next === sIV) return outcome('invalid', `flags do not fit state ${old}`);
  if (next === sSS && ORDER.indexOf(old) >= ORDER.indexOf(sTW)) {
    if (sender.closeInit || receiver.closeInit || (t.lastDir === dir && t.lastIndex === FLAG.rst))
      return outcome('repeat', 'the tuple of a closed connection is used again');
    next = sIG;
  }
  if (next === sIG) {
    // A SYN/ACK that answers a SYN which was ignored before: the two ends are in step, the entry was not.
    const answers = index === FLAG.synack && t.lastIndex === FLAG.syn && t.lastDir !== dir;
    if (answers && segment.ack === t.lastEnd) {
      next = sSR;
      receiver.end = t.lastEnd;
      receiver.maxEnd = t.lastEnd;
      receiver.maxWin = t.lastWin === 0 ? 1 : t.lastWin;
      remember();
      sender.maxWin = 0;
    } else {
      remember();
      if (old === sSS && index === FLAG.ack && dir === 'reply') t.lastAck = segment.ack ?? 0;
      return outcome('accept', 'not what the entry expects: ignored');
    }
  }
  if (next === sCL && index === FLAG.rst) {
    const other = receiver;
    if (old === sFW || old === sLA || old === sTW || old === sCL) skipWindow = true;
    else if (other.maxAckSet && t.lastIndex !== FLAG.syn) {
      const seq = segment.seq;
      if (!(seq === 0 && !established(t))) {
        if (signed(seq, other.maxAck) < 0)
          return outcome('invalid', 'RST below the acknowledged data');
        const train = t.lastIndex === FLAG.ack && t.lastDir === dir && seq === t.lastEnd;
        if (established(t) && seq !== other.maxAck && !train) next = old;
      }
    }
    if (
      ((entry.seenReply && t.lastIndex === FLAG.syn) ||
        (!entry.assured && t.lastIndex === FLAG.ack)) &&
      segment.ack === t.lastEnd
    )
      skipWindow = true;
  }
  if (!skipWindow) {
    const verdict = inWindow(t, dir, index, segment, flags, settings.liberal);
    if (verdict.kind === 'ignore') return outcome('accept', verdict.why);
    if (verdict.kind === 'invalid') return outcome('invalid', verdict.why);
  }
  t.lastIndex = index;
  t.lastDir = dir;
  t.state = next;
  if (old !== next && next === sFW) sender.closeInit = true;
  let timeout = index === FLAG.rst ? TCP_TIMEOUT.CLOSE : TCP_TIMEOUT[next];
  if (!entry.seenReply) {
    if (flags.rst) return outcome('kill', 'a RST is the only answer');
    if (index === FLAG.syn && old === sSS) return outcome('accept');
    if (next === sES) timeout = Math.min(timeout, TCP_TIMEOUT_UNACK);
  } else if (!entry.assured && (old === sSR || old === sES) && next === sES) entry.assured = true;
  return outcome('accept', null, timeout);
}
