// The smallest trace that has one of each: a packet that is rewritten and delivered, one that is dropped, table rows that
// come, change and go, frames with and without Ethernet. Written out by hand, without the recorder.
import { parseIpv4 } from '../wire/addr/ipv4.ts';
import type { Mac } from '../wire/addr/types.ts';
import type { Headers, Layer, LayerId, LayerKind, Packet, PacketId } from '../wire/types.ts';
import type {
  EventDetails,
  EventKind,
  Row,
  Seq,
  Site,
  TableWrite,
  Trace,
  TraceEvent,
} from '../trace/types.ts';

const layer = <K extends LayerKind>(id: number, kind: K, header: Headers[K]): Layer =>
  ({ kind, id: id as LayerId, header }) as unknown as Layer;
const ip = (dst: string, ttl: number): Headers['ipv4'] => ({
  src: parseIpv4('10.244.1.10')!,
  dst: parseIpv4(dst)!,
  protocol: 17,
  ttl,
  tos: 0,
  id: 7,
  df: true,
  mf: false,
  fragOffset: 0,
});

const pod: Site = { netns: 'client', dev: 'eth0' };
const port: Site = { netns: 'node-a', dev: 'veth1' };
const tunnel: Site = { netns: 'node-a', dev: 'tunl0' };
const node: Site = { netns: 'node-a', dev: null };

const eth = layer(1, 'ethernet', { dst: 2 as Mac, src: 1 as Mac, etherType: 0x0800 });
const udp = layer(3, 'udp', { sport: 40001, dport: 53 });
const data = layer(4, 'payload', { length: 5, head: 'hello' });
const before = layer(2, 'ipv4', ip('10.96.0.10', 64));
const after = layer(2, 'ipv4', ip('10.244.2.7', 63));
const revisions: readonly Packet[] = [
  { layers: [before, udp, data] },
  { layers: [eth, before, udp, data] },
  { layers: [before, udp, data] },
  { layers: [after, udp, data] },
];

const row = (key: string, from: Row | null, to: Row | null): TableWrite => ({
  netns: 'node-a',
  table: 'conntrack',
  key,
  before: from,
  after: to,
});

export function tinyTrace(): Trace {
  const events: TraceEvent[] = [];
  const event = <K extends EventKind>(
    kind: K,
    packet: number | null,
    revision: number,
    site: Site,
    detail: EventDetails[K],
    writes: readonly TableWrite[] = [],
  ): void => {
    const seq = events.length as Seq;
    const cause = seq === 0 ? null : ((seq - 1) as Seq);
    const at = (seq * 1500) as TraceEvent['at'];
    const head = { kind, seq, at, cause, packet: packet as PacketId | null, revision, site };
    events.push({ ...head, writes, detail } as unknown as TraceEvent);
  };
  event('process.call', null, 0, pod, { process: 'dig', call: 'send', text: 'dig web' });
  event('socket.send', 1, 0, pod, { process: 'dig', protocol: 'udp', socket: ':40001' });
  event('dev.tx', 1, 1, pod, { peer: port });
  event('dev.rx', 1, 1, port, { packetType: 'host' });
  event(
    'nat.rewrite',
    1,
    2,
    node,
    {
      manip: 'dst',
      entry: 'udp',
      direction: 'original',
      from: '10.96.0.10:53',
      to: '10.244.2.7:53',
      undo: false,
    },
    [row('udp', null, { state: 'NEW' })],
  );
  event('ip.forward', 1, 3, node, { ttl: 63 }, [row('udp', { state: 'NEW' }, { state: 'SEEN' })]);
  event('dev.tx', 1, 3, tunnel, { peer: null });
  event('socket.send', 2, 0, pod, { process: 'dig', protocol: 'udp', socket: ':40001' });
  event(
    'drop',
    2,
    0,
    pod,
    {
      reason: 'IP_OUTNOROUTES',
      at: 'ip_output',
      why: 'no route to 10.96.0.10',
      fatal: true,
    },
    [row('udp', { state: 'SEEN' }, null)],
  );
  const device = (
    name: string,
    index: number,
    type: string,
    addresses: readonly string[] = [],
  ) => ({
    name,
    type,
    index,
    mac: type === 'ipip' ? null : '02:00:00:00:00:01',
    mtu: 1500,
    master: null,
    peer: null,
    addresses,
    origin: null,
  });
  const namespace = (name: string, kind: string, label: string) => ({
    name,
    kind,
    label,
    host: null,
    processes: [],
    origin: null,
  });
  return {
    version: 1,
    seed: 1,
    topology: {
      namespaces: [
        {
          ...namespace('client', 'pod', 'Pod default/client'),
          devices: [device('eth0', 2, 'veth', ['10.244.1.10/24', 'fd00::10/64'])],
        },
        {
          ...namespace('node-a', 'node', 'Node node-a'),
          devices: [device('veth1', 2, 'veth'), device('tunl0', 3, 'ipip')],
        },
      ],
    },
    tables: [row('old', null, { state: 'ASSURED' })],
    packets: [
      {
        id: 1 as PacketId,
        flow: 'lookup',
        parent: null,
        revisions,
        fate: { kind: 'delivered', to: 'dns' },
      },
      {
        id: 2 as PacketId,
        flow: 'lookup',
        parent: null,
        revisions: [revisions[0]!],
        fate: { kind: 'dropped', reason: 'IP_OUTNOROUTES', seq: 8 as Seq },
      },
    ],
    events,
    marks: [{ step: 'lookup', seq: 0 as Seq }],
    diagnostics: [],
    unfinished: null,
  };
}
