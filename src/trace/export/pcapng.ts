// A capture of the whole journey that Wireshark opens: one interface block a capture point (namespace and device), one
// packet block a crossing, and the same packet identifier wherever the same packet is seen (epb_packetid is for this).
// Virtual time starts at a fixed moment, so that the same journey gives the same file.
import { parseAddr } from '../../wire/addr/ip.ts';
import { macOctet, parseMac } from '../../wire/addr/mac.ts';
import { parsePrefix } from '../../wire/addr/prefix.ts';
import { set32, setIpv6 } from '../../wire/codec/bytes.ts';
import { emitPacket } from '../../wire/codec/emit.ts';
import { summarize } from '../../wire/summary.ts';
import type { PacketType, TopologyDevice, TopologyNamespace, Trace } from '../types.ts';
import { crossingsOf } from './crossings.ts';
import type { Crossing } from './crossings.ts';
import {
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  block,
  concat,
  pack,
  textOption,
} from './pcapng-blocks.ts';
import type { Option } from './pcapng-blocks.ts';
import type { Exporter } from './types.ts';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const NAMES = 4;
const PACKET = 6;
const COMMENT = 1;
const USER_APPLICATION = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_IPV4 = 4;
const IF_IPV6 = 5;
const IF_MAC = 6;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const EPB_PACKETID = 5;
const SNAPLEN = 262_144;

/** 2026-01-01T00:00:00Z in nanoseconds. */
const EPOCH = 1_767_225_600_000_000_000n;

/** The number of the interface block that a crossing belongs to. */
interface Point {
  readonly index: number;
  readonly netns: string;
  readonly dev: string;
  readonly linktype: number;
}

const linktypeOf = (crossing: Crossing): number =>
  crossing.packet.layers[0]?.kind === 'ethernet' ? LINKTYPE_ETHERNET : LINKTYPE_RAW;

const pointKey = (crossing: Crossing): string =>
  `${crossing.netns} ${crossing.dev} ${linktypeOf(crossing)}`;

/** In the order in which packets come by. A device that shows frames with and without Ethernet makes two. */
function pointsOf(crossings: readonly Crossing[]): ReadonlyMap<string, Point> {
  const points = new Map<string, Point>();
  for (const c of crossings) {
    const key = pointKey(c);
    if (points.has(key)) continue;
    points.set(key, {
      index: points.size,
      netns: c.netns,
      dev: c.dev,
      linktype: linktypeOf(c),
    });
  }
  return points;
}

function addressOption(text: string): Option | null {
  const prefix = parsePrefix(text);
  if (prefix === null) return null;
  const { addr, length } = prefix;
  if (typeof addr === 'number') {
    const value = new Uint8Array(8);
    set32(value, 0, addr);
    set32(value, 4, length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);
    return { code: IF_IPV4, value };
  }
  const value = new Uint8Array(17);
  setIpv6(value, 0, addr);
  value[16] = length;
  return { code: IF_IPV6, value };
}

function deviceOptions(device: TopologyDevice | undefined): Option[] {
  if (device === undefined) return [];
  const options = device.addresses.map(addressOption).filter((option) => option !== null);
  const mac = device.mac === null ? null : parseMac(device.mac);
  if (mac === null) return options;
  const value = Uint8Array.from({ length: 6 }, (_, i) => macOctet(mac, i));
  return [...options, { code: IF_MAC, value }];
}

function interfaceBlock(point: Point, namespace: TopologyNamespace | undefined): Uint8Array {
  const device = namespace?.devices.find((d) => d.name === point.dev);
  const label = namespace?.label ?? point.netns;
  const body = pack([
    [16, point.linktype],
    [16, 0],
    [32, SNAPLEN],
  ]);
  return block(
    INTERFACE,
    [body],
    [
      textOption(IF_NAME, `${point.netns}/${point.dev}`),
      textOption(IF_DESCRIPTION, `${label}, ${device?.type ?? 'device'} ${point.dev}`),
      ...deviceOptions(device),
      { code: IF_TSRESOL, value: Uint8Array.of(9) },
    ],
  );
}

const RECEPTION: Readonly<Record<PacketType, number>> = {
  host: 1,
  multicast: 2,
  broadcast: 3,
  otherhost: 4,
};

function packetBlock(crossing: Crossing, point: Point): Uint8Array {
  const bytes = emitPacket(crossing.packet);
  const time = EPOCH + BigInt(Math.round(crossing.at));
  const head = pack([
    [32, point.index],
    [32, time >> 32n],
    [32, time & 0xffffffffn],
    [32, bytes.length],
    [32, bytes.length],
  ]);
  const direction = crossing.direction === 'in' ? 1 : 2;
  const reception = crossing.packetType === null ? 0 : RECEPTION[crossing.packetType];
  return block(
    PACKET,
    [head, bytes],
    [
      textOption(COMMENT, summarize(crossing.packet)),
      { code: EPB_FLAGS, value: pack([[32, direction | (reception << 2)]]) },
      { code: EPB_PACKETID, value: pack([[64, crossing.id]]) },
    ],
  );
}

/** Names of addresses: the namespace that has it on a device. An address of two namespaces has no name. */
function namesBlock(trace: Trace): Uint8Array {
  const names = new Map<string, string | null>();
  for (const { name, devices } of trace.topology.namespaces)
    for (const address of devices.flatMap((d) => d.addresses)) {
      const text = address.split('/', 1)[0]!;
      const known = names.get(text);
      names.set(text, known === undefined || known === name ? name : null);
    }
  const records = [...names].flatMap(([text, name]) => {
    const addr = parseAddr(text);
    if (addr === null || name === null) return [];
    const encoded = new TextEncoder().encode(`${name}\0`);
    const value = new Uint8Array((typeof addr === 'number' ? 4 : 16) + encoded.length);
    if (typeof addr === 'number') set32(value, 0, addr);
    else setIpv6(value, 0, addr);
    value.set(encoded, value.length - encoded.length);
    return [
      pack([
        [16, typeof addr === 'number' ? 1 : 2],
        [16, value.length],
      ]),
      value,
    ];
  });
  return block(NAMES, [...records, pack([[32, 0]])], []);
}

const sectionBlock = (): Uint8Array =>
  block(
    SECTION,
    [
      pack([
        [32, 0x1a2b3c4d],
        [16, 1],
        [16, 0],
        [64, 0xffffffffffffffffn],
      ]),
    ],
    [textOption(USER_APPLICATION, 'packet-journey')],
  );

export const pcapng: Exporter = {
  id: 'pcapng',
  title: 'Capture for Wireshark (pcapng)',
  mime: 'application/x-pcapng',
  extension: 'pcapng',
  export({ trace }) {
    const crossings = crossingsOf(trace);
    const points = pointsOf(crossings);
    const namespaces = new Map(trace.topology.namespaces.map((ns) => [ns.name, ns]));
    return concat([
      sectionBlock(),
      ...[...points.values()].map((point) => interfaceBlock(point, namespaces.get(point.netns))),
      namesBlock(trace),
      ...crossings.map((c) => packetBlock(c, points.get(pointKey(c))!)),
    ]);
  },
};
