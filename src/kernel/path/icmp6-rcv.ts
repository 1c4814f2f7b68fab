// ICMPv6 that arrives here (net/ipv6/icmp.c): echo, errors, neighbour discovery.
import { fromL3 } from '../../net/skb.ts';
import type { Dev, Skb } from '../../net/types.ts';
import { isMulticast } from '../../wire/addr/ip.ts';
import type { Layer } from '../../wire/types.ts';
import { socketError } from '../sock/errors.ts';
import type { Kernel } from '../types.ts';
import { nsOf } from '../types.ts';
import { localOut } from './ip-output.ts';
import { ndAdvertisement, ndSolicitation } from './nd.ts';
import { learnRedirect6 } from './redirect6.ts';
import { outputRoute } from './route.ts';

export function icmp6Receive(k: Kernel, skb: Skb, dev: Dev): void {
  const layers = fromL3(skb.layers);
  const icmp = layers[1] as Layer<'icmpv6'>;
  const { type, code, body } = icmp.header;
  if (body.kind === 'neighbourSolicitation') return ndSolicitation(k, skb, dev, body);
  if (body.kind === 'neighbourAdvertisement') return ndAdvertisement(k, skb, dev, body);
  if (body.kind === 'redirect') return learnRedirect6(k, skb, dev, body);
  if (type === 128) return echo(k, skb, dev);
  if (body.kind === 'error') {
    const told = socketError(k, skb, dev, type, code, body);
    return k.consumed(
      skb,
      told === null ? 'ICMPv6: no socket of that packet' : `ICMPv6 error for ${told}`,
    );
  }
  if (type === 129)
    return k.drop(
      skb,
      dev,
      'NO_SOCKET',
      'ping_rcv',
      'the raw socket took its copy; there is no ping socket',
    );
  k.consumed(skb, `ICMPv6 type ${type}`);
}

function echo(k: Kernel, skb: Skb, dev: Dev): void {
  const ns = nsOf(dev);
  const layers = fromL3(skb.layers);
  const ip = layers[0] as Layer<'ipv6'>;
  const icmp = layers[1] as Layer<'icmpv6'>;
  const src = isMulticast(ip.header.dst) ? null : ip.header.dst;
  const want = { dst: ip.header.src, src, mark: 0, oif: null };
  const route = outputRoute(k, ns, want, null);
  k.consumed(skb, 'ICMPv6: echo request answered');
  if (!route.ok || typeof route.src !== 'bigint') return;
  const reply = k.make(
    [
      {
        kind: 'ipv6',
        id: k.rec.layerId(),
        header: { ...ip.header, src: route.src, dst: ip.header.src, hopLimit: 64 },
      },
      { kind: 'icmpv6', id: k.rec.layerId(), header: { ...icmp.header, type: 129 } },
      ...layers.slice(2),
    ],
    skb,
  );
  reply.dst = route.dst;
  reply.ignoreDf = true;
  if (!k.rec.silent) {
    k.rec.event('kernel.send', reply, dev.site, {
      what: 'ICMPv6 echo reply',
      because: skb.id,
      why: 'the kernel answers echo requests by itself',
    });
    outputRoute(k, ns, want, reply);
  }
  localOut(k, reply);
}
