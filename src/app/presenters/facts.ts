// What sentences need to know of a trace: who owns an address, what a packet says, which row of a table an event means.
import { printAddr } from '../../wire/addr/ip.ts';
import { byteLength } from '../../wire/length.ts';
import type { Layer, Packet, PacketId } from '../../wire/types.ts';
import type {
  EventKind,
  Topology,
  TopologyDevice,
  TopologyNamespace,
  Trace,
  TraceEvent,
} from '../../trace/types.ts';
import type { Step } from '../../trace/steps/types.ts';

export const namespaceOf = (topology: Topology, name: string): TopologyNamespace | undefined =>
  topology.namespaces.find((n) => n.name === name);

/** The device that has an address, or undefined: nobody here has it. */
export function ownerOf(
  topology: Topology,
  ip: string,
): { readonly ns: TopologyNamespace; readonly device: TopologyDevice } | undefined {
  for (const ns of topology.namespaces)
    for (const device of ns.devices)
      if (device.addresses.some((a) => a.split('/')[0] === ip)) return { ns, device };
  return undefined;
}

export const packetOf = (trace: Trace, id: PacketId | null, revision: number): Packet | null =>
  id === null ? null : (trace.packets[id - 1]?.revisions[revision] ?? null);

/** The packet as it is after a step; null where a step concerns none. */
export const packetAfter = (trace: Trace, step: Step): Packet | null =>
  packetOf(trace, step.packet, step.after);
export const packetBefore = (trace: Trace, step: Step): Packet | null =>
  packetOf(trace, step.packet, step.before);

const lastOf = (packet: Packet, kinds: readonly Layer['kind'][]): Layer | undefined =>
  packet.layers.findLast((l) => kinds.includes(l.kind));

export interface Saying {
  /** `SYN`, `SYN-ACK`, `data`, `echo request`, `ARP request`. */
  readonly word: string;
  readonly protocol: 'TCP' | 'UDP' | 'ICMP' | 'ARP' | 'IP';
  readonly src: string;
  readonly dst: string;
  /** Bytes of the application's data. */
  readonly data: number;
  /** The first line of the data. */
  readonly line: string;
}

/** What the innermost packet says. */
export function sayingOf(packet: Packet): Saying {
  const arp = lastOf(packet, ['arp']);
  const payload = lastOf(packet, ['payload']);
  const data = payload?.kind === 'payload' ? payload.header.length : 0;
  const line = payload?.kind === 'payload' ? (payload.header.head.split('\r')[0] ?? '') : '';
  if (arp?.kind === 'arp') {
    const [src, dst] = [printAddr(arp.header.spa), printAddr(arp.header.tpa)];
    return {
      word: arp.header.op === 1 ? 'ARP request' : 'ARP reply',
      protocol: 'ARP',
      src,
      dst,
      data: 0,
      line: '',
    };
  }
  const ip = lastOf(packet, ['ipv4', 'ipv6']);
  const [src, dst] =
    ip?.kind === 'ipv4' || ip?.kind === 'ipv6'
      ? [printAddr(ip.header.src), printAddr(ip.header.dst)]
      : ['', ''];
  const end = (addr: string, port: number): string =>
    addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`;
  const l4 = lastOf(packet, ['tcp', 'udp', 'icmpv4', 'icmpv6']);
  switch (l4?.kind) {
    case 'tcp': {
      const { syn, ack, fin, rst } = l4.header.flags;
      const word = rst
        ? 'RST'
        : syn
          ? ack
            ? 'SYN-ACK'
            : 'SYN'
          : fin
            ? 'FIN'
            : data > 0
              ? 'data'
              : 'ACK';
      return {
        word,
        protocol: 'TCP',
        src: end(src, l4.header.sport),
        dst: end(dst, l4.header.dport),
        data,
        line,
      };
    }
    case 'udp':
      return {
        word: 'datagram',
        protocol: 'UDP',
        src: end(src, l4.header.sport),
        dst: end(dst, l4.header.dport),
        data,
        line,
      };
    case 'icmpv4':
    case 'icmpv6': {
      const echo = l4.header.body.kind === 'echo';
      const reply = l4.header.type === 0 || l4.header.type === 129;
      return {
        word: echo ? (reply ? 'echo reply' : 'echo request') : 'ICMP message',
        protocol: 'ICMP',
        src,
        dst,
        data,
        line,
      };
    }
    default:
      return { word: 'packet', protocol: 'IP', src, dst, data, line };
  }
}

/** Letters for the picture: S, SA, P, F, R; `?` and `!` for what is not TCP. */
export function lettersOf(packet: Packet): string {
  const tcp = lastOf(packet, ['tcp']);
  if (tcp?.kind === 'tcp') {
    const { syn, ack, fin, rst, psh } = tcp.header.flags;
    const letters = `${syn ? 'S' : ''}${fin ? 'F' : ''}${rst ? 'R' : ''}${psh ? 'P' : ''}`;
    return letters === '' ? 'A' : `${letters}${ack ? 'A' : ''}`;
  }
  const other = lastOf(packet, ['arp', 'icmpv4', 'icmpv6', 'udp']);
  switch (other?.kind) {
    case 'arp':
      return other.header.op === 1 ? 'who?' : 'me';
    case 'icmpv4':
    case 'icmpv6':
      return other.header.body.kind === 'echo' ? 'ping' : '!';
    case 'udp':
      return 'U';
    default:
      return '';
  }
}

/** IP headers in each other: 1 for a plain packet, 2 in a tunnel. */
export const wrapsOf = (packet: Packet): number =>
  Math.max(1, packet.layers.filter((l) => l.kind === 'ipv4' || l.kind === 'ipv6').length);

/** Is the outermost packet an IP packet that carries another one (IP in IP)? Else an envelope is a UDP packet. */
export const isIpInIp = (packet: Packet): boolean => {
  const outer = packet.layers.findIndex((l) => l.kind === 'ipv4' || l.kind === 'ipv6');
  const inner = packet.layers[outer + 1]?.kind;
  return outer >= 0 && (inner === 'ipv4' || inner === 'ipv6');
};

/** Bytes of the frame. */
export const sizeOf = (packet: Packet): number => byteLength(packet.layers);

/** The outermost IP header's ends. */
export function outerEnds(packet: Packet): { readonly src: string; readonly dst: string } {
  const ip = packet.layers.find((l) => l.kind === 'ipv4' || l.kind === 'ipv6');
  return ip?.kind === 'ipv4' || ip?.kind === 'ipv6'
    ? { src: printAddr(ip.header.src), dst: printAddr(ip.header.dst) }
    : { src: '', dst: '' };
}

export const ttlOf = (packet: Packet): number | null => {
  const ip = lastOf(packet, ['ipv4', 'ipv6']);
  return ip?.kind === 'ipv4' ? ip.header.ttl : ip?.kind === 'ipv6' ? ip.header.hopLimit : null;
};

/** Events of a kind in a step, in order. */
export function eventsIn<K extends EventKind>(
  trace: Trace,
  step: Step,
  kind: K,
): readonly TraceEvent<K>[] {
  const found: TraceEvent[] = [];
  for (const seq of step.events) {
    const event = trace.events[seq];
    if (event?.kind === kind) found.push(event);
  }
  return found as unknown as readonly TraceEvent<K>[];
}
export const firstIn = <K extends EventKind>(
  trace: Trace,
  step: Step,
  kind: K,
): TraceEvent<K> | undefined => eventsIn(trace, step, kind)[0];

/** `10.244.1.1` of `10.244.1.1:80`, and of `[::1]:80`. */
export const hostOf = (end: string): string => end.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
