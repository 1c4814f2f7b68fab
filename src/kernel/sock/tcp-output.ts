// Segments of a connection on their way out (__tcp_transmit_skb, tcp_established_options; net/ipv4/tcp_output.c). Several
// segments that leave together are one packet until the device cuts it (GSO, net/ipv4/tcp_offload.c).
import { MS } from '../../base/queue.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Skb } from '../../net/types.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer, SackBlock, TcpFlags, TcpOption } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel, Netns } from '../types.ts';
import { PMTUDISC, defaultPmtudisc } from './datagram.ts';
import { namesOf } from './table.ts';
import { segmentSize } from './tcp-sock.ts';
import type { TcpSock } from './tcp-types.ts';

export const WINDOW_SCALE = 7;

const timestamp = (k: Kernel, sock: TcpSock): number =>
  (sock.tsOffset + Math.floor(k.rec.now / MS)) >>> 0;
/** Milliseconds since the moment that a timestamp echo names. */
export const sinceEcho = (k: Kernel, sock: TcpSock, echo: number): number =>
  (timestamp(k, sock) - echo) | 0;

function options(k: Kernel, sock: TcpSock, syn: boolean): readonly TcpOption[] {
  const stamps: TcpOption = { kind: 'timestamps', value: timestamp(k, sock), echo: sock.tsRecent };
  if (!syn) {
    const plain = sock.stamps ? [NOP, NOP, stamps] : [];
    const blocks = sock.sack ? sackBlocks(sock) : [];
    return blocks.length === 0 ? plain : [...plain, NOP, NOP, { kind: 'sack', blocks }];
  }
  const list: TcpOption[] = [{ kind: 'mss', value: sock.advertised }];
  if (sock.sack) list.push(...(sock.stamps ? [] : [NOP, NOP]), { kind: 'sackPermitted' });
  if (sock.stamps) list.push(...(sock.sack ? [] : [NOP, NOP]), stamps);
  if (sock.scale) list.push(NOP, { kind: 'windowScale', shift: WINDOW_SCALE });
  return list;
}
const NOP: TcpOption = { kind: 'nop' };

/** A duplicate first (RFC 2883), then what arrived early, newest first (RFC 2018 section 4). */
function sackBlocks(sock: TcpSock): readonly SackBlock[] {
  if (sock.duplicate === null && sock.blocks.length === 0) return [];
  const all = sock.duplicate === null ? sock.blocks : [sock.duplicate, ...sock.blocks];
  return all.slice(0, sock.stamps ? 3 : 4).map((b) => ({ ...b }));
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

export interface Shape {
  readonly seq: number;
  readonly flags: Partial<TcpFlags>;
  readonly length?: number;
  readonly head?: string;
}

const flagsOf = (set: Partial<TcpFlags>, acks: boolean): TcpFlags => ({
  fin: set.fin === true,
  syn: set.syn === true,
  rst: set.rst === true,
  psh: set.psh === true,
  ack: set.ack ?? acks,
  urg: set.urg === true,
});

/** tcp_select_initial_window: whole segments in 64 KB; a SYN-ACK knows already that timestamps take their part. */
function windowOf(sock: TcpSock, syn: boolean, acks: boolean): number {
  const mss = sock.advertised - (syn && acks && sock.stamps ? 12 : 0);
  const initial = Math.min(mss * Math.floor(65_536 / mss), 65_535);
  return syn || !sock.scale ? initial : Math.ceil(initial / 2 ** WINDOW_SCALE);
}

/** Builds, routes and sends one packet. null where there is no route. */
export function transmit(k: Kernel, sock: TcpSock, shape: Shape): Skb | null {
  const { ns, local, remote } = sock;
  const syn = shape.flags.syn === true;
  const acks = sock.state !== 'SYN-SENT' || shape.flags.ack === true;
  const length = shape.length ?? 0;
  const size = segmentSize(sock);
  const layers: Layer[] = [
    ipHeader(k, ns, local.addr, remote.addr, IPPROTO.tcp, {
      ttl: sock.ttl,
      // A SYN-ACK is too small to be cut (ip_build_and_send_pkt).
      df: (syn && acks) || defaultPmtudisc(ns) === PMTUDISC.want,
    }),
    {
      kind: 'tcp',
      id: k.rec.layerId(),
      header: {
        sport: local.port,
        dport: remote.port,
        seq: shape.seq,
        ack: acks ? sock.rcvNxt : 0,
        flags: flagsOf(shape.flags, acks),
        window: windowOf(sock, syn, acks),
        options: shape.flags.rst === true ? [] : options(k, sock, syn),
      },
    },
  ];
  if (length > 0)
    layers.push({
      kind: 'payload',
      id: k.rec.layerId(),
      header: { length, head: shape.head ?? '' },
    });
  sock.duplicate = null;
  sock.rcvAcked = sock.rcvNxt;
  sock.ackTimer++;
  const skb = k.born(layers, sock.app.process, sock.flow);
  skb.hash = sock.txHash;
  if (length > size) skb.gso = size;
  k.rec.event('socket.send', skb, ns.site, {
    process: sock.app.process,
    protocol: 'tcp',
    socket: namesOf(sock).sends,
  });
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

/** tcp_send_active_reset: the application left data unread. */
export const sendReset = (k: Kernel, sock: TcpSock): void => {
  transmit(k, sock, { seq: sock.sndNxt, flags: { rst: true, ack: true } });
};
