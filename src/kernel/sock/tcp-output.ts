// TCP output (RFC 9293; net/ipv4/tcp_output.c, tcp_timer.c): segments with Linux's options, retransmission, resets.
import { MS, SECOND } from '../../base/queue.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Skb } from '../../net/types.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer, SackBlock, TcpFlags, TcpOption } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { NO_FLAGS } from '../path/reject.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel, Netns } from '../types.ts';
import { connectionKey, endText, writeSocket } from './table.ts';
import type { End } from './table.ts';
import { owned } from './tcp-owner.ts';
import type { OutSegment, TcpApp, TcpSock, TcpState } from './tcp-types.ts';

const u32 = (n: number): number => n >>> 0;
const INITIAL_CWND = 10;
const WINDOW_SCALE = 7;
const RTO_MIN = 200 * MS;
const RTO_MAX = 120 * SECOND;

export function createSock(
  k: Kernel,
  ns: Netns,
  local: End,
  remote: End,
  state: TcpState,
  app: TcpApp,
  options: { readonly flow: string | null; readonly ttl: number | null; readonly mtu: number },
): TcpSock {
  const rng = k.rng(`${ns.name} tcp`);
  const iss = rng.u32();
  const headers = typeof local.addr === 'number' ? 40 : 60;
  const advertised = Math.min(options.mtu, 65_535) - headers;
  const sock: TcpSock = {
    key: connectionKey(local, remote),
    ns,
    local,
    remote,
    flow: options.flow,
    ttl: options.ttl,
    app,
    state,
    iss,
    sndUna: iss,
    sndNxt: iss,
    rcvNxt: 0,
    mss: advertised,
    advertised,
    peerMss: 536,
    out: [],
    cwnd: INITIAL_CWND,
    early: [],
    tsOffset: rng.u32(),
    tsRecent: 0,
    rto: SECOND,
    srtt: 0,
    retries: 0,
    timer: 0,
    generation: 0,
    delayedAck: 0,
    row: null,
    softError: null,
    owned: false,
    backlog: [],
    deferredMtu: null,
    txHash: rng.u32(),
    minRtt: Infinity,
    rackTimer: 0,
    orphan: false,
  };
  ns.sockets.tcp.set(sock.key, sock);
  showState(k, sock, state);
  return sock;
}

export function showState(k: Kernel, sock: TcpSock, state: TcpState): void {
  sock.state = state;
  if (state === 'CLOSED') sock.ns.sockets.tcp.delete(sock.key);
  const after =
    state === 'CLOSED'
      ? null
      : {
          proto: 'tcp',
          state,
          local: endText(sock.local),
          remote: endText(sock.remote),
          process: sock.app.process,
        };
  writeSocket(k, sock.ns, `tcp ${endText(sock.local)} ${endText(sock.remote)}`, sock.row, after);
  sock.row = after;
}

const timestamp = (k: Kernel, sock: TcpSock): number =>
  u32(sock.tsOffset + Math.floor(k.rec.now / MS));

function options(k: Kernel, sock: TcpSock, syn: boolean): readonly TcpOption[] {
  const timestamps: TcpOption = {
    kind: 'timestamps',
    value: timestamp(k, sock),
    echo: sock.tsRecent,
  };
  if (!syn) {
    const plain: TcpOption[] = [{ kind: 'nop' }, { kind: 'nop' }, timestamps];
    const blocks = sackBlocks(sock);
    if (blocks.length === 0) return plain;
    return [...plain, { kind: 'nop' }, { kind: 'nop' }, { kind: 'sack', blocks }];
  }
  return [
    { kind: 'mss', value: sock.advertised },
    { kind: 'sackPermitted' },
    timestamps,
    { kind: 'nop' },
    { kind: 'windowScale', shift: WINDOW_SCALE },
  ];
}

/** What arrived early, newest first, at most three blocks beside timestamps (RFC 2018 section 4). */
function sackBlocks(sock: TcpSock): readonly SackBlock[] {
  const blocks: { left: number; right: number }[] = [];
  for (const e of [...sock.early].reverse()) {
    const right = u32(e.seq + e.length + (e.fin ? 1 : 0));
    const touching = blocks.find((b) => b.left === right || b.right === e.seq);
    if (touching === undefined) blocks.push({ left: e.seq, right });
    else if (touching.left === right) touching.left = e.seq;
    else touching.right = right;
  }
  return blocks.slice(0, 3);
}

