// Tunnels: the wrapped packet is a packet of the host's own, with a route, an OUTPUT hook and a conntrack entry of its own
// (vxlan_xmit_one, iptunnel_xmit; vxlan_rcv, ipip_rcv).
import { hashLabel } from '../../base/rng.ts';
import { packetTypeAt } from '../../net/devices/veth.ts';
import { ethernet, fromL3, ipLayer, scrub } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr, Ipv4, Ipv6 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer, LayerId } from '../../wire/types.ts';
import type { Kernel, Netns } from '../types.ts';
import { nsOf } from '../types.ts';
import { localOut } from './ip-output.ts';
import { outputRoute } from './route.ts';

/** udp_flow_src_port: a hash of the inner flow, so that its packets stay in order and flows spread over links. */
export function flowPort(skb: Skb): number {
  return 32_768 + (flowHash(skb) % 28_232);
}

/** __skb_get_hash: the same for both directions of a flow (__flow_hash_consistentify). ICMP counts by its addresses alone (as all that has no ports). A hash of
 *  ports stays with the packet, whatever is wrapped around it (skb_clear_hash_if_not_l4). */
function flowHash(skb: Skb): number {
  if (skb.hash !== null) return skb.hash;
  const [ip, next] = fromL3(skb.layers);
  if (ip?.kind !== 'ipv4' && ip?.kind !== 'ipv6') return hashLabel('no flow');
  // Of a fragment, the first one too, only the addresses are looked at.
  const l4 = next?.kind === 'tcp' || next?.kind === 'udp' ? next.header : null;
  const ends =
    l4 === null
      ? [`${ip.header.src}`, `${ip.header.dst}`]
      : [`${ip.header.src} ${l4.sport}`, `${ip.header.dst} ${l4.dport}`];
  const protocol = ip.kind === 'ipv4' ? ip.header.protocol : ip.header.nextHeader;
  const hash = hashLabel(`${protocol} ${ends.sort().join(' ')}`);
  if (l4 !== null) skb.hash = hash;
  return hash;
}

/** A frame may enter so many tunnels before it is received somewhere (IP_TUNNEL_RECURSION_LIMIT, as 6.18 counts). */
const RECURSION_LIMIT = 3;

export function tunnelXmit(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const tunnel = skb.tunnel!;
  const state = dev.vxlan;
  const local = state?.local ?? dev.ipip?.local ?? null;
  if (skb.encaps >= RECURSION_LIMIT) {
    const at = state === null ? 'ipip_tunnel_xmit' : 'vxlan_xmit_one';
    return k.drop(skb, dev, 'RECURSION_LIMIT', at, 'a tunnel inside itself, again and again');
  }
  skb.encaps++;
  const want = {
    dst: tunnel.remote,
    src: local,
    mark: skb.mark,
    // An entry of the FDB binds no lower device (remote_ifindex), whatever the tunnel's own is.
    oif: state === null ? (dev.ipip?.lower ?? null) : null,
  };
  const route = outputRoute(k, ns, want, skb);
  if (!route.ok)
    return k.drop(
      skb,
      dev,
      'IP_OUTNOROUTES',
      'vxlan_xmit',
      `no route to ${printAddr(tunnel.remote)}: ${route.errno}`,
    );
  if (route.dst.dev === dev)
    return k.drop(
      skb,
      dev,
      'IP_OUTNOROUTES',
      'vxlan_xmit',
      'the way to the remote end is the tunnel itself',
    );
  const id = k.rec.layerId();
  const outer =
    typeof route.src === 'number'
      ? outer4(id, ns, skb, dev, route.src, tunnel.remote as Ipv4)
      : tunnel.kind === 'vxlan'
        ? outer6(id, route.src as Ipv6, tunnel.remote as Ipv6)
        : null;
  if (outer === null)
    return k.drop(skb, dev, 'NOT_SPECIFIED', 'ipip_tunnel_xmit', 'ipip has an IPv4 underlay');
  if (state !== null && tunnel.kind === 'vxlan')
    skb.layers = [
      outer,
      {
        kind: 'udp',
        id: k.rec.layerId(),
        header: { sport: flowPort(skb), dport: state.dstport },
      },
      { kind: 'vxlan', id: k.rec.layerId(), header: { flags: 8, vni: state.vni } },
      ...skb.layers,
    ];
  else skb.layers = [outer, ...fromL3(skb.layers)];
  scrub(skb, false);
  skb.dst = route.dst;
  if (!k.rec.silent)
    k.rec.event('tunnel.encap', skb, dev.site, {
      kind: tunnel.kind,
      vni: state?.vni ?? null,
      remote: printAddr(tunnel.remote),
    });
  localOut(k, skb);
}

