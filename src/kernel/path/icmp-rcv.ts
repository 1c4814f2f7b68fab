// ICMP that arrives here (net/ipv4/icmp.c): echo requests are answered, errors are given to the sockets that they are about.
import { fromL3 } from '../../net/skb.ts';
import { sysctl } from '../../net/sysctl.ts';
import type { Dev, Skb } from '../../net/types.ts';
import type { Ipv4 } from '../../wire/addr/types.ts';
import { isIcmp, tupleOf } from '../../conntrack/tuple.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Icmpv4Body, Layer } from '../../wire/types.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { findTcp, hasSocket, socketError } from '../sock/errors.ts';
import { localOut } from './ip-output.ts';
import { learnRedirect } from './redirect.ts';
import { outputRoute } from './route.ts';

export function icmpReceive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const icmp = layers[1] as Layer<'icmpv4'>;
  const { type, body } = icmp.header;
  if (type === 8) return echo(k, skb, dev);
  if (body.kind === 'error') {
    if (type === 5) return redirected(k, skb, dev, body);
    const told = socketError(k, skb, dev, type, icmp.header.code, body);
    return k.consumed(
      skb,
      told === null ? 'ICMP: no socket of that packet' : `ICMP error for ${told}`,
    );
  }
  if (type === 0) {
    // ping_rcv: a ping socket or nobody; a raw socket got its copy before.
    const why = 'the raw socket took its copy; there is no ping socket';
    return k.drop(skb, dev, 'NO_SOCKET', 'ping_rcv', why);
  }
  k.consumed(skb, `ICMP type ${type}`);
}

/** icmp_redirect: TCP and UDP take it through the socket that it is about, ICMP as it is. */
function redirected(
  k: Kernel,
  skb: Skb,
  dev: Dev,
  body: Extract<Icmpv4Body, { kind: 'error' }>,
): void {
  const tuple = tupleOf(body.quoted.layers);
  const known = tuple !== null && (isIcmp(tuple.protocol) || hasSocket(nsOf(dev), tuple));
  if (!known) return k.consumed(skb, 'ICMP redirect: no socket of that packet');
  if (tuple.protocol === IPPROTO.tcp && findTcp(nsOf(dev), tuple)?.owned === true)
    return k.consumed(skb, 'ICMP redirect: the socket is in use at this moment');
  if (body.gateway !== null) learnRedirect(k, skb, dev, tuple.dst, body.gateway);
  k.consumed(skb, 'ICMP redirect');
}

/** icmp_echo, icmp_reply */
function echo(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const layers = fromL3(skb.layers);
  const ip = layers[0] as Layer<'ipv4'>;
  const icmp = layers[1] as Layer<'icmpv4'>;
  const ignore =
    sysctl(ns.sysctl, 'net.ipv4.icmp_echo_ignore_all') !== 0 || skb.dst?.type === 'broadcast';
  if (ignore) return k.consumed(skb, 'ICMP: echo requests are ignored here');
  const want = { dst: ip.header.src, src: ip.header.dst, mark: 0, oif: null };
  const route = outputRoute(k, ns, want, null);
  k.consumed(skb, 'ICMP: echo request answered');
  if (!route.ok) return;
  const reply = k.make(
    [
      {
        kind: 'ipv4',
        id: k.rec.layerId(),
        header: {
          ...ip.header,
          src: ip.header.dst as Ipv4,
          dst: ip.header.src,
          ttl: sysctl(ns.sysctl, 'net.ipv4.ip_default_ttl'),
          id: ns.ipId++ & 0xffff,
          df: false,
        },
      },
      { kind: 'icmpv4', id: k.rec.layerId(), header: { ...icmp.header, type: 0 } },
      ...layers.slice(2),
    ],
    skb,
  );
  reply.dst = route.dst;
  if (!k.rec.silent) {
    k.rec.event('kernel.send', reply, dev.site, {
      what: 'ICMP echo reply',
      because: skb.id,
      why: 'the kernel answers echo requests by itself',
    });
    outputRoute(k, ns, want, reply);
  }
  localOut(k, reply);
}
