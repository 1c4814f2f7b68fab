// One datagram after another on a connected socket, each waits for its answer.
import { MS } from '../../base/queue.ts';
import { parseAddr } from '../../wire/addr/ip.ts';
import { outputRoute } from '../path/route.ts';
import type { Layer } from '../../wire/types.ts';
import { defaultPmtudisc } from '../sock/datagram.ts';
import { endText, isPortFree } from '../sock/table.ts';
import type { End, UdpSock } from '../sock/table.ts';
import { closeUdp, openUdp, sendUdp } from '../sock/udp.ts';
import type { ClientContext } from './client.ts';
import { ephemeralPort } from './ports.ts';

type Result = Parameters<ClientContext['finish']>[0];

export function udpClient(c: ClientContext): void {
  const { k, ns, spec } = c;
  const remote: End = { addr: parseAddr(spec.dst!)!, port: spec.dport ?? 53 };
  const bound = spec.src === undefined ? null : parseAddr(spec.src);
  const route = outputRoute(k, ns, { dst: remote.addr, src: bound, mark: 0, oif: null }, null);
  const connected = spec.connect !== false;
  // connect() asks for the way at once, sendto() with the first datagram.
  const stage = connected ? 'socket' : 'send';
  if (!route.ok) return c.finish({ result: 'error', error: route.errno, stage });
  // SO_BROADCAST is not set.
  if (route.dst.type === 'broadcast') return c.finish({ result: 'error', error: 'EACCES', stage });
  const free = (port: number): boolean => isPortFree(ns, 'udp', { addr: route.src, port });
  const local: End = { addr: route.src, port: spec.sport ?? ephemeralPort(k, ns, free) };
  let mine = 0;
  let left = spec.count ?? 1;
  const sock: UdpSock = {
    id: `udp ${endText(local)} ${endText(remote)} ${ns.sockets.next++}`,
    process: c.process,
    local,
    remote: connected ? remote : null,
    flow: spec.id,
    pmtudisc: spec.pmtudisc ?? defaultPmtudisc(ns),
    ttl: spec.ttl ?? null,
    hash: k.rng(`${ns.name} udp hash`).u32(),
    receive(_skb, from, payload: Layer<'payload'>['header']) {
      mine++;
      c.say('receive', `has the answer, ${payload.length} bytes`);
      next({
        result: 'ok',
        served_by: c.served.get(spec.id) ?? null,
        response_bytes: payload.length,
        answer_from: endText(from),
      });
    },
    error(errno) {
      // send() is not through yet: its own failure comes first.
      if (sending) pending = errno;
      else failed(errno, 'recv');
    },
  };
  let sending = false;
  let pending: string | null = null;
  let result: Result = { result: 'error' };
  const failed = (error: string, stage: 'send' | 'recv'): void => {
    mine++;
    next({ result: 'error', error, stage });
  };
  /** Each datagram's outcome is written over the one before. */
  const next = (news: Result): void => {
    result = { ...result, ...news };
    if (--left > 0) return send();
    closeUdp(ns, sock);
    c.finish(result);
  };
  const send = (): void => {
    const index = (spec.count ?? 1) - left;
    const bytes = spec.request_bytes ?? 64;
    const head = spec.request ?? `Q${`${spec.id}#${index}`.padEnd(22)};`;
    c.say('send', spec.command ?? `sends ${bytes} bytes to ${endText(remote)}`);
    const turn = ++mine;
    let errno: string | null = null;
    k.after((spec.timeout_ms ?? 600) * MS, () => {
      if (turn === mine) next({ result: 'error', error: 'timeout', stage: 'recv' });
    });
    sending = true;
    k.process(() => {
      errno = sendUdp(k, ns, sock, remote, { addr: route.src, port: local.port }, bytes, head);
    });
    sending = false;
    if (errno !== null) return failed(errno, 'send');
    const waiting = pending;
    pending = null;
    if (waiting !== null) failed(waiting, 'recv');
  };
  openUdp(k, ns, sock);
  send();
}
