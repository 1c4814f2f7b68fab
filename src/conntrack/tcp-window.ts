// Is a segment inside the windows that both ends announced? (tcp_in_window, nf_conntrack_proto_tcp.c)
import type { CtDirection } from '../trace/types.ts';
import type { Headers } from '../wire/types.ts';
import type { TcpTrack, TcpWindow } from './types.ts';

/** What window tracking reads of a segment. Sequence numbers are unsigned 32 bit. */
export interface Segment {
  readonly seq: number;
  /** seq + length (+1 for SYN, +1 for FIN). */
  readonly end: number;
  readonly ack: number | null;
  /** As on the wire, unscaled. */
  readonly window: number;
  readonly options: Headers['tcp']['options'];
}

export const emptyWindow = (): TcpWindow => ({
  end: 0,
  maxEnd: 0,
  maxWin: 0,
  maxAck: 0,
  scale: 0,
  windowScale: false,
  sackPerm: false,
  closeInit: false,
  beLiberal: false,
  maxAckSet: false,
});

const u32 = (n: number): number => n >>> 0;
/** a < b in sequence space (RFC 1982). */
const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
const after = (a: number, b: number): boolean => before(b, a);

/** The first segment of a direction: a SYN sets end, window and options. */
export function openWindow(side: TcpWindow, s: Segment): void {
  side.end = s.end;
  side.maxEnd = s.end;
  side.maxWin = s.window === 0 ? 1 : s.window;
  const scale = s.options.find((o) => o.kind === 'windowScale');
  side.scale = scale === undefined ? 0 : Math.min(scale.shift, 14);
  side.windowScale = scale !== undefined;
  side.sackPerm = s.options.some((o) => o.kind === 'sackPermitted');
}

export type WindowVerdict =
  { readonly kind: 'accept' } | { readonly kind: 'ignore' | 'invalid'; readonly why: string };
const ACCEPT: WindowVerdict = { kind: 'accept' };
const MAX_ACK_WINDOW = 66_000;

export function inWindow(
  t: TcpTrack,
  dir: CtDirection,
  index: number,
  s: Segment,
  flags: Headers['tcp']['flags'],
  liberal: boolean,
): WindowVerdict {
  const [sender, receiver] = dir === 'original' ? t.seen : [t.seen[1], t.seen[0]];
  let { seq, end } = s;
  if (sender.maxWin === 0) {
    if (flags.syn) {
      initSender(sender, receiver, s, dir);
      if (!flags.ack) return ACCEPT;
    } else {
      sender.end = end;
      const win = s.window * 2 ** sender.scale;
      sender.maxWin = win === 0 ? 1 : win;
      sender.maxEnd = u32(end + sender.maxWin);
      if (receiver.maxWin === 0) {
        receiver.end = s.ack ?? 0;
        receiver.maxEnd = receiver.end;
      } else if (s.ack === u32(receiver.end + 1)) receiver.end = u32(receiver.end + 1);
    }
  } else if (
    ((t.state === 'SYN_SENT' && dir === 'original') ||
      (t.state === 'SYN_RECV' && dir === 'reply')) &&
    after(end, sender.end)
  ) {
    initSender(sender, receiver, s, dir);
    if (dir === 'reply' && !flags.ack) return ACCEPT;
  }
  let ack = s.ack ?? receiver.end;
  if (flags.rst && s.ack === 0) ack = receiver.end;
  if (flags.rst && seq === 0 && t.state === 'SYN_SENT') seq = end = sender.end;

  const easy = sender.beLiberal || liberal;
  const bad = (kind: 'ignore' | 'invalid', why: string): WindowVerdict =>
    easy ? ACCEPT : { kind, why };
  const ackWindow = Math.max(sender.maxWin, MAX_ACK_WINDOW);
  const recvOk = receiver.maxWin === 0 || after(end, u32(sender.end - receiver.maxWin - 1));
  let verdict: WindowVerdict = ACCEPT;
  if (!before(seq, u32(sender.maxEnd + 1))) {
    const overshot = u32(end - sender.maxEnd + 1);
    const ackOk = after(ack, u32(receiver.end - ackWindow - 1));
    const mild =
      receiver.maxWin !== 0 &&
      ackOk &&
      overshot <= receiver.maxWin &&
      before(ack, u32(receiver.end + 1));
    verdict = bad(mild ? 'ignore' : 'invalid', `${overshot} bytes more than expected`);
  } else if (!recvOk) verdict = bad('ignore', 'data that was acknowledged already');
  else if (!before(ack, u32(receiver.end + 1)))
    verdict = bad('invalid', 'acknowledges data that was not seen yet');
  else if (!after(ack, u32(receiver.end - ackWindow - 1)))
    verdict = bad('ignore', 'an acknowledgement that is overly late');
  if (verdict.kind !== 'accept') return verdict;

  const win = flags.syn ? s.window : s.window * 2 ** sender.scale;
  sender.maxWin = Math.max(sender.maxWin, win);
  if (after(end, sender.end)) sender.end = end;
  if (flags.ack && (!sender.maxAckSet || after(ack, sender.maxAck))) {
    sender.maxAck = ack;
    sender.maxAckSet = true;
  }
  if (receiver.maxWin !== 0 && after(end, sender.maxEnd))
    receiver.maxWin += u32(end - sender.maxEnd);
  if (after(u32(ack + win), u32(receiver.maxEnd - 1))) {
    receiver.maxEnd = u32(ack + win);
    if (win === 0) receiver.maxEnd = u32(receiver.maxEnd + 1);
  }
  const plainAck = index === 3;
  if (plainAck) {
    const again =
      t.lastDir === dir &&
      t.lastSeq === seq &&
      t.lastAck === ack &&
      t.lastEnd === end &&
      t.lastWin === s.window;
    t.retrans = again ? t.retrans + 1 : 0;
    t.lastDir = dir;
    t.lastSeq = seq;
    t.lastAck = ack;
    t.lastEnd = end;
    t.lastWin = s.window;
  }
  return ACCEPT;
}

function initSender(sender: TcpWindow, receiver: TcpWindow, s: Segment, dir: CtDirection): void {
  openWindow(sender, s);
  // Both ends must offer window scaling (RFC 7323 section 2.2).
  if (dir === 'reply' && !(sender.windowScale && receiver.windowScale)) {
    sender.scale = 0;
    receiver.scale = 0;
  }
}