/** The IP header of something that a socket sends. */
export function ipHeader(
  k: Kernel,
  ns: Netns,
  src: IpAddr,
  dst: IpAddr,
  protocol: number,
  more: { readonly ttl: number | null; readonly df: boolean; readonly id?: number },
): Layer {
  const id = k.rec.layerId();
  const ttl = more.ttl ?? sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl');
  if (typeof dst === 'bigint')
    return {
      kind: 'ipv6',
      id,
      header: {
        src: src as Ipv6,
        dst: dst as Ipv6,
        nextHeader: protocol,
        hopLimit: ttl,
        trafficClass: 0,
        flowLabel: 0,
      },
    };
  return {
    kind: 'ipv4',
    id,
    header: {
      src: src as Ipv4,
      dst: dst as Ipv4,
      protocol,
      ttl,
      tos: 0,
      id: more.id ?? ns.ipId++ & 0xffff,
      df: more.df,
      mf: false,
      fragOffset: 0,
    },
  };
}

interface Shape {
  readonly seq: number;
  readonly flags: Partial<TcpFlags>;
  readonly length?: number;
  readonly head?: string;
}

/** Builds, routes and sends one segment. null where there is no route. */
export function transmit(k: Kernel, sock: TcpSock, shape: Shape): Skb | null {
  const { ns, local, remote } = sock;
  const syn = shape.flags.syn === true;
  const acks = sock.state !== 'SYN-SENT' || shape.flags.ack === true;
  const layers: Layer[] = [
    ipHeader(k, ns, local.addr, remote.addr, IPPROTO.tcp, { ttl: sock.ttl, df: true }),
    {
      kind: 'tcp',
      id: k.rec.layerId(),
      header: {
        sport: local.port,
        dport: remote.port,
        seq: shape.seq,
        ack: acks ? sock.rcvNxt : 0,
        flags: { ...NO_FLAGS, ack: acks, ...shape.flags },
        window: syn ? (acks ? 65_160 : 64_240) : 502,
        options: shape.flags.rst === true ? [] : options(k, sock, syn),
      },
    },
  ];
  if (shape.length !== undefined && shape.length > 0)
    layers.push({
      kind: 'payload',
      id: k.rec.layerId(),
      header: { length: shape.length, head: shape.head ?? '' },
    });
  const skb = k.born(layers, sock.app.process, sock.flow);
  skb.hash = sock.txHash;
  k.rec.event(
    'socket.send',
    skb,
    { netns: ns.name, dev: null },
    {
      process: sock.app.process,
      protocol: 'tcp',
      socket: `${endText(local)} → ${endText(remote)}`,
    },
  );
  sock.delayedAck++;
  const route = outputRoute(k, ns, { dst: remote.addr, src: local.addr, mark: 0, oif: null }, skb);
  if (!route.ok) {
    k.drop(skb, ns.lo, 'IP_OUTNOROUTES', '__ip_queue_xmit', `no route: ${route.errno}`);
    return null;
  }
  skb.dst = route.dst;
  localOut(k, skb);
  return skb;
}

export const sendAck = (k: Kernel, sock: TcpSock): void => {
  transmit(k, sock, { seq: sock.sndNxt, flags: { ack: true } });
};

/** Queues bytes of the application and sends what the window lets go. */
export function enqueue(k: Kernel, sock: TcpSock, length: number, text: string): void {
  let done = 0;
  const size = segmentSize(sock);
  while (done < length) {
    const part = Math.min(size, length - done);
    const head = text.slice(done, done + part);
    sock.out.push(outSegment(nextSeq(sock), part, head, { psh: done + part === length }));
    done += part;
  }
  owned(k, sock, () => push(k, sock));
}

export const outSegment = (
  seq: number,
  length: number,
  head: string,
  flags: Partial<Pick<OutSegment, 'syn' | 'fin' | 'psh'>> = {},
): OutSegment => ({
  seq,
  length,
  head,
  syn: false,
  fin: false,
  psh: false,
  sent: false,
  sacked: false,
  sentAt: 0,
  skb: null,
  ...flags,
});

export const segmentSize = (sock: TcpSock): number => Math.min(sock.mss, sock.peerMss) - 12;

function nextSeq(sock: TcpSock): number {
  const last = sock.out.at(-1);
  return last === undefined ? sock.sndNxt : endSeq(last);
}
export const endSeq = (s: OutSegment): number =>
  u32(s.seq + s.length + (s.syn ? 1 : 0) + (s.fin ? 1 : 0));

