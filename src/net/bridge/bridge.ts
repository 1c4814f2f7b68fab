// A Linux bridge: learn the source, look up the destination, forward, flood or hand up (net/bridge/br_input.c, br_forward.c).
// STP off, no VLAN filtering, no multicast snooping.
import { isBroadcastMac, isMulticastMac } from '../../wire/addr/mac.ts';
import type { EventDetails } from '../../trace/types.ts';
import type { Mac } from '../../wire/addr/types.ts';
import type { NetIo } from '../io.ts';
import { byteLength } from '../../wire/length.ts';
import { ethernet } from '../skb.ts';
import type { Dev, Skb } from '../types.ts';
import { running } from '../devices/carrier.ts';
import { findFdb, learn } from './fdb.ts';

const bridgeOf = (port: Dev): Dev => port.master!;

/** br_handle_frame: the receive handler of a bridge port. */
export function handleFrame(io: NetIo, skb: Skb, port: Dev): void {
  const bridge = bridgeOf(port);
  const dst = ethernet(skb)?.dst;
  if (dst === undefined || !bridge.up)
    return io.drop(skb, port, 'DEV_READY', 'br_handle_frame', `${bridge.name} is down`);
  if (dst === bridge.mac) skb.packetType = 'host';
  io.bridgeHooks.preRouting(skb, port, bridge, (frame) => finish(io, frame, port));
}

/** br_handle_frame_finish */
export function finish(io: NetIo, skb: Skb, port: Dev): void {
  const bridge = bridgeOf(port);
  const header = ethernet(skb)!;
  learn(io, bridge, port, header.src);
  const flood = isMulticastMac(header.dst);
  const entry = flood ? undefined : findFdb(io, bridge, header.dst);
  if (entry?.local === true) {
    tell(
      io,
      skb,
      bridge,
      'local',
      [],
      true,
      entry.mac === bridge.mac ? 'the bridge’s own address' : `${entry.port.name}’s own address`,
    );
    return passUp(io, skb, bridge);
  }
  if (entry !== undefined) {
    if (mayDeliver(entry.port, port)) {
      tell(io, skb, bridge, 'forward', [entry.port], false, `learned behind ${entry.port.name}`);
      return forward(io, skb, port, entry.port, bridge);
    }
    const hairpin =
      entry.port === port ? `${port.name} is not in hairpin mode` : 'the port may not send';
    tell(io, skb, bridge, 'drop', [], false, hairpin);
    return io.drop(skb, port, 'NOT_SPECIFIED', 'br_forward', hairpin);
  }
  const ports = bridge.bridge!.ports.filter((p) => mayDeliver(p, port) && floods(p, flood));
  const broadcast = isBroadcastMac(header.dst);
  tell(
    io,
    skb,
    bridge,
    'flood',
    ports,
    flood,
    flood ? (broadcast ? 'broadcast' : 'multicast') : 'destination not learned',
  );
  if (flood) {
    for (const to of ports) forward(io, io.clone(skb), port, to, bridge);
    return passUp(io, skb, bridge);
  }
  floodOut(
    io,
    skb,
    ports,
    (frame, to) => forward(io, frame, port, to, bridge),
    () => io.drop(skb, port, 'NO_TX_TARGET', 'br_flood', 'no other port'),
  );
}

function tell(
  io: NetIo,
  skb: Skb,
  bridge: Dev,
  decision: EventDetails['bridge.forward']['decision'],
  ports: readonly Dev[],
  local: boolean,
  why: string,
): void {
  if (io.rec.silent) return;
  io.rec.event('bridge.forward', skb, bridge.site, {
    bridge: bridge.name,
    decision,
    ports: ports.map((port) => port.name),
    local,
    why,
  });
}

/** All but the last port get a clone, the last one the frame itself. */
function floodOut(
  _io: NetIo,
  skb: Skb,
  ports: readonly Dev[],
  send: (frame: Skb, to: Dev) => void,
  none: () => void,
): void {
  if (ports.length === 0) return none();
  ports.forEach((to, i) => send(i === ports.length - 1 ? skb : _io.clone(skb), to));
}

/** BR_FLOOD: off, the port gets nothing for addresses that nobody knows. */
const floods = (port: Dev, multicast: boolean): boolean => multicast || port.port?.flood !== false;

/** should_deliver */
function mayDeliver(to: Dev, from: Dev | null): boolean {
  if (!running(to)) return false;
  if (to === from) return to.port?.hairpin === true;
  return !(from?.port?.isolated === true && to.port?.isolated === true);
}

/** __br_forward: BR_FORWARD, BR_POST_ROUTING, then out of the port. */
function forward(io: NetIo, skb: Skb, from: Dev, to: Dev, bridge: Dev): void {
  io.bridgeHooks.forward(skb, from, to, bridge, (frame) => push(io, frame, to, bridge));
}

function push(io: NetIo, skb: Skb, to: Dev, bridge: Dev): void {
  io.bridgeHooks.postRouting(skb, to, bridge, (frame) => {
    if (byteLength(frame.layers) > to.mtu + 18)
      return io.drop(
        frame,
        to,
        'PKT_TOO_BIG',
        'br_dev_queue_push_xmit',
        `longer than ${to.name}’s MTU`,
      );
    io.xmit(frame, to);
  });
}

/** br_pass_frame_up: the bridge device receives the frame. */
function passUp(io: NetIo, skb: Skb, bridge: Dev): void {
  io.bridgeHooks.localIn(skb, (frame) => io.receive(frame, bridge));
}

/** br_dev_xmit: the stack sends a frame out of the bridge device. */
export function bridgeXmit(io: NetIo, skb: Skb, bridge: Dev): void {
  if (skb.bridge !== null && io.bridgeHooks.devXmit(skb, skb.bridge)) return;
  const dst: Mac = ethernet(skb)!.dst;
  const entry = isMulticastMac(dst) ? undefined : findFdb(io, bridge, dst);
  if (entry !== undefined) {
    if (entry.local || !mayDeliver(entry.port, null))
      return io.drop(skb, bridge, 'NOT_SPECIFIED', 'br_forward', 'the address is the bridge’s own');
    tell(io, skb, bridge, 'forward', [entry.port], false, `learned behind ${entry.port.name}`);
    return push(io, skb, entry.port, bridge);
  }
  const ports = bridge.bridge!.ports.filter(
    (p) => mayDeliver(p, null) && floods(p, isMulticastMac(dst)),
  );
  const why = isMulticastMac(dst) ? 'broadcast' : 'destination not learned';
  tell(io, skb, bridge, 'flood', ports, false, why);
  floodOut(
    io,
    skb,
    ports,
    (frame, to) => push(io, frame, to, bridge),
    () => io.drop(skb, bridge, 'NO_TX_TARGET', 'br_flood', 'the bridge has no port that is up'),
  );
}