function outer4(id: LayerId, ns: Netns, skb: Skb, dev: Dev, src: Ipv4, dst: Ipv4): Layer {
  const ipip = skb.tunnel?.kind === 'ipip';
  return {
    kind: 'ipv4',
    id,
    header: {
      src,
      dst,
      protocol: ipip ? IPPROTO.ipip : IPPROTO.udp,
      ttl: ipip ? innerTtl(ipLayer(skb.layers)) : sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl'),
      tos: 0,
      id: ns.ipId++ & 0xffff,
      df: ipip || dev.vxlan?.df === 'set',
      mf: false,
      fragOffset: 0,
    },
  };
}

/** udp_tunnel6_xmit_skb: no flow label unless the device has one; the hop limit is the default of every namespace. */
const outer6 = (id: LayerId, src: Ipv6, dst: Ipv6): Layer => ({
  kind: 'ipv6',
  id,
  header: {
    src,
    dst,
    nextHeader: IPPROTO.udp,
    hopLimit: 64,
    trafficClass: 0,
    flowLabel: 0,
  },
});

/** ipip copies the inner TTL unless told otherwise (ttl inherit). */
const innerTtl = (inner: ReturnType<typeof ipLayer>): number =>
  inner === null ? 64 : inner.kind === 'ipv4' ? inner.header.ttl : inner.header.hopLimit;

/** A VXLAN socket is of one family, that of its device's local address (vxlan_sock_add). */
const takes = (device: Dev, v4: boolean, port: number): boolean =>
  device.up && device.vxlan?.dstport === port && (typeof device.vxlan.local !== 'bigint') === v4;

/** Is this UDP port a VXLAN socket of the namespace? */
export const vxlanPort = (dev: Dev, v4: boolean, port: number): boolean =>
  dev.ns.devices.some((d) => takes(d, v4, port));

export function vxlanReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const header = layers[2];
  const port = (layers[1] as Layer<'udp'>).header.dport;
  if (header?.kind !== 'vxlan' || layers[3]?.kind !== 'ethernet')
    return k.drop(skb, dev, 'VXLAN_INVALID_HDR', 'vxlan_rcv', 'not a VXLAN header');
  const { vni } = header.header;
  const v4 = layers[0]?.kind === 'ipv4';
  const device = dev.ns.devices.find((d) => takes(d, v4, port) && d.vxlan?.vni === vni);
  if (device === undefined)
    return k.drop(skb, dev, 'VXLAN_VNI_NOT_FOUND', 'vxlan_rcv', `no device here has VNI ${vni}`);
  skb.layers = layers.slice(3);
  scrub(skb, false);
  skb.packetType = packetTypeAt(device, skb);
  const site = device.site;
  if (!k.rec.silent) k.rec.event('tunnel.decap', skb, site, { kind: 'vxlan', vni });
  if (ethernet(skb)!.src === device.mac)
    return k.drop(
      skb,
      device,
      'LOCAL_MAC',
      'vxlan_rcv',
      'the frame carries our own address as source: a loop',
    );
  k.backlog(skb, device);
}

export function ipipReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const outer = layers[0] as Layer<'ipv4'>;
  const fits = (a: IpAddr | null, b: IpAddr): boolean => a === null || a === b;
  const device = dev.ns.devices.find(
    (d) =>
      d.up &&
      d.ipip !== null &&
      fits(d.ipip.remote, outer.header.src) &&
      fits(d.ipip.local, outer.header.dst),
  );
  if (device === undefined || layers[1]?.kind !== 'ipv4')
    return k.drop(skb, dev, 'IP_NOPROTO', 'tunnel4_rcv', 'no ipip device takes it');
  skb.layers = layers.slice(1);
  scrub(skb, false);
  if (!k.rec.silent) k.rec.event('tunnel.decap', skb, device.site, { kind: 'ipip', vni: null });
  k.backlog(skb, device);
}