export function queueFin(k: Kernel, sock: TcpSock): void {
  const last = sock.out.at(-1);
  if (last !== undefined && !last.sent) sock.out[sock.out.length - 1] = { ...last, fin: true };
  else sock.out.push(outSegment(nextSeq(sock), 0, '', { fin: true }));
  owned(k, sock, () => push(k, sock));
}

/** tcp_write_xmit: sends queued segments while the congestion window has room. */
export function push(k: Kernel, sock: TcpSock): void {
  let flying = sock.out.filter((s) => s.sent && !s.sacked).length;
  // One write leaves as one GSO packet: its segments go out before anything comes back.
  k.batch(() => {
    for (const segment of [...sock.out]) {
      if (segment.sent || segment.sacked) continue;
      if (flying >= sock.cwnd || sock.state === 'CLOSED') break;
      flying++;
      sock.sndNxt = maxSeq(sock.sndNxt, endSeq(segment));
      sendSegment(k, sock, segment);
    }
  });
  if (sock.out.length > 0 && sock.timer === 0) armRetransmit(k, sock);
}

const maxSeq = (a: number, b: number): number => (((b - a) | 0) > 0 ? b : a);

export function sendSegment(k: Kernel, sock: TcpSock, s: OutSegment): void {
  s.sent = true;
  // A copy that still waits for a neighbour's address is not doubled (skb_still_in_host_queue).
  if (s.skb?.waiting === true) return;
  s.sentAt = k.rec.now;
  s.skb = transmit(k, sock, {
    seq: s.seq,
    flags: { syn: s.syn, fin: s.fin, psh: s.psh, ack: !(s.syn && sock.state === 'SYN-SENT') },
    length: s.length,
    head: s.head,
  });
}

export function armRetransmit(k: Kernel, sock: TcpSock): void {
  const generation = ++sock.generation;
  sock.timer = generation;
  k.after(sock.rto, () => {
    if (sock.timer === generation) onTimeout(k, sock);
  });
}

export function stopRetransmit(sock: TcpSock): void {
  sock.timer = 0;
}

/** tcp_retransmit_timer: the oldest segment again, and twice the wait (a SYN waits 1 s five times first). */
function onTimeout(k: Kernel, sock: TcpSock): void {
  const { ns } = sock;
  const first = sock.out[0];
  if (first === undefined || sock.state === 'CLOSED') return;
  const limit = sysctl(
    ns.sysctl,
    sock.state === 'SYN-SENT'
      ? 'net.ipv4.tcp_syn_retries'
      : sock.state === 'SYN-RECV'
        ? 'net.ipv4.tcp_synack_retries'
        : 'net.ipv4.tcp_retries2',
  );
  sock.retries++;
  const linear =
    sock.state === 'SYN-SENT' &&
    sock.retries <= sysctl(ns.sysctl, 'net.ipv4.tcp_syn_linear_timeouts');
  if (
    sock.retries >
    limit + (sock.state === 'SYN-SENT' ? sysctl(ns.sysctl, 'net.ipv4.tcp_syn_linear_timeouts') : 0)
  )
    return fail(k, sock, sock.softError ?? 'ETIMEDOUT');
  if (!linear) sock.rto = Math.min(sock.rto * 2, RTO_MAX);
  sock.cwnd = 1;
  k.rec.event(
    'timer',
    null,
    { netns: ns.name, dev: null },
    {
      timer: 'retransmission',
      text: `${sock.app.process}: no acknowledgement, sends again (try ${sock.retries})`,
    },
  );
  for (const s of sock.out) {
    s.sent = false;
    s.sacked = false;
  }
  // Another path may do better (sk_rethink_txhash).
  sock.txHash = k.rng(`${ns.name} tcp`).u32();
  sendSegment(k, sock, first);
  if (sock.timer !== 0) armRetransmit(k, sock);
}

export function fail(k: Kernel, sock: TcpSock, errno: string): void {
  stopRetransmit(sock);
  sock.out = [];
  showState(k, sock, 'CLOSED');
  if (!sock.orphan) sock.app.error?.(errno);
}

/** An acknowledged segment that was not sent twice measures the round trip (RFC 6298; Linux's floor is 200 ms). */
export function measured(sock: TcpSock): void {
  sock.retries = 0;
  sock.rto = RTO_MIN;
}
