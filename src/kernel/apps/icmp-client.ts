// ping: one echo request from a raw socket, which hears every ICMP packet of its namespace.
import { MS } from '../../base/queue.ts';
import { parseAddr, printAddr } from '../../wire/addr/ip.ts';
import { IPPROTO } from '../../wire/types.ts';
import type { Layer } from '../../wire/types.ts';
import { localOut } from '../path/ip-output.ts';
import { outputRoute } from '../path/route.ts';
import { PMTUDISC, defaultPmtudisc, planDatagram } from '../sock/datagram.ts';
import type { RawSock } from '../sock/table.ts';
import { ipHeader } from '../sock/tcp-output.ts';
import type { ClientContext } from './client.ts';

export function icmpClient(c: ClientContext): void {
  const { k, ns, spec } = c;
  const dst = parseAddr(spec.dst!)!;
  const v6 = typeof dst === 'bigint';
  const id = spec.icmp_id ?? 4660;
  const protocol = v6 ? IPPROTO.icmpv6 : IPPROTO.icmp;
  const bytes = spec.request_bytes ?? 56;
  const want = {
    dst,
    src: spec.src === undefined ? null : parseAddr(spec.src),
    mark: 0,
    oif: null,
  };
  c.say('send', spec.command ?? `ping ${printAddr(dst)}`);
  const route = outputRoute(k, ns, want, null);
  if (!route.ok) return c.finish({ result: 'error', error: route.errno, stage: 'send' });
  if (route.dst.type === 'broadcast')
    return c.finish({ result: 'error', error: 'EACCES', stage: 'send' });
  const pmtudisc = v6 ? PMTUDISC.want : (spec.pmtudisc ?? defaultPmtudisc(ns));
  const plan = planDatagram(route.dst, (v6 ? 48 : 28) + bytes, pmtudisc);
  if (plan === null) return c.finish({ result: 'error', error: 'EMSGSIZE', stage: 'send' });
  let over = false;
  const end = (result: Parameters<ClientContext['finish']>[0]): void => {
    if (over) return;
    over = true;
    const at = ns.sockets.raw.indexOf(sock);
    if (at >= 0) ns.sockets.raw.splice(at, 1);
    c.finish(result, 20);
  };
  const sock: RawSock = {
    process: c.process,
    protocol,
    receive(_skb, layers) {
      const ip = layers[0] as Layer<'ipv4'> | Layer<'ipv6'>;
      const icmp = layers[1] as Layer<'icmpv4'> | Layer<'icmpv6'>;
      const { type, code, body } = icmp.header;
      const from = printAddr(ip.header.src);
      if (body.kind === 'echo' && type === (v6 ? 129 : 0) && body.id === id)
        end({ result: 'ok', answer_from: from });
      else if (v6 ? type <= 4 : type === 3 || type === 11)
        end({ result: 'icmp-error', answer_from: from, icmp_type: type, icmp_code: code });
    },
  };
  ns.sockets.raw.push(sock);
  k.after((spec.timeout_ms ?? 600) * MS, () =>
    end({ result: 'error', error: 'timeout', stage: 'recv' }),
  );
  const body = { kind: 'echo', id, seq: 1 } as const;
  const layers: Layer[] = [
    ipHeader(k, ns, route.src, dst, protocol, { ttl: spec.ttl ?? null, df: plan.df }),
    v6
      ? { kind: 'icmpv6', id: k.rec.layerId(), header: { type: 128, code: 0, body } }
      : { kind: 'icmpv4', id: k.rec.layerId(), header: { type: 8, code: 0, body } },
  ];
  const head = `kg ${spec.id.padEnd(13)}`.slice(0, 16);
  if (bytes > 0)
    layers.push({ kind: 'payload', id: k.rec.layerId(), header: { length: bytes, head } });
  k.process(() => {
    const skb = k.born(layers, c.process, spec.id);
    k.rec.event('socket.send', skb, ns.site, {
      process: c.process,
      protocol: v6 ? 'icmpv6' : 'icmp',
      socket: `raw ${protocol}`,
    });
    const found = outputRoute(k, ns, want, skb);
    if (!found.ok) return;
    skb.dst = found.dst;
    skb.ignoreDf = plan.ignoreDf;
    localOut(k, skb);
    if (skb.sendError !== null) end({ result: 'error', error: skb.sendError, stage: 'send' });
  });
}
