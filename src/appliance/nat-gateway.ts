// A NAT gateway: instances without a public address reach the internet through it, and nobody reaches them (RFC 3022, RFC 4787). It has
// one interface in a public subnet: what it sends has its own private address and a port that it chose, and goes on by the route table
// of that subnet. (Amazon VPC user guide, NAT gateways: idle for 350 s, fragments of UDP only.)
import { SECOND } from '../base/queue.ts';
import { invertTuple, isIcmp, opensIcmp, tupleKey } from '../conntrack/tuple.ts';
import { protocolName } from '../conntrack/table.ts';
import type { Tuple } from '../conntrack/types.ts';
import type { Row } from '../trace/types.ts';
import { printAddr } from '../wire/addr/ip.ts';
import type { Ipv4 } from '../wire/addr/types.ts';
import { IPPROTO } from '../wire/types.ts';
import { answerArp, ipv4Of, isArp, refuse, sendOut } from './frames.ts';
import { readAddr } from './read.ts';
import { isPiece, packetTuple, quotedTuple, translate } from './translate.ts';
import type { ApplianceDriver, ApplianceIo, Arrival } from './types.ts';

const IDLE = 350 * SECOND;
/** Ports, and identifiers of ICMP queries, that it chooses from. */
const FIRST_PORT = 1024;
const PORTS = 65_536 - FIRST_PORT;
const KNOWN: ReadonlySet<number> = new Set([IPPROTO.tcp, IPPROTO.udp, IPPROTO.icmp]);

interface Binding {
  /** As the instance sends it, and as it leaves. */
  readonly inner: Tuple;
  readonly outer: Tuple;
  lastSeen: number;
}
interface Gateway {
  readonly address: Ipv4;
  readonly byInner: Map<string, Binding>;
  readonly byOuter: Map<string, Binding>;
}

export const natGateway: ApplianceDriver<'nat-gateway'> = {
  ports: ({ port: { name, mac, mtu = 9001, peer } }) => [{ name, type: 'veth', mac, mtu, peer }],
  start: (spec, complain) => {
    const address = readAddr(spec.address, 'address', complain) ?? (0 as Ipv4);
    const gateway: Gateway = { address, byInner: new Map(), byOuter: new Map() };
    return {
      receive(at) {
        const { skb } = at;
        if (isArp(skb)) return answerArp(at, () => null);
        const ip = ipv4Of(skb);
        if (ip === null) return refuse(at, 'vpc:NOT_MODELLED', 'IPv6 in a VPC is not modelled');
        if (isPiece(skb) && ip.header.protocol !== IPPROTO.udp)
          return refuse(at, 'vpc:FRAGMENT', 'a NAT gateway takes fragments of UDP only');
        if (ip.header.dst === address) return inward(at, gateway);
        outward(at, gateway);
      },
      rows: () => [{ key: 'address', row: { section: 'address', text: printAddr(address) } }],
    };
  },
};

const bound = (io: ApplianceIo, table: Map<string, Binding>, tuple: Tuple): Binding | null => {
  const found = table.get(tupleKey(tuple));
  return found !== undefined && io.rec.now - found.lastSeen < IDLE ? found : null;
};

function outward(at: Arrival, gateway: Gateway): void {
  const { io, skb, port } = at;
  const quoted = quotedTuple(skb);
  if (quoted !== null) {
    const question = invertTuple(quoted);
    const binding = question === null ? null : bound(io, gateway.byInner, question);
    if (binding === null)
      return refuse(at, 'vpc:NO_BINDING', 'an error about no connection of this gateway');
    const to = { ...packetTuple(skb), src: gateway.address };
    const seen = invertTuple(binding.outer)!;
    translate(at, {
      manip: 'src',
      to,
      quoted: seen,
      why: 'it quotes a known connection',
    });
    return sendOut(at, port.name);
  }
  const inner = packetTuple(skb);
  if (!KNOWN.has(inner.protocol))
    return refuse(at, 'vpc:PROTOCOL', 'a NAT gateway knows TCP, UDP and ICMP');
  let binding = bound(io, gateway.byInner, inner);
  const why = binding === null ? 'a port of the gateway that was free' : 'as its first packet';
  binding ??= open(at, gateway, inner);
  if (binding === null)
    return refuse(
      at,
      'vpc:NO_BINDING',
      isIcmp(inner.protocol) && !opensIcmp(inner.protocol, inner.dport >> 8)
        ? 'an answer to no question that passed'
        : `every port towards ${printAddr(inner.dst)} is in use`,
    );
  binding.lastSeen = io.rec.now;
  translate(at, { manip: 'src', to: binding.outer, quoted: null, why });
  sendOut(at, port.name);
}

function inward(at: Arrival, gateway: Gateway): void {
  const { io, skb, port } = at;
  const quoted = quotedTuple(skb);
  const question = quoted ?? invertTuple(packetTuple(skb));
  const binding = question === null ? null : bound(io, gateway.byOuter, question);
  if (binding === null)
    return refuse(at, 'vpc:NO_BINDING', 'nobody behind the NAT gateway opened this connection');
  binding.lastSeen = io.rec.now;
  const home = invertTuple(binding.inner)!;
  translate(at, {
    manip: 'dst',
    to: quoted === null ? home : { ...packetTuple(skb), dst: binding.inner.src },
    quoted: quoted === null ? null : binding.inner,
    why: 'the answer to a connection from within',
  });
  sendOut(at, port.name);
}

/** A port that no other connection to the same destination has. */
function open({ io, port }: Arrival, gateway: Gateway, inner: Tuple): Binding | null {
  if (isIcmp(inner.protocol) && !opensIcmp(inner.protocol, inner.dport >> 8)) return null;
  const start = io.rng(`${port.ns.name} port`).u32();
  for (let i = 0; i < PORTS; i++) {
    const outer = {
      ...inner,
      src: gateway.address,
      sport: FIRST_PORT + ((start + i) % PORTS),
    };
    if (bound(io, gateway.byOuter, outer) !== null) continue;
    const binding: Binding = { inner, outer, lastSeen: io.rec.now };
    const idle = gateway.byInner.get(tupleKey(inner));
    if (idle !== undefined) gateway.byOuter.delete(tupleKey(idle.outer));
    gateway.byInner.set(tupleKey(inner), binding);
    gateway.byOuter.set(tupleKey(outer), binding);
    io.rec.write({
      netns: port.ns.name,
      table: 'appliance',
      key: `binding ${tupleKey(inner)}`,
      before: idle === undefined ? null : rowOf(idle),
      after: rowOf(binding),
    });
    return binding;
  }
  return null;
}

function rowOf({ inner, outer }: Binding): Row {
  const end = (addr: string, sport: number): string => `${addr}:${sport}`;
  const from = end(printAddr(inner.src), inner.sport);
  const as = end(printAddr(outer.src), outer.sport);
  const to = isIcmp(inner.protocol) ? printAddr(inner.dst) : end(printAddr(inner.dst), inner.dport);
  return { section: 'binding', text: `${protocolName(inner.protocol)} ${from} ${as} ${to}` };
}
