// A segment that fits no connection is answered with a RST (tcp_v4_send_reset, net/ipv4/tcp_ipv4.c), except another RST.
import { fromL3 } from '../../net/skb.ts';
import type { Skb } from '../../net/types.ts';
import type { Layer } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { resetLayers } from '../path/reject.ts';
import { outputRoute } from '../path/route.ts';
import type { Kernel, Netns } from '../types.ts';

export function refuseSegment(
  k: Kernel,
  ns: Netns,
  layers: readonly Layer[],
  why: string,
  because: Skb | null = null,
): void {
  if ((layers[1] as Layer<'tcp'>).header.flags.rst) return;
  const rst = k.make(resetLayers(k, ns, layers), because);
  const ip = fromL3(rst.layers)[0] as Layer<'ipv4'> | Layer<'ipv6'>;
  const want = { dst: ip.header.dst, src: ip.header.src, mark: 0, oif: null };
  k.rec.event('kernel.send', rst, ns.site, { what: 'TCP RST', because: because?.id ?? null, why });
  const route = outputRoute(k, ns, want, rst);
  if (!route.ok) return k.rec.fate(rst.id, { kind: 'ignored', why: `no way back: ${route.errno}` });
  rst.dst = route.dst;
  localOut(k, rst);
}
