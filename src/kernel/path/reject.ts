// REJECT (net/ipv4/netfilter/nf_reject_ipv4.c, ipt_REJECT.c and their IPv6 twins): an ICMP error, or a RST that is made from
// the segment itself.
import { ETH_P_IP, ETH_P_IPV6, IPPROTO } from '../../wire/types.ts';
import type { Layer, TcpFlags } from '../../wire/types.ts';
import { segmentOf } from '../../conntrack/track.ts';
import { ethernet, fromL3, writeEthernet } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Family, HookName } from '../../trace/types.ts';
import type { Kernel, Netns } from '../types.ts';
import type { HookDevs } from './hooks.ts';
import { attachConnection, sendError } from './icmp-send.ts';
import { inputRoute, outputRoute } from './route.ts';
import { localOut } from './ip-output.ts';

const ICMP: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};
const ICMP6: Readonly<Record<string, number>> = {
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
};

const NO_FLAGS: TcpFlags = {
  fin: false,
  syn: false,
  rst: false,
  psh: false,
  ack: false,
  urg: false,
};

export function reject(
  k: Kernel,
  ns: Netns,
  skb: Skb,
  family: Family,
  hook: HookName,
  kind: string,
  devs: HookDevs,
): void {
  if (hook === 'PREROUTING' && skb.dst === null) {
    const ip = fromL3(skb.layers)[0] as Layer<'ipv4'> | Layer<'ipv6'>;
    const route = inputRoute(k, devs.in!, ip.header.src, ip.header.dst, skb.mark, null);
    if (route.kind === 'drop') return;
    skb.dst = route;
  }
  if (kind === 'tcp-reset') return reset(k, ns, skb, devs);
  const why = `a REJECT rule in ${hook}`;
  const type = family === 'ipv4' ? 3 : 1;
  const code = family === 'ipv4' ? (ICMP[kind] ?? 3) : (ICMP6[kind] ?? 4);
  skb.dev ??= (devs.in ?? devs.out)!;
  sendError(k, skb, type, code, 0, why);
}

/** nf_send_reset */
function reset(k: Kernel, ns: Netns, skb: Skb, devs: HookDevs): void {
  const layers = fromL3(skb.layers);
  const old = layers[1];
  if (old?.kind !== 'tcp' || old.header.flags.rst) return;
  const rst = k.make(resetLayers(k, ns, layers), skb);
  attachConnection(rst, skb);
  const say = (): void => {
    k.rec.event('kernel.send', rst, (devs.in ?? devs.out)!.site, {
      what: 'TCP RST',
      because: skb.id,
      why: 'a REJECT rule with tcp-reset',
    });
  };
  const frame = ethernet(skb);
  if (skb.bridge !== null && frame !== null) {
    // Straight back out of the port, with the addresses of the frame turned around: no OUTPUT hook, no bridge device.
    const type = layers[0]!.kind === 'ipv4' ? ETH_P_IP : ETH_P_IPV6;
    writeEthernet(k, rst, frame.src, frame.dst, type);
    say();
    return k.xmit(rst, skb.bridge.physin);
  }
  const ip = rst.layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const route = outputRoute(k, ns, { dst: ip.header.dst, src: null, mark: 0, oif: null }, null);
  if (!route.ok) return;
  rst.dst = route.dst;
  say();
  localOut(k, rst);
}

/** The RST that answers a segment (RFC 9293 section 3.10.7.1). */
export function resetLayers(k: Kernel, ns: Netns, layers: readonly Layer[]): readonly Layer[] {
  const ip = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const old = (layers[1] as Layer<'tcp'>).header;
  const s = segmentOf(layers);
  const ttl = sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl');
  const head: Layer =
    ip.kind === 'ipv4'
      ? {
          kind: 'ipv4',
          id: k.rec.layerId(),
          header: {
            src: ip.header.dst,
            dst: ip.header.src,
            protocol: IPPROTO.tcp,
            ttl,
            tos: 0,
            id: 0,
            df: true,
            mf: false,
            fragOffset: 0,
          },
        }
      : {
          kind: 'ipv6',
          id: k.rec.layerId(),
          header: {
            src: ip.header.dst,
            dst: ip.header.src,
            nextHeader: IPPROTO.tcp,
            hopLimit: ttl,
            trafficClass: 0,
            flowLabel: 0,
          },
        };
  const answered = old.flags.ack;
  return [
    head,
    {
      kind: 'tcp',
      id: k.rec.layerId(),
      header: {
        sport: old.dport,
        dport: old.sport,
        seq: answered ? old.ack : 0,
        ack: answered ? 0 : s.end,
        flags: { ...NO_FLAGS, rst: true, ack: !answered },
        window: 0,
        options: [],
      },
    },
  ];
}
