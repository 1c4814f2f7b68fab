// Tunnels: the wrapped packet is a packet of the host's own, with a route, an OUTPUT hook and a conntrack entry of its own
// (vxlan_xmit_one, iptunnel_xmit; vxlan_rcv, ipip_rcv).
import { hashLabel } from '../../base/rng.ts';
import { packetTypeAt } from '../../net/devices/veth.ts';
import { ethernet, fromL3, ipLayer, scrub } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { printAddr } from '../../wire/addr/ip.ts';
import type { IpAddr, Ipv4 } from '../../wire/addr/types.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer } from '../../wire/types.ts';
import { isIcmp, tupleOf } from '../../conntrack/tuple.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { localOut } from './ip-output.ts';
import { outputRoute } from './route.ts';

/** udp_flow_src_port: a hash of the inner flow, so that its packets stay in order and flows spread over links. */
export function flowPort(skb: Skb): number {
  return 32_768 + ((skb.hash ?? flowHash(skb.layers)) % 28_232);
}

/** __skb_get_hash: the same for both directions of a flow (__flow_hash_consistentify). ICMP counts by its addresses alone. */
function flowHash(layers: readonly Layer[]): number {
  const t = tupleOf(fromL3(layers));
  if (t === null) return hashLabel('no flow');
  const ports = !isIcmp(t.protocol);
  const ends = ports ? [`${t.src} ${t.sport}`, `${t.dst} ${t.dport}`] : [`${t.src}`, `${t.dst}`];
  return hashLabel(`${t.protocol} ${ends.sort().join(' ')}`);
}

export function tunnelXmit(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const tunnel = skb.tunnel!;
  const state = dev.vxlan;
  const local = state?.local ?? dev.ipip?.local ?? null;
  if (++skb.encaps > k.budgets.encapDepth)
    return k.drop(
      skb,
      dev,
      'NOT_SPECIFIED',
      'dev_xmit_recursion',
      'a tunnel inside itself, again and again',
    );
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
  if (typeof route.src !== 'number')
    return k.drop(skb, dev, 'NOT_SPECIFIED', 'vxlan6_xmit', 'not modelled: an IPv6 underlay');
  const inner = ipLayer(skb.layers);
  const outer: Layer = {
    kind: 'ipv4',
    id: k.rec.layerId(),
    header: {
      src: route.src as Ipv4,
      dst: tunnel.remote as Ipv4,
      protocol: tunnel.kind === 'vxlan' ? IPPROTO.udp : IPPROTO.ipip,
      ttl: tunnel.kind === 'vxlan' ? sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl') : innerTtl(inner),
      tos: 0,
      id: ns.ipId++ & 0xffff,
      df: tunnel.kind === 'ipip' || state?.df === 'set',
      mf: false,
      fragOffset: 0,
    },
  };
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

/** ipip copies the inner TTL unless told otherwise (ttl inherit). */
const innerTtl = (inner: ReturnType<typeof ipLayer>): number =>
  inner === null ? 64 : inner.kind === 'ipv4' ? inner.header.ttl : inner.header.hopLimit;

/** Is this UDP port a VXLAN socket of the namespace? */
export const vxlanPort = (dev: Dev, port: number): boolean =>
  dev.ns.devices.some((d) => d.up && d.vxlan?.dstport === port);

export function vxlanReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const header = layers[2];
  const port = (layers[1] as Layer<'udp'>).header.dport;
  if (header?.kind !== 'vxlan' || layers[3]?.kind !== 'ethernet')
    return k.drop(skb, dev, 'VXLAN_INVALID_HDR', 'vxlan_rcv', 'not a VXLAN header');
  const { vni } = header.header;
  const device = dev.ns.devices.find(
    (d) => d.up && d.vxlan?.dstport === port && d.vxlan.vni === vni,
  );
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
